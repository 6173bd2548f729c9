//! Finds mistakes in schemas that come from elsewhere.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::reference::resolve;
use super::violation::push_token;
use crate::nearest;

/// A value that is not a JSON Schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON Schema: {}{reason}", .path.as_deref().map(|path| format!("`{path}` ")).unwrap_or_default())]
pub struct SchemaError {
    /// Where, as a JSON pointer into the schema; nothing for the schema itself.
    pub path: Option<String>,
    /// What is wrong there and what would be right.
    pub reason: String,
}

/// The types a value can have.
const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

/// Schemas inside schemas up to here.
const DEPTH: usize = 128;

pub(super) fn validate(root: &Value) -> Result<(), SchemaError> {
    let mut validator = Validator {
        root,
        referenced: HashSet::new(),
        path: String::new(),
    };
    validator.schema(root, 0)
}

struct Validator<'s> {
    root: &'s Value,
    /// References that have been followed.
    referenced: HashSet<&'s str>,
    path: String,
}

impl<'s> Validator<'s> {
    fn schema(&mut self, schema: &'s Value, depth: usize) -> Result<(), SchemaError> {
        match schema {
            Value::Bool(_) => Ok(()),
            Value::Object(_) if depth >= DEPTH => Err(self.error("is nested too deeply")),
            Value::Object(keywords) => self.keywords(keywords, depth),
            other => Err(self.error(format_args!(
                "must be an object or a boolean, is {}",
                super::words::kind(other)
            ))),
        }
    }

    fn keywords(
        &mut self,
        keywords: &'s Map<String, Value>,
        depth: usize,
    ) -> Result<(), SchemaError> {
        for (keyword, operand) in keywords {
            self.inside(keyword, |validator| {
                validator.keyword(keyword, operand, depth)
            })?;
        }
        Ok(())
    }

    fn keyword(
        &mut self,
        keyword: &str,
        operand: &'s Value,
        depth: usize,
    ) -> Result<(), SchemaError> {
        match keyword {
            "type" => self.types(operand),
            "$ref" => self.reference(operand, depth),
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                self.members(operand, depth)
            }
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => self.list(operand, depth),
            "items" if operand.is_array() => self.list(operand, depth),
            "items"
            | "additionalItems"
            | "additionalProperties"
            | "propertyNames"
            | "contains"
            | "not"
            | "if"
            | "then"
            | "else" => self.schema(operand, depth + 1),
            "required" => self.names(operand),
            "enum" if !operand.is_array() => Err(self.error("must be an array")),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf"
                if !operand.is_number() =>
            {
                Err(self.error("must be a number"))
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" | "minContains" | "maxContains"
                if super::limit(operand).is_none() =>
            {
                Err(self.error("must be a whole number, not below 0"))
            }
            "uniqueItems" | "nullable" if !operand.is_boolean() => {
                Err(self.error("must be true or false"))
            }
            _ => Ok(()),
        }
    }

    fn types(&self, operand: &Value) -> Result<(), SchemaError> {
        let names = match operand {
            Value::Array(names) if !names.is_empty() => names.as_slice(),
            other => std::slice::from_ref(other),
        };
        for name in names {
            let Value::String(name) = name else {
                return Err(self.error("must be the name of a type, or a list of names"));
            };
            if !TYPES.contains(&name.as_str()) {
                let hint = match nearest(name, TYPES) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", super::words::or(&TYPES)),
                };
                return Err(self.error(format_args!("names no type: `{name}`; {hint}")));
            }
        }
        Ok(())
    }

    fn reference(&mut self, operand: &'s Value, depth: usize) -> Result<(), SchemaError> {
        let Value::String(reference) = operand else {
            return Err(self.error("must be text"));
        };
        if !reference.starts_with('#') {
            return Err(self.error(format_args!(
                "refers to `{reference}`, outside of this schema: copy what it means to `$defs`"
            )));
        }
        let Some(target) = resolve(self.root, reference) else {
            return Err(self.error(format_args!("refers to `{reference}`, which is not there")));
        };
        if self.referenced.insert(reference) {
            self.schema(target, depth + 1)?;
        }
        Ok(())
    }

    fn members(&mut self, operand: &'s Value, depth: usize) -> Result<(), SchemaError> {
        let Value::Object(members) = operand else {
            return Err(self.error("must be an object"));
        };
        for (name, schema) in members {
            self.inside(name, |validator| validator.schema(schema, depth + 1))?;
        }
        Ok(())
    }

    fn list(&mut self, operand: &'s Value, depth: usize) -> Result<(), SchemaError> {
        let Value::Array(schemas) = operand else {
            return Err(self.error("must be an array"));
        };
        for (index, schema) in schemas.iter().enumerate() {
            self.inside(&index.to_string(), |validator| {
                validator.schema(schema, depth + 1)
            })?;
        }
        Ok(())
    }

    fn names(&self, operand: &Value) -> Result<(), SchemaError> {
        match operand {
            Value::Array(names) if names.iter().all(Value::is_string) => Ok(()),
            Value::Bool(_) => Err(self.error(
                "must be an array of property names; it belongs beside `properties`, not inside a property",
            )),
            _ => Err(self.error("must be an array of property names")),
        }
    }

    fn inside<T>(&mut self, token: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        push_token(&mut self.path, token);
        let result = work(self);
        self.path.truncate(length);
        result
    }

    fn error(&self, reason: impl std::fmt::Display) -> SchemaError {
        SchemaError {
            path: (!self.path.is_empty()).then(|| self.path.clone()),
            reason: reason.to_string(),
        }
    }
}
