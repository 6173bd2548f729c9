//! Small values that fit a schema: what the offline model fills arguments with.
//!
//! Whether a schema can be satisfied at all can't be told in general. What schemas of tools and
//! answers are made of is built directly; where there are alternatives, the first one that the
//! checker accepts is taken. A budget holds for the whole sample.

use serde_json::{Map, Value};

use super::check::Checker;
use super::merge::merge;
use super::reference::resolve;
use super::sample_scalar::{number, text};
use super::violation::Place;

/// Schemas inside schemas up to here; recursive schemas end with `null`.
const DEPTH: u32 = 32;

/// Subschemas looked at for one sample.
const STEPS: u32 = 50_000;

/// The most items or properties a sample gets, whatever the schema asks for.
const MOST: usize = 1_000;

pub(super) fn sample(root: &Value) -> Value {
    let mut sampler = Sampler {
        root,
        depth: 0,
        steps: STEPS,
    };
    sampler.value(root, 0)
}

struct Sampler<'s> {
    root: &'s Value,
    depth: u32,
    steps: u32,
}

impl Sampler<'_> {
    /// The `nth` sample of a schema. Different numbers give different values where that is easy.
    fn value(&mut self, schema: &Value, nth: usize) -> Value {
        if self.depth >= DEPTH || self.steps == 0 {
            return Value::Null;
        }
        self.depth += 1;
        let keywords = self.flat(schema);
        let mut value = self.build(&keywords, nth);
        if !self.fits(schema, &value) {
            for alternative in alternatives(&keywords) {
                let candidate = self.with(&keywords, &alternative, nth);
                if self.fits(schema, &candidate) {
                    value = candidate;
                    break;
                }
            }
        }
        self.depth -= 1;
        value
    }

    fn with(&mut self, keywords: &Map<String, Value>, alternative: &Value, nth: usize) -> Value {
        let mut merged = keywords.clone();
        for resolved in ["anyOf", "oneOf", "if", "then", "else"] {
            merged.remove(resolved);
        }
        merge(&mut merged, self.flat(alternative));
        // The alternative may offer alternatives itself.
        self.value(&Value::Object(merged), nth)
    }

    /// The keywords of a schema with those of its references and of `allOf` among them.
    fn flat(&mut self, schema: &Value) -> Map<String, Value> {
        self.steps = self.steps.saturating_sub(1);
        let mut keywords = schema.as_object().cloned().unwrap_or_default();
        if self.depth >= DEPTH || self.steps == 0 {
            return keywords;
        }
        self.depth += 1;
        if let Some(Value::String(reference)) = keywords.remove("$ref")
            && let Some(target) = resolve(self.root, &reference)
        {
            let target = self.flat(target);
            merge(&mut keywords, target);
        }
        if let Some(Value::Array(all)) = keywords.remove("allOf") {
            for schema in &all {
                let schema = self.flat(schema);
                merge(&mut keywords, schema);
            }
        }
        self.depth -= 1;
        keywords
    }

    fn fits(&mut self, schema: &Value, value: &Value) -> bool {
        let mut checker = Checker::quiet(self.root, self.steps);
        let fits = checker.fits(schema, value, &Place::ROOT);
        self.steps = checker.steps();
        fits
    }

    fn build(&mut self, keywords: &Map<String, Value>, nth: usize) -> Value {
        if let Some(only) = keywords.get("const") {
            return only.clone();
        }
        if let Some(Value::Array(allowed)) = keywords.get("enum") {
            return self.one_of(allowed, keywords, nth);
        }
        match type_of(keywords) {
            "object" => self.object(keywords, nth),
            "array" => self.array(keywords, nth),
            "string" => text(keywords, nth),
            "integer" => number(keywords, nth, true),
            "number" => number(keywords, nth, false),
            "boolean" => Value::Bool(nth % 2 == 1),
            _ => Value::Null,
        }
    }

    /// The `nth` allowed value that fits the other keywords too.
    fn one_of(&mut self, allowed: &[Value], keywords: &Map<String, Value>, nth: usize) -> Value {
        let whole = Value::Object(keywords.clone());
        let mut fitting: Vec<&Value> = Vec::new();
        for value in allowed {
            if self.fits(&whole, value) {
                fitting.push(value);
                if fitting.len() > nth {
                    break;
                }
            }
        }
        let chosen = match fitting.len() {
            // None may fit because an alternative has to be chosen first.
            0 => allowed.get(nth % allowed.len().max(1)),
            count => fitting.get(nth % count).copied(),
        };
        chosen.cloned().unwrap_or(Value::Null)
    }

    fn object(&mut self, keywords: &Map<String, Value>, nth: usize) -> Value {
        let none = Map::new();
        let properties = match keywords.get("properties") {
            Some(Value::Object(properties)) => properties,
            _ => &none,
        };
        let other = keywords.get("additionalProperties").unwrap_or(&Value::Null);
        let mut members = Map::new();
        for name in required(keywords) {
            let schema = properties.get(&name).unwrap_or(other);
            let value = self.value(schema, nth);
            members.insert(name, value);
        }
        let least = keywords.get("minProperties").and_then(super::limit);
        let least = least.unwrap_or(0).min(MOST);
        for (name, schema) in properties {
            if members.len() >= least {
                break;
            }
            if !members.contains_key(name) {
                let value = self.value(schema, nth);
                members.insert(name.clone(), value);
            }
        }
        let names = keywords.get("propertyNames").unwrap_or(&Value::Null);
        for index in 0..least.saturating_mul(2) {
            if members.len() >= least || self.steps == 0 {
                break;
            }
            let name = match self.value(names, index) {
                Value::String(name) => name,
                _ => format!("property_{}", index + 1),
            };
            if !members.contains_key(&name) {
                let value = self.value(other, nth);
                members.insert(name, value);
            }
        }
        Value::Object(members)
    }

    fn array(&mut self, keywords: &Map<String, Value>, nth: usize) -> Value {
        let number_of = |keyword| keywords.get(keyword).and_then(super::limit);
        let contains = keywords.get("contains");
        let contained = match contains {
            Some(_) => number_of("minContains").unwrap_or(1),
            None => 0,
        };
        let mut least = number_of("minItems").unwrap_or(0).max(contained);
        if nth > 0 && number_of("maxItems").is_none_or(|most| most > least) {
            least += 1;
        }
        let least = least.min(MOST);
        let unique = keywords.get("uniqueItems") == Some(&Value::Bool(true));
        let mut items: Vec<Value> = Vec::new();
        let mut variant = nth;
        while items.len() < least && self.steps > 0 && variant < nth + 2 * MOST {
            let schema = item_schema(keywords, items.len());
            let item = match contains {
                Some(contains) if items.len() < contained => {
                    self.value(&serde_json::json!({ "allOf": [schema, contains] }), variant)
                }
                _ => self.value(schema, variant),
            };
            if unique {
                variant += 1;
                if items.contains(&item) {
                    continue;
                }
            }
            items.push(item);
        }
        Value::Array(items)
    }
}

