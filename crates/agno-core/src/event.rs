//! What a run tells the outside while it goes on.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    CommandId, ModelError, ReplyMetadata, Timestamp, Timing, ToolCall, ToolExecution, ToolOutput,
    Usage,
};

/// Something that happened in a run.
///
/// Events are derived from the run's journal, so a replayed run tells the same story; only the
/// pieces of streamed text pass beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The node of the run tree it happened in; the root is 0.
    pub node: u32,
    /// When it happened.
    pub time: Timestamp,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// The run began.
    RunStarted,
    /// The run goes on after a pause.
    RunContinued,
    /// A model is being asked.
    ModelRequestStarted,
    /// The next text of the answer.
    Content(Arc<str>),
    /// The next text of the reasoning.
    Reasoning(Arc<str>),
    /// The next text of a tool call's arguments.
    ToolArguments {
        /// Which of the reply's tool calls, from 0.
        index: u32,
        /// The text.
        text: Arc<str>,
    },
    /// The text of the current model request is void; it starts over.
    ContentReset,
    /// A model replied.
    ModelRequestCompleted(Box<ModelRequestCompleted>),
    /// A model call failed and will be repeated.
    ModelRequestRetried(Box<ModelRequestRetried>),
    /// A tool is being called.
    ToolCallStarted(Box<ToolCall>),
    /// A tool call ended, well or not.
    ToolCallCompleted(Box<ToolExecution>),
    /// The answer is complete; hooks may still run.
    ContentCompleted,
    /// Something went wrong that the run survives.
    Warning(Arc<str>),
    /// The run waits for a person. Ends the stream.
    RunPaused(Arc<[Requirement]>),
    /// The run ended with an answer. Ends the stream.
    RunCompleted,
    /// The run ended by request. Ends the stream.
    RunCancelled {
        /// Who or what asked for it.
        reason: Arc<str>,
    },
    /// The run ended by an error. Ends the stream.
    RunFailed(Box<RunFailure>),
}

/// A model replied.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRequestCompleted {
    /// What it cost.
    pub usage: Usage,
    /// How long it took.
    pub timing: Timing,
    /// What the provider says beside the answer.
    pub metadata: Option<Arc<ReplyMetadata>>,
}

/// A model call failed and will be repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRequestRetried {
    /// What went wrong.
    pub error: ModelError,
    /// When it will be repeated.
    pub until: Timestamp,
}

/// Why a run ended without an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunFailure {
    /// The model could not be asked.
    #[error("{0}")]
    Model(Box<ModelError>),
    /// A tool said that nobody can carry on.
    #[error("tool `{tool}` failed: {message}")]
    Tool {
        /// The tool.
        tool: Arc<str>,
        /// What it said.
        message: Arc<str>,
    },
    /// A limit of the agent was reached.
    #[error("{0}")]
    LimitReached(Arc<str>),
    /// The answer does not fit the output schema, also after the repair.
    #[error("the answer does not fit the output schema: {0}")]
    InvalidOutput(Arc<str>),
    /// A hook or a guardrail refused the run.
    #[error("{0}")]
    Refused(Arc<str>),
    /// The host of the run failed, such as its database.
    #[error("{0}")]
    Host(Arc<str>),
}

impl RunFailure {
    /// A fixed name of the failure, for clients.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Model(_) => "model_error",
            Self::Tool { .. } => "tool_error",
            Self::LimitReached(_) => "limit_reached",
            Self::InvalidOutput(_) => "invalid_output",
            Self::Refused(_) => "refused",
            Self::Host(_) => "host_error",
        }
    }
}

impl EventKind {
    /// Whether nothing follows in the stream.
    pub const fn ends_stream(&self) -> bool {
        matches!(
            self,
            Self::RunPaused(_)
                | Self::RunCompleted
                | Self::RunCancelled { .. }
                | Self::RunFailed(_)
        )
    }
}

/// Something a person must decide before a run can go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// The question's address: what a [`Resolution`] is for.
    pub at: CommandId,
    /// The tool call in question.
    pub call: ToolCall,
    /// What has to be decided.
    pub kind: RequirementKind,
}

/// What a person has to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequirementKind {
    /// Whether the call may be made.
    Confirm,
    /// The values of these arguments.
    UserInput {
        /// Names of the arguments.
        fields: Arc<[Arc<str>]>,
    },
    /// The result of the call, which is made elsewhere.
    External,
    /// What became of a call that must not run twice and was cut off by a crash.
    OutcomeUnknown,
}

/// A person's decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Resolution {
    /// Make the call (for an unknown outcome: it did not happen, make it).
    Approve,
    /// Don't make the call.
    Reject {
        /// Why, for the model.
        note: Option<Arc<str>>,
    },
    /// Make the call with these further arguments.
    Input(Map<String, Value>),
    /// The call was made elsewhere (or did happen before the crash), with this result.
    Result(ToolOutput),
}
