//! Tool calls.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use agno_core::{CommandId, Effect, Timing, Tool, ToolCall, ToolContext, ToolError, ToolErrorKind};
use agno_engine::{Command, Fact, ToolFailed, ToolReturned};
use futures_util::FutureExt;

use super::Driver;
use super::model_call::micros;
use super::work::{Address, Answer};
use crate::clock::now;

impl Driver {
    pub(super) fn call_tool(&mut self, at: Address, call: ToolCall) {
        let tool = self.agent.0.definition.tools.get(&call.name);
        let (Some(tool), Some(scope)) = (tool, &self.scope) else {
            let error = ToolError::fatal(format_args!("there is no tool `{}`", call.name));
            let timing = Timing {
                started: now(),
                ..Timing::default()
            };
            let failed = ToolFailed {
                call_id: call.id,
                error,
                timing,
            };
            return self.record(Some(at), Fact::ToolFailed(Box::new(failed)));
        };
        let context = ToolContext::new(Arc::clone(scope), at.0, Arc::clone(&call.id));
        self.work
            .tools
            .push(Box::pin(run_tool(at, Arc::clone(tool), call, context)));
    }

    /// Whether repeating the tool call of an open command would do no harm.
    pub(super) fn is_pure(&self, at: CommandId) -> bool {
        self.run.open().any(|open| {
            open.at == at
                && matches!(
                    open.command,
                    Command::CallTool {
                        effect: Effect::Pure,
                        ..
                    }
                )
        })
    }
}

async fn run_tool(
    at: Address,
    tool: Arc<dyn Tool>,
    call: ToolCall,
    context: ToolContext,
) -> Answer {
    let started = now();
    let clock = Instant::now();
    let timeout = tool.spec().timeout;
    let state = context.state().clone();
    // Inside of a future of its own, so that a panic before the tool's future exists is caught too.
    let running =
        AssertUnwindSafe(async { tool.call(call.arguments, context).await }).catch_unwind();
    let result = match timeout {
        None => running.await,
        Some(limit) => tokio::time::timeout(limit, running)
            .await
            .unwrap_or_else(|_| {
                Ok(Err(ToolError::new(
                    ToolErrorKind::TimedOut,
                    format_args!("`{}` took longer than {limit:?} and was stopped", call.name),
                )))
            }),
    };
    let result = result.unwrap_or_else(|_| {
        Err(ToolError::failed(format_args!(
            "`{}` panicked; this is a bug in the tool",
            call.name
        )))
    });
    let timing = Timing {
        started,
        micros: micros(clock),
        first_micros: None,
    };
    let patch = state.take_patch();
    let call_id = call.id;
    let fact = match result {
        Ok(mut output) => {
            if !patch.is_empty() {
                output.rich_mut().state = patch;
            }
            Fact::ToolReturned(Box::new(ToolReturned {
                call_id,
                output,
                timing,
            }))
        }
        Err(mut error) => {
            error.state = patch;
            Fact::ToolFailed(Box::new(ToolFailed {
                call_id,
                error,
                timing,
            }))
        }
    };
    (at, fact)
}
