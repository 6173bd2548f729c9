//! A model that is a function.

use std::fmt;

use agno_core::{AssistantMessage, Model, ModelError, ModelInfo, ModelRequest, ReplyStream};

use super::{error_stream, info, reply_stream, reply_to};

/// Answers with what a function returns for the request.
pub struct FunctionModel<F> {
    info: ModelInfo,
    function: F,
}

impl<F> FunctionModel<F>
where
    F: Fn(&ModelRequest) -> Result<AssistantMessage, ModelError> + Send + Sync + 'static,
{
    /// A model that answers with what `function` returns.
    pub fn new(function: F) -> Self {
        Self {
            info: info("function"),
            function,
        }
    }
}

impl<F> Model for FunctionModel<F>
where
    F: Fn(&ModelRequest) -> Result<AssistantMessage, ModelError> + Send + Sync + 'static,
{
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn stream(&self, request: ModelRequest) -> ReplyStream {
        match (self.function)(&request) {
            Ok(message) => {
                let reply = reply_to(&request, message);
                reply_stream(&request, reply)
            }
            Err(error) => error_stream(error),
        }
    }
}

impl<F> fmt::Debug for FunctionModel<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionModel").finish_non_exhaustive()
    }
}
