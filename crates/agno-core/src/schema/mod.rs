//! JSON Schema: what models are told about arguments and answers, and how these are checked.
//!
//! The checker is our own, because the usual crate takes as long to compile as the rest of the
//! framework. It knows the assertions of JSON Schema 2020-12 (and draft 7's spelling of them) with
//! references within the schema. These say nothing to it, as the standard allows for annotations:
//! `pattern`, `patternProperties`, `format`, `unevaluatedItems`, `unevaluatedProperties`,
//! `$dynamicRef` and keywords it has never heard of.
//!
//! In one point it is more lenient than the standard: `null` for a property that is not required
//! counts as leaving the property out, because that is what models mean by it.

mod branches;
mod check;
mod collections;
mod merge;
mod number;
mod of;
mod parse;
mod reference;
mod sample;
mod sample_scalar;
mod violation;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use schemars::generate::SchemaGenerator;
use serde_json::Value;

pub use parse::SchemaError;
pub(crate) use violation::push_token;
pub use violation::{Violation, Violations};

/// A JSON Schema with its text, which is sent with every request to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    value: Value,
    text: Arc<str>,
}

impl Schema {
    /// A schema from a value that is known to be one, such as a literal of the program. Parts that
    /// make no sense are annotations to [`Schema::check`]; [`Schema::parse`] refuses them.
    pub fn new(value: Value) -> Self {
        let text = value.to_string().into();
        Self { value, text }
    }

    /// A schema from elsewhere: a file, a remote server, a request.
    ///
    /// # Errors
    /// If the value is neither an object nor a boolean, if a keyword has a value that it can't have,
    /// or if a reference points nowhere or out of the schema.
    pub fn parse(value: Value) -> Result<Self, SchemaError> {
        parse::validate(&value)?;
        Ok(Self::new(value))
    }

    /// The schema of a Rust type: self-contained unless the type is recursive, without titles, and
    /// with optional fields left out of `required` instead of allowing `null`.
    pub fn of<T: schemars::JsonSchema + ?Sized>() -> Self {
        Self::new(of::schema(SchemaGenerator::into_root_schema_for::<T>))
    }

    /// The schema of a type that holds a tool's arguments. As [`Schema::of`], but always with
    /// `properties` and `required`, which some providers insist on.
    pub fn of_arguments<T: schemars::JsonSchema + ?Sized>() -> Self {
        let mut value = of::schema(SchemaGenerator::into_root_schema_for::<T>);
        if let Value::Object(keywords) = &mut value {
            // Models are told what the tool does, not what its arguments' type is for.
            keywords.shift_remove("description");
            keywords
                .entry("type")
                .or_insert_with(|| Value::from("object"));
            keywords
                .entry("properties")
                .or_insert_with(|| Value::Object(serde_json::Map::new()));
            keywords
                .entry("required")
                .or_insert_with(|| Value::Array(Vec::new()));
        }
        Self::new(value)
    }

    /// The schema as JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The schema as text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether a value fits. Allocates nothing if it does.
    ///
    /// # Errors
    /// What is wrong with the value, where, and what would be right, in words for a model. A schema
    /// that asks for endless work gets an error as well.
    pub fn check(&self, instance: &Value) -> Result<(), Violations> {
        let mut checker = check::Checker::new(&self.value);
        if checker.fits(&self.value, instance, &violation::Place::ROOT) {
            return Ok(());
        }
        let found = checker.found;
        Err(Violations::new(found.violations, found.more))
    }

    /// A small value that fits, the same each time: required properties only, no more items than
    /// needed, the number nearest to 0. For schemas that no such value is found for (nothing may fit
    /// them), a value of the right type.
    pub fn sample(&self) -> Value {
        sample::sample(&self.value)
    }
}

impl From<Value> for Schema {
    fn from(value: Value) -> Self {
        Self::new(value)
    }
}

/// The operand of `minLength` and the like; nothing where it is not one.
fn limit(operand: &Value) -> Option<usize> {
    let limit = number::integer(operand.as_number()?)?;
    (limit >= 0).then(|| usize::try_from(limit).unwrap_or(usize::MAX))
}

impl serde::Serialize for Schema {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Schema {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::new)
    }
}
