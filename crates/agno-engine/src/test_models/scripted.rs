//! A model that says exactly what a test wrote down.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agno_core::{
    AssistantMessage, Content, Model, ModelError, ModelErrorKind, ModelInfo, ModelReply,
    ModelRequest, ReplyStream, ToolCall, Usage,
};
use serde_json::Value;

use super::{error_stream, info, reply_stream, reply_to};

/// One reply of a [`ScriptedModel`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Turn {
    /// Answers with text.
    Text(Arc<str>),
    /// Asks for tools: name and arguments of each.
    Calls(Vec<(Arc<str>, Value)>),
    /// Gives this very reply.
    Reply(Box<ModelReply>),
    /// Fails.
    Error(Box<ModelError>),
}

impl Turn {
    /// Answers with text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Asks for one tool.
    pub fn call(name: impl Into<Arc<str>>, arguments: Value) -> Self {
        Self::Calls(vec![(name.into(), arguments)])
    }
}

/// Turns of a script that were never asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} turns of the script were not used")]
pub struct UnusedTurns(pub usize);

/// Gives the replies of a script, one for each call, and keeps the requests that it got.
///
/// A call beyond the script's end fails; [`ScriptedModel::finish`] tells whether all was used.
#[derive(Debug)]
pub struct ScriptedModel {
    info: ModelInfo,
    script: Mutex<Script>,
}

#[derive(Debug)]
struct Script {
    turns: VecDeque<Turn>,
    requests: Vec<ModelRequest>,
}

impl ScriptedModel {
    /// A model with the given script.
    pub fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        let script = Script {
            turns: turns.into_iter().collect(),
            requests: Vec::new(),
        };
        Self {
            info: info("scripted"),
            script: Mutex::new(script),
        }
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<ModelRequest> {
        self.script().requests.clone()
    }

    /// Checks that the whole script was used.
    ///
    /// # Errors
    /// How many turns are left.
    pub fn finish(&self) -> Result<(), UnusedTurns> {
        match self.script().turns.len() {
            0 => Ok(()),
            left => Err(UnusedTurns(left)),
        }
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Model for ScriptedModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn stream(&self, request: ModelRequest) -> ReplyStream {
        let mut script = self.script();
        let number = script.requests.len();
        script.requests.push(request.clone());
        let message = match script.turns.pop_front() {
            Some(Turn::Text(text)) => AssistantMessage {
                content: Content::text(text),
                tool_calls: Vec::new(),
            },
            Some(Turn::Calls(calls)) => AssistantMessage {
                content: Content::default(),
                tool_calls: calls
                    .into_iter()
                    .enumerate()
                    .map(|(index, (name, arguments))| ToolCall {
                        id: format!("call_{number}_{index}").into(),
                        name,
                        arguments: arguments.to_string().into(),
                    })
                    .collect(),
            },
            Some(Turn::Reply(reply)) => return reply_stream(&request, *reply),
            Some(Turn::Error(error)) => return error_stream(*error),
            None => {
                return error_stream(ModelError::new(
                    ModelErrorKind::InvalidRequest,
                    format!(
                        "the script has no turn {}: add one, or expect fewer calls",
                        number + 1
                    ),
                ));
            }
        };
        let mut reply = reply_to(&request, message);
        reply.usage = Usage {
            input_tokens: 10,
            output_tokens: 5,
            total_tokens: 15,
            ..reply.usage
        };
        reply_stream(&request, reply)
    }
}
