//! The JSON Schema of the format.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::Value;

use super::types::AgentsFile;

/// The JSON Schema (draft 2020-12) of agents files, generated from the types that read them. It is
/// what files are checked against; `agno schema` prints it for editors.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<AgentsFile>();
    RecursiveTransform(tidy).transform(&mut schema);
    if let Some(keywords) = schema.as_object_mut() {
        keywords.insert("title".to_owned(), "agents.yaml of agno".into());
    }
    schema.into()
}

/// `uint32` and the like are formats of Rust, and defaults that only say "left out" say nothing.
fn tidy(schema: &mut schemars::Schema) {
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    keywords.remove("format");
    let says_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(_) => true,
        _ => false,
    };
    if keywords.get("default").is_some_and(says_nothing) {
        keywords.remove("default");
    }
}
