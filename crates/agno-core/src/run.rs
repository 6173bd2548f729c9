//! What is known about a run from outside.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Timing, ToolCall, ToolErrorKind, ToolOutput};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RunStatus {
    /// Accepted, not started.
    Pending,
    /// Under way.
    Running,
    /// Waiting for a person.
    Paused,
    /// Ended with an answer.
    Completed,
    /// Ended by request.
    Cancelled,
    /// Ended by an error.
    Error,
}

impl RunStatus {
    /// Whether nothing will happen any more.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Error)
    }

    /// The status as Agno spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Error => "ERROR",
        }
    }

    /// The status of the given spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Running,
            Self::Paused,
            Self::Completed,
            Self::Cancelled,
            Self::Error,
        ]
        .into_iter()
        .find(|status| status.as_str().eq_ignore_ascii_case(text))
    }
}

/// One tool call of a run and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolExecution {
    /// The call, as the model asked for it.
    pub call: ToolCall,
    /// The result, once there is one.
    pub output: Option<ToolOutput>,
    /// The class of its error, if it failed.
    pub error: Option<ToolErrorKind>,
    /// How long it took; not known for calls that were never made.
    pub timing: Option<Timing>,
}

impl ToolExecution {
    /// The arguments as JSON; an empty object where the model sent none or broken ones.
    pub fn arguments(&self) -> Value {
        parse_arguments(&self.call.arguments).unwrap_or_else(|_| Value::Object(Default::default()))
    }

    /// The text that the model got to read.
    pub fn result(&self) -> Option<&Arc<str>> {
        self.output.as_ref().map(|output| &output.text)
    }
}

/// Parses what a model wrote as arguments. Empty text and `null` mean no arguments.
///
/// # Errors
/// If the text is not JSON.
pub fn parse_arguments(text: &str) -> serde_json::Result<Value> {
    match text.trim() {
        "" | "null" => Ok(Value::Object(Default::default())),
        text => serde_json::from_str(text),
    }
}
