//! The keywords for objects and arrays.

use serde_json::{Map, Value};

use super::check::Checker;
use super::number;
use super::violation::Place;
use super::words::names;
use crate::nearest;

impl Checker<'_> {
    pub(super) fn fits_object(
        &mut self,
        keyword: &str,
        operand: &Value,
        keywords: &Map<String, Value>,
        members: &Map<String, Value>,
        place: &Place<'_>,
    ) -> bool {
        match (keyword, operand) {
            ("properties", Value::Object(properties)) => {
                self.fits_properties(properties, keywords, members, place)
            }
            ("required", Value::Array(required)) => {
                self.has_all(required, members, place, || "missing".to_owned())
            }
            ("additionalProperties", schema) if *schema != Value::Bool(true) => {
                self.fits_additional(schema, keywords, members, place)
            }
            ("propertyNames", schema) => members.keys().all(|name| {
                let fits =
                    self.fits_quietly(schema, &Value::String(name.clone()), &place.name(name));
                fits || self.report(&place.name(name), || {
                    "the schema does not allow this name".to_owned()
                })
            }),
            ("minProperties", _) => self.at_least(operand, members.len(), "properties", place),
            ("maxProperties", _) => self.at_most(operand, members.len(), "properties", place),
            ("dependentRequired" | "dependencies", Value::Object(rules)) => {
                self.fits_dependent(rules, members, place)
            }
            _ => true,
        }
    }

    fn fits_properties(
        &mut self,
        properties: &Map<String, Value>,
        keywords: &Map<String, Value>,
        members: &Map<String, Value>,
        place: &Place<'_>,
    ) -> bool {
        let mut fits = true;
        for (name, value) in members {
            let Some(schema) = properties.get(name) else {
                continue;
            };
            if value.is_null() && !is_required(keywords, name) {
                continue;
            }
            fits &= self.fits(schema, value, &place.name(name));
            if !fits && self.is_quiet() {
                return false;
            }
        }
        fits
    }

    fn fits_additional(
        &mut self,
        schema: &Value,
        keywords: &Map<String, Value>,
        members: &Map<String, Value>,
        place: &Place<'_>,
    ) -> bool {
        // Which names `patternProperties` covers is not known here, so none is refused.
        if let Some(Value::Object(patterns)) = keywords.get("patternProperties")
            && !patterns.is_empty()
        {
            return true;
        }
        let properties = keywords.get("properties").and_then(Value::as_object);
        let mut fits = true;
        for (name, value) in members {
            if properties.is_some_and(|known| known.contains_key(name)) {
                continue;
            }
            fits &= if *schema == Value::Bool(false) {
                self.report(&place.name(name), || unknown(name, properties))
            } else {
                self.fits(schema, value, &place.name(name))
            };
            if !fits && self.is_quiet() {
                return false;
            }
        }
        fits
    }

    /// What must be there when something else is.
    fn fits_dependent(
        &mut self,
        rules: &Map<String, Value>,
        members: &Map<String, Value>,
        place: &Place<'_>,
    ) -> bool {
        let mut fits = true;
        for (name, rule) in rules {
            if let Value::Array(required) = rule
                && members.contains_key(name)
            {
                fits &= self.has_all(required, members, place, || {
                    format!("missing; it is required together with `{name}`")
                });
            }
        }
        fits
    }

    fn has_all(
        &mut self,
        required: &[Value],
        members: &Map<String, Value>,
        place: &Place<'_>,
        message: impl Fn() -> String,
    ) -> bool {
        let mut fits = true;
        for name in required.iter().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                fits = self.report(&place.name(name), &message);
                if self.is_quiet() {
                    return false;
                }
            }
        }
        fits
    }

    pub(super) fn fits_array(
        &mut self,
        keyword: &str,
        operand: &Value,
        keywords: &Map<String, Value>,
        items: &[Value],
        place: &Place<'_>,
    ) -> bool {
        match (keyword, operand) {
            // Draft 7 wrote `items: […]` and `additionalItems` for `prefixItems` and `items`.
            ("prefixItems" | "items", Value::Array(schemas)) => {
                let mut fits = true;
                for (index, (schema, item)) in schemas.iter().zip(items).enumerate() {
                    fits &= self.fits(schema, item, &place.index(index));
                }
                fits
            }
            ("items", schema) => {
                let first = keywords.get("prefixItems").map_or(0, length);
                self.fits_items(schema, items, first, place)
            }
            ("additionalItems", schema) => match keywords.get("items") {
                Some(first @ Value::Array(_)) => {
                    self.fits_items(schema, items, length(first), place)
                }
                _ => true,
            },
            ("contains", schema) => self.fits_contains(schema, keywords, items, place),
            ("minItems", _) => self.at_least(operand, items.len(), "items", place),
            ("maxItems", _) => self.at_most(operand, items.len(), "items", place),
            ("uniqueItems", Value::Bool(true)) => self.are_unique(items, place),
            _ => true,
        }
    }

    fn fits_items(
        &mut self,
        schema: &Value,
        items: &[Value],
        first: usize,
        place: &Place<'_>,
    ) -> bool {
        let mut fits = true;
        for (index, item) in items.iter().enumerate().skip(first) {
            fits &= self.fits(schema, item, &place.index(index));
            if !fits && self.is_quiet() {
                return false;
            }
        }
        fits
    }

    fn fits_contains(
        &mut self,
        schema: &Value,
        keywords: &Map<String, Value>,
        items: &[Value],
        place: &Place<'_>,
    ) -> bool {
        let least = keywords
            .get("minContains")
            .and_then(super::limit)
            .unwrap_or(1);
        let most = keywords.get("maxContains").and_then(super::limit);
        let count = items
            .iter()
            .filter(|item| self.fits_quietly(schema, item, place))
            .count();
        if count < least {
            return self.report(place, || {
                format!("at least {least} items must fit `contains`, got {count}")
            });
        }
        match most {
            Some(most) if count > most => self.report(place, || {
                format!("at most {most} items may fit `contains`, got {count}")
            }),
            _ => true,
        }
    }

    fn are_unique(&mut self, items: &[Value], place: &Place<'_>) -> bool {
        for (index, item) in items.iter().enumerate() {
            if !self.spend(index) {
                return self.report(place, || "too many items to be checked".to_owned());
            }
            let earlier = items
                .iter()
                .take(index)
                .position(|other| number::equal(other, item));
            if let Some(earlier) = earlier {
                return self.report(&place.index(index), || {
                    format!("the same as item {earlier}; items must differ")
                });
            }
        }
        true
    }

    fn at_least(&mut self, operand: &Value, count: usize, what: &str, place: &Place<'_>) -> bool {
        match super::limit(operand) {
            Some(least) if count < least => self.report(place, || {
                format!("expected at least {least} {what}, got {count}")
            }),
            _ => true,
        }
    }

    fn at_most(&mut self, operand: &Value, count: usize, what: &str, place: &Place<'_>) -> bool {
        match super::limit(operand) {
            Some(most) if count > most => self.report(place, || {
                format!("expected at most {most} {what}, got {count}")
            }),
            _ => true,
        }
    }
}

/// Whether an object schema requires the property.
pub(super) fn is_required(keywords: &Map<String, Value>, name: &str) -> bool {
    keywords
        .get("required")
        .and_then(Value::as_array)
        .is_some_and(|required| required.iter().any(|one| one == name))
}

fn length(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

fn unknown(name: &str, properties: Option<&Map<String, Value>>) -> String {
    let known = properties.into_iter().flat_map(Map::keys);
    if let Some(near) = nearest(name, known.clone().map(String::as_str)) {
        return format!("unknown property; did you mean `{near}`?");
    }
    match names(known.map(String::as_str)) {
        Some(known) => format!("unknown property; known: {known}"),
        None => "unknown property; none is allowed here".to_owned(),
    }
}
