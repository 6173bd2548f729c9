//! The keywords of two schemas that must both hold, as those of one.

use serde_json::{Map, Value, json};

use super::number;

/// Adds the keywords of `from` to `into`.
pub(super) fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (keyword, operand) in from {
        let merged = match into.get(&keyword) {
            Some(present) => both(&keyword, present, operand),
            None => operand,
        };
        into.insert(keyword, merged);
    }
}

fn both(keyword: &str, left: &Value, right: Value) -> Value {
    match keyword {
        "properties" | "$defs" | "definitions" | "dependentSchemas" => properties(left, right),
        "required" => union(left, right),
        "type" => common_type(left, right),
        "enum" => common(left, right),
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties"
        | "minContains" => extreme(left, right, false),
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties"
        | "maxContains" => extreme(left, right, true),
        "items" | "additionalProperties" | "propertyNames" if *left != right => {
            json!({ "allOf": [left, right] })
        }
        "uniqueItems" => Value::Bool(left == true || right == true),
        _ => left.clone(),
    }
}

fn properties(left: &Value, right: Value) -> Value {
    let (Value::Object(left), Value::Object(right)) = (left, right) else {
        return left.clone();
    };
    let mut all = left.clone();
    for (name, schema) in right {
        let schema = match all.get(&name) {
            Some(present) if *present != schema => json!({ "allOf": [present, schema] }),
            _ => schema,
        };
        all.insert(name, schema);
    }
    Value::Object(all)
}

fn union(left: &Value, right: Value) -> Value {
    let (Value::Array(left), Value::Array(right)) = (left, right) else {
        return left.clone();
    };
    let mut all = left.clone();
    all.extend(right.into_iter().filter(|name| !left.contains(name)));
    Value::Array(all)
}

fn common(left: &Value, right: Value) -> Value {
    let (Value::Array(left), Value::Array(right)) = (left, right) else {
        return left.clone();
    };
    let in_both = left
        .iter()
        .filter(|value| right.iter().any(|other| number::equal(value, other)));
    Value::Array(in_both.cloned().collect())
}

/// The types that both allow. An integer is a number.
fn common_type(left: &Value, right: Value) -> Value {
    let list = |types: Value| match types {
        Value::Array(names) => names,
        name => vec![name],
    };
    let (left, right) = (list(left.clone()), list(right));
    let allows = |types: &[Value], name: &Value| {
        types.contains(name) || (name == "integer" && types.iter().any(|other| other == "number"))
    };
    let mut types: Vec<Value> = left
        .iter()
        .filter(|name| allows(&right, name))
        .cloned()
        .collect();
    types.extend(
        right
            .iter()
            .filter(|name| allows(&left, name) && !left.contains(name))
            .cloned(),
    );
    Value::Array(types)
}

fn extreme(left: &Value, right: Value, smallest: bool) -> Value {
    match (left, &right) {
        (Value::Number(a), Value::Number(b)) if number::compare(a, b).is_lt() == smallest => {
            left.clone()
        }
        (Value::Number(_), Value::Number(_)) => right,
        _ => left.clone(),
    }
}
