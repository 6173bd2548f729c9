//! Parameters of tools as people write them in files: JSON Schema, or a short form of it.

use agno_core::{Schema, SchemaError, nearest};
use serde_json::{Map, Value, json};

/// Parameters that are neither a JSON Schema of an object nor the short form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParametersError {
    /// They are not an object.
    #[error("parameters must be an object: `name: type` for each, or a JSON Schema")]
    NotAnObject,
    /// The short form names a type that there is not.
    #[error("parameter `{name}` has an unknown type `{given}`{hint}")]
    UnknownType {
        /// The parameter.
        name: String,
        /// What was written.
        given: String,
        /// What to write.
        hint: String,
    },
    /// A parameter of the short form is neither a type nor a schema.
    #[error("parameter `{name}` must be the name of a type, such as `string`, or a JSON Schema")]
    NotAType {
        /// The parameter.
        name: String,
    },
    /// The JSON Schema has a mistake.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// The types of the short form. Each also with `[]` for a list of them.
const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "object", "array"];

/// The schema of a tool's parameters from JSON Schema, or from the short form: `name: type`, with
/// `?` after the name or the type of what may be left out and `[]` after the type for lists. In the
/// short form, a parameter may have a JSON Schema instead of a type.
///
/// ```
/// let short = serde_json::json!({ "order_id": "string", "lines": "integer[]?" });
/// let schema = agno_tools::parameters(short)?;
/// assert_eq!(schema.value()["required"], serde_json::json!(["order_id"]));
/// # Ok::<(), agno_tools::ParametersError>(())
/// ```
///
/// # Errors
/// If it is neither.
pub fn parameters(given: Value) -> Result<Schema, ParametersError> {
    let Value::Object(members) = given else {
        return Err(ParametersError::NotAnObject);
    };
    let is_schema = members.get("type").is_some_and(|name| name == "object")
        || members.get("properties").is_some_and(Value::is_object);
    let schema = if is_schema {
        whole(members)
    } else {
        from_short_form(members)?
    };
    Ok(Schema::parse(schema)?)
}

fn whole(mut schema: Map<String, Value>) -> Value {
    schema.entry("type").or_insert_with(|| "object".into());
    schema.entry("properties").or_insert_with(|| json!({}));
    Value::Object(schema)
}

fn from_short_form(members: Map<String, Value>) -> Result<Value, ParametersError> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, given) in members {
        let (name, mut optional) = match name.strip_suffix('?') {
            Some(name) => (name.to_owned(), true),
            None => (name, false),
        };
        let schema = match given {
            Value::String(written) => {
                let kind = match written.strip_suffix('?') {
                    Some(kind) => {
                        optional = true;
                        kind
                    }
                    None => &written,
                };
                of_type(&name, kind)?
            }
            Value::Object(_) => given,
            _ => return Err(ParametersError::NotAType { name }),
        };
        if !optional {
            required.push(Value::String(name.clone()));
        }
        properties.insert(name, schema);
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    Ok(Value::Object(schema))
}

fn of_type(name: &str, kind: &str) -> Result<Value, ParametersError> {
    if let Some(item) = kind.strip_suffix("[]") {
        return Ok(json!({ "type": "array", "items": of_type(name, item)? }));
    }
    if TYPES.contains(&kind) {
        return Ok(json!({ "type": kind }));
    }
    let hint = match nearest(kind, TYPES) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; there are {}", TYPES.join(", ")),
    };
    Err(ParametersError::UnknownType {
        name: name.to_owned(),
        given: kind.to_owned(),
        hint,
    })
}

#[cfg(test)]
mod tests {
    use super::parameters;
    use serde_json::json;

    #[test]
    fn the_short_form_is_a_schema() {
        let short = json!({
            "order_id": "string",
            "note?": "string",
            "type": "integer?",
            "tags": "string[]?",
            "units": { "enum": ["c", "f"] },
        });
        assert_eq!(
            parameters(short).unwrap().value(),
            &json!({
                "type": "object",
                "properties": {
                    "order_id": { "type": "string" },
                    "note": { "type": "string" },
                    "type": { "type": "integer" },
                    "tags": { "type": "array", "items": { "type": "string" } },
                    "units": { "enum": ["c", "f"] },
                },
                "required": ["order_id", "units"],
            })
        );
    }

    #[test]
    fn json_schema_stays_what_it_is() {
        let schema = json!({ "type": "object", "properties": { "a": {} }, "required": ["a"] });
        assert_eq!(parameters(schema.clone()).unwrap().value(), &schema);
        assert_eq!(
            parameters(json!({})).unwrap().value(),
            &json!({ "type": "object", "properties": {} })
        );
    }

    #[test]
    fn mistakes_are_explained() {
        for (given, expected) in [
            (
                json!({ "n": "int" }),
                "parameter `n` has an unknown type `int`; there are string, integer, number, \
                 boolean, object, array",
            ),
            (
                json!({ "n": "sting" }),
                "parameter `n` has an unknown type `sting`; did you mean `string`?",
            ),
            (
                json!({ "n": 1 }),
                "parameter `n` must be the name of a type, such as `string`, or a JSON Schema",
            ),
            (
                json!("string"),
                "parameters must be an object: `name: type` for each, or a JSON Schema",
            ),
            (
                json!({ "type": "object", "properties": { "n": { "type": "int" } } }),
                "not a JSON Schema: `/properties/n/type` names no type: `int`; there are null, \
                 boolean, integer, number, string, array or object",
            ),
        ] {
            assert_eq!(parameters(given).unwrap_err().to_string(), expected);
        }
    }
}
