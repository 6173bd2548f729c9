//! Results of tools as JSON.

use serde::Serialize;

use crate::{IntoToolResult, ToolError, ToolOutput, ToolResult};

/// A tool's result that the model reads as JSON: `Json(report)` for anything that serialises.
///
/// A type of its own, because text serialises too and should not be quoted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoToolResult for Json<T> {
    fn into_tool_result(self) -> ToolResult {
        match serde_json::to_string(&self.0) {
            Ok(text) => Ok(ToolOutput::text(text)),
            Err(error) => Err(ToolError::failed(format_args!(
                "the result can't be written as JSON: {error}"
            ))),
        }
    }
}
