//! Checks a value against a schema.
//!
//! The schema is walked as it is, keyword by keyword: tool schemas have a handful of keywords and
//! are checked against a handful of arguments, so there is nothing that compiling them would save.
//! Nothing is allocated as long as the value fits. Schemas come from users and from remote servers;
//! a budget of steps and a limit of depth hold for every check, whatever the schema says.

use serde_json::{Map, Value};

use super::number;
use super::reference::resolve;
use super::violation::{KEPT, Place, Violation};
use super::words::{kind, literal, literals, type_words};

/// Schemas inside schemas (and references to references) up to here. Values are parsed to a depth
/// of 128, each level takes a few.
const DEPTH: u32 = 256;

/// How many subschemas and items one check looks at. Some milliseconds, whatever the schema says.
const STEPS: u32 = 1_000_000;

/// One check.
pub(super) struct Checker<'s> {
    root: &'s Value,
    pub(super) found: Found,
    /// Whether only the answer is wanted: then nothing is recorded, and the first violation ends it.
    quiet: bool,
    depth: u32,
    steps: u32,
}

/// What a check found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) violations: Vec<Violation>,
    pub(super) more: usize,
    /// How many of them say that a value is of the wrong type or not one of the allowed ones.
    pub(super) mismatches: usize,
}

impl<'s> Checker<'s> {
    pub(super) fn new(root: &'s Value) -> Self {
        Self {
            root,
            found: Found::default(),
            quiet: false,
            depth: 0,
            steps: STEPS,
        }
    }

    /// A check that only answers whether the value fits.
    pub(super) fn quiet(root: &'s Value, steps: u32) -> Self {
        Self {
            quiet: true,
            steps,
            ..Self::new(root)
        }
    }

    /// The steps that are left.
    pub(super) fn steps(&self) -> u32 {
        self.steps
    }

    /// Whether `instance` fits `schema`.
    pub(super) fn fits(&mut self, schema: &Value, instance: &Value, place: &Place<'_>) -> bool {
        if self.depth >= DEPTH || self.steps == 0 {
            return self.report(place, || {
                "nested too deeply, or too large, to be checked".to_owned()
            });
        }
        self.steps -= 1;
        match schema {
            Value::Bool(false) => self.report(place, || "nothing is allowed here".to_owned()),
            Value::Object(keywords) => {
                self.depth += 1;
                let fits = self.fits_keywords(keywords, instance, place);
                self.depth -= 1;
                fits
            }
            _ => true,
        }
    }

    /// Whether `instance` fits `schema`, without a word about why not.
    pub(super) fn fits_quietly(
        &mut self,
        schema: &Value,
        instance: &Value,
        place: &Place<'_>,
    ) -> bool {
        let loud = !std::mem::replace(&mut self.quiet, true);
        let fits = self.fits(schema, instance, place);
        self.quiet = !loud;
        fits
    }

    /// Runs a check aside and gives what it found.
    pub(super) fn aside(&mut self, schema: &Value, instance: &Value, place: &Place<'_>) -> Found {
        let before = std::mem::take(&mut self.found);
        self.fits(schema, instance, place);
        std::mem::replace(&mut self.found, before)
    }

    /// Records a violation. Always false, so that it can end a check.
    pub(super) fn report(&mut self, place: &Place<'_>, message: impl FnOnce() -> String) -> bool {
        if !self.quiet {
            if self.found.violations.len() < KEPT {
                self.found.violations.push(Violation {
                    path: place.pointer(),
                    message: message(),
                });
            } else {
                self.found.more += 1;
            }
        }
        false
    }

    /// Records that a value is of the wrong type or not one of the allowed ones.
    pub(super) fn mismatch(&mut self, place: &Place<'_>, message: impl FnOnce() -> String) -> bool {
        self.found.mismatches += 1;
        self.report(place, message)
    }

    /// Takes over what a check aside found.
    pub(super) fn adopt(&mut self, found: Found) -> bool {
        self.found.more += found.more;
        self.found.mismatches += found.mismatches;
        for violation in found.violations {
            if self.found.violations.len() < KEPT {
                self.found.violations.push(violation);
            } else {
                self.found.more += 1;
            }
        }
        false
    }

