//! Tools that are made while the program runs: from a database row, a remote list, a closure.
//!
//! `#[tool]` needs the arguments' type when the program is compiled. Here arguments are JSON, and
//! the specification is whatever the caller says.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use serde_json::Value;

use crate::{
    BoxFuture, IntoToolResult, Tool, ToolContext, ToolError, ToolResult, ToolSpec, parse_arguments,
};

/// A tool from a specification and a function of its arguments.
///
/// ```
/// use agno_core::{Schema, ToolSpec, function_tool};
/// use serde_json::{Value, json};
///
/// let parameters = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
/// let shout = function_tool(
///     ToolSpec::new("shout", "Puts a text in capitals.", Schema::new(parameters)),
///     |arguments: Value, _context| async move {
///         arguments["text"].as_str().unwrap_or_default().to_uppercase()
///     },
/// );
/// # let _: &dyn agno_core::Tool = &shout;
/// ```
pub fn function_tool<F, Answer>(
    spec: ToolSpec,
    function: F,
) -> impl Tool + fmt::Debug + use<F, Answer>
where
    F: Fn(Value, ToolContext) -> Answer + Send + Sync + 'static,
    Answer: Future<Output: IntoToolResult> + Send + 'static,
{
    FunctionTool { spec, function }
}

struct FunctionTool<F> {
    spec: ToolSpec,
    function: F,
}

impl<F, Answer> Tool for FunctionTool<F>
where
    F: Fn(Value, ToolContext) -> Answer + Send + Sync + 'static,
    Answer: Future<Output: IntoToolResult> + Send + 'static,
{
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn call(self: Arc<Self>, arguments: Arc<str>, context: ToolContext) -> BoxFuture<ToolResult> {
        Box::pin(async move {
            let arguments = parse_arguments(&arguments).map_err(ToolError::invalid_arguments)?;
            (self.function)(arguments, context).await.into_tool_result()
        })
    }
}

impl<F> fmt::Debug for FunctionTool<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionTool")
            .field("spec", &self.spec)
            .finish()
    }
}
