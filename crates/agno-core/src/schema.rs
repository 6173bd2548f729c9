//! JSON Schema.
use serde_json::Value;
use std::sync::Arc;

/// A JSON Schema with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    value: Value,
    text: Arc<str>,
}
impl Schema {
    /// x
    pub fn new(value: Value) -> Self {
        let text = value.to_string().into();
        Self { value, text }
    }
    /// x
    pub fn value(&self) -> &Value {
        &self.value
    }
    /// x
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }
}
impl From<Value> for Schema {
    fn from(v: Value) -> Self {
        Self::new(v)
    }
}