    /// The whole schema, which references are relative to.
    pub(super) fn root(&self) -> &'s Value {
        self.root
    }

    /// Whether only the answer is wanted.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Takes steps for work outside of subschemas; false when there are none left.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0
    }

    fn fits_keywords(
        &mut self,
        keywords: &Map<String, Value>,
        instance: &Value,
        place: &Place<'_>,
    ) -> bool {
        // Where the type is wrong, no other keyword has anything to add. It is usually the first of
        // a few keywords, so looking costs less than hashing.
        if let Some((_, types)) = keywords.iter().find(|(keyword, _)| *keyword == "type")
            && !is_of_type(types, instance)
            && !(instance.is_null() && keywords.get("nullable") == Some(&Value::Bool(true)))
        {
            return self.mismatch(place, || {
                format!("expected {}, got {}", type_words(types), kind(instance))
            });
        }
        let mut fits = true;
        for (keyword, operand) in keywords {
            fits &= match instance {
                Value::Object(members) => {
                    self.fits_object(keyword, operand, keywords, members, place)
                }
                Value::Array(items) => self.fits_array(keyword, operand, keywords, items, place),
                Value::String(text) => self.fits_text(keyword, operand, text, place),
                Value::Number(number) => self.fits_number(keyword, operand, number, place),
                Value::Null | Value::Bool(_) => true,
            } && self.fits_general(keyword, operand, keywords, instance, place);
            if !fits && self.quiet {
                return false;
            }
        }
        fits
    }

    /// The keywords that apply to values of every type.
    fn fits_general(
        &mut self,
        keyword: &str,
        operand: &Value,
        keywords: &Map<String, Value>,
        instance: &Value,
        place: &Place<'_>,
    ) -> bool {
        match (keyword, operand) {
            ("$ref", Value::String(reference)) => match resolve(self.root, reference) {
                Some(schema) => self.fits(schema, instance, place),
                None => self.report(place, || {
                    format!(
                        "can't be checked: the schema refers to `{reference}`, which is not in it"
                    )
                }),
            },
            ("const", only) => {
                number::equal(only, instance)
                    || self.mismatch(place, || {
                        format!("expected {}, got {}", literal(only), literal(instance))
                    })
            }
            ("enum", Value::Array(allowed)) => {
                allowed.iter().any(|one| number::equal(one, instance))
                    || (instance.is_null() && keywords.get("nullable") == Some(&Value::Bool(true)))
                    || self.mismatch(place, || {
                        format!("{} is not one of {}", literal(instance), literals(allowed))
                    })
            }
            ("allOf", Value::Array(all)) => {
                let mut fits = true;
                for schema in all {
                    fits &= self.fits(schema, instance, place);
                    if !fits && self.quiet {
                        break;
                    }
                }
                fits
            }
            ("anyOf", Value::Array(branches)) => {
                branches
                    .iter()
                    .any(|branch| self.fits_quietly(branch, instance, place))
                    || self.explain_branches(branches, instance, place)
            }
            ("oneOf", Value::Array(branches)) => self.fits_one(branches, instance, place),
            ("dependentSchemas" | "dependencies", Value::Object(schemas)) => {
                let mut fits = true;
                for (name, schema) in schemas {
                    if !schema.is_array() && instance.get(name).is_some() {
                        fits &= self.fits(schema, instance, place);
                    }
                }
                fits
            }
            ("not", unwanted) => {
                !self.fits_quietly(unwanted, instance, place)
                    || self.report(place, || {
                        format!("{} is excluded by the schema", literal(instance))
                    })
            }
            ("if", condition) => {
                let branch = if self.fits_quietly(condition, instance, place) {
                    keywords.get("then")
                } else {
                    keywords.get("else")
                };
                branch.is_none_or(|schema| self.fits(schema, instance, place))
            }
            _ => true,
        }
    }

    fn fits_one(&mut self, branches: &[Value], instance: &Value, place: &Place<'_>) -> bool {
        let fitting = branches
            .iter()
            .filter(|branch| self.fits_quietly(branch, instance, place))
            .take(2)
            .count();
        match fitting {
            1 => true,
            0 => self.explain_branches(branches, instance, place),
            _ => self.report(place, || {
                "fits more than one of the alternatives; it must fit exactly one".to_owned()
            }),
        }
    }

    fn fits_text(&mut self, keyword: &str, operand: &Value, text: &str, place: &Place<'_>) -> bool {
        let limit = match keyword {
            "minLength" | "maxLength" => super::limit(operand),
            _ => None,
        };
        let Some(limit) = limit else { return true };
        // Bytes are at least as many as letters, and at most four times as many.
        let letters = if text.len() > limit.saturating_mul(4) {
            text.len() / 4
        } else {
            text.chars().count()
        };
        match keyword {
            "minLength" if letters < limit => self.report(place, || {
                format!("too short: at least {limit} characters, got {letters}")
            }),
            "maxLength" if letters > limit => {
                self.report(place, || format!("too long: at most {limit} characters"))
            }
            _ => true,
        }
    }

    fn fits_number(
        &mut self,
        keyword: &str,
        operand: &Value,
        value: &serde_json::Number,
        place: &Place<'_>,
    ) -> bool {
        let Value::Number(bound) = operand else {
            return true;
        };
        let order = number::compare(value, bound);
        let (fits, rule) = match keyword {
            "minimum" => (order.is_ge(), "at least"),
            "maximum" => (order.is_le(), "at most"),
            "exclusiveMinimum" => (order.is_gt(), "more than"),
            "exclusiveMaximum" => (order.is_lt(), "less than"),
            "multipleOf" => (number::is_multiple(value, bound), "a multiple of"),
            _ => return true,
        };
        fits || self.report(place, || format!("must be {rule} {bound}, got {value}"))
    }
}

/// Whether the value is of the type, or one of the types, that `type` names. Unknown names fit
/// nothing, and `Schema::parse` refuses them.
pub(super) fn is_of_type(types: &Value, instance: &Value) -> bool {
    match types {
        Value::String(name) => is_of(name, instance),
        Value::Array(names) => names
            .iter()
            .any(|name| name.as_str().is_some_and(|name| is_of(name, instance))),
        _ => true,
    }
}

fn is_of(name: &str, instance: &Value) -> bool {
    match instance {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(value) => {
            name == "number" || (name == "integer" && number::is_integer(value))
        }
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
    }
}