/// The schema of the item at an index.
fn item_schema(keywords: &Map<String, Value>, index: usize) -> &Value {
    let item = |keyword| match keywords.get(keyword) {
        Some(Value::Array(schemas)) => schemas.get(index),
        other => other,
    };
    let first = match keywords.get("prefixItems") {
        Some(Value::Array(schemas)) => schemas.get(index),
        _ => None,
    };
    first
        .or_else(|| item("items"))
        .or_else(|| item("additionalItems"))
        .unwrap_or(&Value::Null)
}

/// The names that must be there, with those that they ask for.
fn required(keywords: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let add = |wanted: Option<&Value>, names: &mut Vec<String>| {
        for name in wanted.and_then(Value::as_array).into_iter().flatten() {
            if let Value::String(name) = name
                && !names.contains(name)
                && names.len() < MOST
            {
                names.push(name.clone());
            }
        }
    };
    add(keywords.get("required"), &mut names);
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        for rules in ["dependentRequired", "dependencies"] {
            add(
                keywords.get(rules).and_then(|rules| rules.get(&name)),
                &mut names,
            );
        }
        next += 1;
    }
    names
}

/// What else has to be taken in: one branch, or what follows from a condition.
fn alternatives(keywords: &Map<String, Value>) -> Vec<Value> {
    let mut alternatives = Vec::new();
    for choice in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = keywords.get(choice) {
            alternatives.extend(branches.iter().cloned());
        }
    }
    if let (Some(Value::Array(any)), Some(Value::Array(one))) =
        (keywords.get("anyOf"), keywords.get("oneOf"))
    {
        alternatives.clear();
        for left in any.iter().take(16) {
            for right in one.iter().take(16) {
                alternatives.push(serde_json::json!({ "allOf": [left, right] }));
            }
        }
    }
    if let Some(condition) = keywords.get("if") {
        let when_met = keywords.get("then").unwrap_or(&Value::Bool(true));
        alternatives.push(serde_json::json!({ "allOf": [condition, when_met] }));
        alternatives.extend(keywords.get("else").cloned());
    }
    alternatives
}

/// The type to build: the first one that is not null, or what the keywords hint at.
fn type_of(keywords: &Map<String, Value>) -> &str {
    match keywords.get("type") {
        Some(Value::String(name)) => return name,
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str);
            return names.find(|name| *name != "null").unwrap_or("null");
        }
        _ => {}
    }
    keywords
        .keys()
        .find_map(|keyword| match keyword.as_str() {
            "properties"
            | "required"
            | "minProperties"
            | "additionalProperties"
            | "propertyNames" => Some("object"),
            "items" | "prefixItems" | "minItems" | "contains" | "uniqueItems" => Some("array"),
            "minLength" | "maxLength" | "pattern" | "format" => Some("string"),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                Some("number")
            }
            _ => None,
        })
        .unwrap_or("null")
}
