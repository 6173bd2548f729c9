//! Schemas of Rust types, as models like them.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Map, Value};

/// What `generate` makes, tidied up.
pub(super) fn schema(generate: impl FnOnce(SchemaGenerator) -> schemars::Schema) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        // Not all providers follow references.
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = generate(settings.into_generator());
    RecursiveTransform(tidy).transform(&mut schema);
    schema.into()
}

fn tidy(schema: &mut schemars::Schema) {
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    // Titles repeat the names of types, which say nothing to a model.
    keywords.remove("title");
    // `uint32` and the like are no formats of JSON Schema, and some providers refuse them.
    if keywords
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(is_number_format)
    {
        keywords.remove("format");
    }
    let required: Vec<Value> = keywords
        .get("required")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if let Some(Value::Object(properties)) = keywords.get_mut("properties") {
        for (name, property) in properties {
            if !required.iter().any(|one| one == name)
                && let Value::Object(property) = property
            {
                drop_null(property);
            }
        }
    }
}

/// Makes an optional property just a property: that it may be left out says it all.
fn drop_null(property: &mut Map<String, Value>) {
    if property.get("default") == Some(&Value::Null) {
        property.remove("default");
    }
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            property.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(allowed)) = property.get_mut("enum")
        && allowed.len() > 1
    {
        allowed.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(branches)) = property.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
        if branches.len() == 1
            && let Some(Value::Object(only)) = branches.pop()
        {
            property.remove("anyOf");
            for (keyword, operand) in only {
                // What is said about the property beats what is said about its type.
                property.entry(keyword).or_insert(operand);
            }
        }
    }
}

fn is_number_format(format: &str) -> bool {
    format.starts_with("int")
        || format.starts_with("uint")
        || format == "float"
        || format == "double"
}
