//! A tool that is only described.

use std::sync::Arc;

use agno_core::{BoxFuture, Schema, Tool, ToolContext, ToolError, ToolResult, ToolSpec};
use serde_json::Value;

/// A tool that a model can be told about and that can't be called: for requests whose tool calls
/// somebody else carries out.
#[derive(Clone, Debug)]
pub struct DeclaredTool {
    spec: ToolSpec,
}

impl DeclaredTool {
    /// A tool with the given name, description, JSON Schema of its arguments, and wish that the
    /// provider hold the model to the schema.
    pub fn new(name: &str, description: &str, parameters: Value, strict: Option<bool>) -> Self {
        let mut spec = ToolSpec::new(name, description, Arc::new(Schema::new(parameters)));
        spec.strict = strict;
        Self { spec }
    }
}

impl Tool for DeclaredTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn call(self: Arc<Self>, _: Arc<str>, _: ToolContext) -> BoxFuture<ToolResult> {
        Box::pin(async move {
            Err(ToolError::failed(format_args!(
                "the tool `{}` is only declared: it has to be run by whoever made the request",
                self.spec.name
            )))
        })
    }
}
