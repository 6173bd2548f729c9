//! Tools that are a plain function of their arguments and change nothing.

use std::future::ready;
use std::sync::Arc;

use agno_core::{
    BoxFuture, Effect, Schema, Tool, ToolContext, ToolError, ToolOutput, ToolResult, ToolSpec,
    read_arguments,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

struct Pure<A> {
    spec: ToolSpec,
    function: fn(A) -> Result<String, String>,
}

/// A tool from a function whose error is for the model.
pub(super) fn pure<A>(
    name: &str,
    description: &str,
    function: fn(A) -> Result<String, String>,
) -> Arc<dyn Tool>
where
    A: DeserializeOwned + JsonSchema + 'static,
{
    let mut spec = ToolSpec::new(name, description, Schema::of_arguments::<A>());
    spec.effect = Effect::Pure;
    Arc::new(Pure { spec, function })
}

impl<A: DeserializeOwned + 'static> Tool for Pure<A> {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn call(self: Arc<Self>, arguments: Arc<str>, _context: ToolContext) -> BoxFuture<ToolResult> {
        let result = read_arguments(&arguments, &self.spec.parameters).and_then(|arguments| {
            (self.function)(arguments)
                .map(ToolOutput::text)
                .map_err(ToolError::failed)
        });
        Box::pin(ready(result))
    }
}
