//! Values and schemas in words, short enough for an error message.

use serde_json::{Map, Value};

/// How many names or literals one message lists.
const LISTED: usize = 20;

/// How many characters of a value one message shows.
const SHOWN: usize = 60;

/// The type of a value.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if super::number::is_integer(number) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A value as JSON, cut when it is long; arrays and objects by their type.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Array(_) => "this array".to_owned(),
        Value::Object(_) => "this object".to_owned(),
        Value::String(text) if text.len() > SHOWN => {
            let shown: String = text.chars().take(SHOWN).collect();
            format!("{}…", Value::String(shown))
        }
        other => other.to_string(),
    }
}

/// A list of literals: `"c", "f"`.
pub(super) fn literals<'v>(values: impl IntoIterator<Item = &'v Value>) -> String {
    listed(values.into_iter().map(|value| match value {
        Value::Array(_) | Value::Object(_) => value.to_string(),
        other => literal(other),
    }))
    .unwrap_or_else(|| "the allowed values: there are none".to_owned())
}

/// A list of names: `` `city`, `days` ``.
pub(super) fn names<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    listed(names.into_iter().map(|name| format!("`{name}`")))
}

fn listed(parts: impl Iterator<Item = String>) -> Option<String> {
    let mut list = String::new();
    for (index, part) in parts.enumerate() {
        if index == LISTED {
            list.push_str(", …");
            break;
        }
        if index > 0 {
            list.push_str(", ");
        }
        list.push_str(&part);
    }
    (!list.is_empty()).then_some(list)
}

/// What `type` asks for: `string or null`.
pub(super) fn type_words(types: &Value) -> String {
    match types {
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
            or(&names)
        }
        other => other.to_string(),
    }
}

/// A choice: `a, b or c`.
pub(super) fn or<T: AsRef<str>>(choices: &[T]) -> String {
    let mut text = String::new();
    for (index, choice) in choices.iter().enumerate() {
        if index > 0 {
            text.push_str(if index + 1 == choices.len() {
                " or "
            } else {
                ", "
            });
        }
        text.push_str(choice.as_ref());
    }
    text
}

/// What a schema asks for, in a few words; nothing where there are none.
pub(super) fn schema_words(schema: &Map<String, Value>) -> Option<String> {
    if let Some(only) = schema.get("const") {
        return Some(literal(only));
    }
    if let Some(Value::Array(allowed)) = schema.get("enum") {
        return Some(literals(allowed));
    }
    let mut words = schema.get("type").map(type_words)?;
    if words == "object"
        && let Some(Value::Array(required)) = schema.get("required")
        && let Some(required) = names(required.iter().filter_map(Value::as_str))
    {
        words.push_str(" with ");
        words.push_str(&required);
    }
    Some(words)
}
