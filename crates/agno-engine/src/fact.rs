//! What a driver tells a machine, and how it is recorded.

use std::sync::Arc;

use agno_core::{
    CommandId, Message, ModelError, ModelReply, ReplyMetadata, Requirement, Resolution, RunFailure,
    RunId, Schema, SessionId, Timestamp, Timing, ToolError, ToolOutput, UserId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::HistoryPolicy;

/// A fact with the address and digest of the command that it answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The command that it answers; none for what comes from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<CommandId>,
    /// The digest of that command.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub digest: u64,
    /// When it happened.
    pub time: Timestamp,
    /// What happened.
    pub fact: Fact,
    /// Messages that the machine itself added to the conversation because of it, such as "no such
    /// tool". They follow from the fact, and are kept so that a journal can be read without the
    /// definition that it was made with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Arc<Message>>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Record {
    /// A fact that answers no command.
    pub const fn outside(time: Timestamp, fact: Fact) -> Self {
        Self {
            at: None,
            digest: 0,
            time,
            fact,
            added: Vec::new(),
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fact {
    /// The run began. Always first.
    Started(Box<Start>),
    /// The model replied.
    ModelReplied(Box<ModelReplied>),
    /// The model could not be asked.
    ModelFailed(Box<ModelError>),
    /// About to run a tool that must not run twice. Answers nothing.
    Intent,
    /// A tool returned.
    ToolReturned(Box<ToolReturned>),
    /// A tool failed; the model is told.
    ToolFailed(Box<ToolFailed>),
    /// A crash cut off a tool that must not run twice.
    OutcomeUnknown,
    /// The run waits for a person. Answers nothing.
    Paused(Arc<[Requirement]>),
    /// A person decided.
    HumanAnswered(Box<Resolution>),
    /// The run goes on after a pause. Answers nothing.
    Continued,
    /// The waiting is over.
    Woke,
    /// The run is to end. Answers nothing.
    Cancelled {
        /// Who or what asked for it.
        reason: Arc<str>,
        /// Text of the answer that had arrived.
        partial_text: Option<Arc<str>>,
        /// How it had arrived, if it was streamed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partial: Option<Box<PartialReply>>,
    },
    /// The run can't go on. Answers nothing.
    Failed(Box<RunFailure>),
    /// The run ended. Always last.
    Finished(Box<Finished>),
}

impl Fact {
    /// The fact's name in a journal.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::ModelReplied(_) => "model_replied",
            Self::ModelFailed(_) => "model_failed",
            Self::Intent => "intent",
            Self::ToolReturned(_) => "tool_returned",
            Self::ToolFailed(_) => "tool_failed",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Paused(_) => "paused",
            Self::HumanAnswered(_) => "human_answered",
            Self::Continued => "continued",
            Self::Woke => "woke",
            Self::Cancelled { .. } => "cancelled",
            Self::Failed(_) => "failed",
            Self::Finished(_) => "finished",
        }
    }
}

/// The beginning of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// The agent's id.
    pub definition: Arc<str>,
    /// The agent's version.
    pub version: u64,
    /// What the run was given.
    pub input: RunInput,
}

/// What a run was given: the outcome of context assembly.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunInput {
    /// The session it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// On whose behalf it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The system message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<Arc<str>>,
    /// Messages of earlier runs. Not recorded again: whoever loads a journal selects them from
    /// `history_runs` anew, and a difference shows as a divergence.
    #[serde(skip)]
    pub history: Vec<Arc<Message>>,
    /// The earlier runs that `history` comes from, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history_runs: Vec<RunId>,
    /// How `history` was selected from them.
    #[serde(skip_serializing_if = "HistoryPolicy::is_off")]
    pub history_policy: HistoryPolicy,
    /// Examples and the input itself, which is the last.
    pub messages: Vec<Arc<Message>>,
    /// The schema that the answer has to fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputSpec>,
    /// What the caller changed in the session state.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub state: Map<String, Value>,
    /// Data of the caller that is kept with the run.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// The run that this one was forked from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<RunId>,
    /// Whether the run asked that every step is durable before the next. Kept, so that whoever
    /// resumes the run holds to it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
}

/// The schema that an answer has to fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputSpec {
    /// The name of the type, such as `Report`.
    pub name: Arc<str>,
    /// Its schema.
    pub schema: Arc<Schema>,
}

/// A model's reply, as it is recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelReplied {
    /// The reply.
    pub reply: ModelReply,
    /// How long it took.
    pub timing: Timing,
    /// Where the streamed pieces of the text ended, in bytes: an observer that comes back after a
    /// restart is told the same pieces under the same numbers. Empty if nobody needs that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
}

/// What is known of a reply that was cut off, beside its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartialReply {
    /// How long it had taken.
    pub timing: Timing,
    /// Where the streamed pieces of its text ended, as in [`ModelReplied::pieces`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
    /// What the provider had said beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Arc<ReplyMetadata>>,
}

/// A streamed piece of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Whether it is reasoning; otherwise it is text.
    #[serde(default, rename = "r", skip_serializing_if = "std::ops::Not::not")]
    pub reasoning: bool,
    /// Its length in bytes.
    #[serde(rename = "n")]
    pub bytes: u32,
}

/// A tool's result, as it is recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolReturned {
    /// The model's id of the call.
    pub call_id: Arc<str>,
    /// What it returned.
    pub output: ToolOutput,
    /// How long it took.
    pub timing: Timing,
}

/// A tool's error, as it is recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolFailed {
    /// The model's id of the call.
    pub call_id: Arc<str>,
    /// What went wrong.
    pub error: ToolError,
    /// How long it took.
    pub timing: Timing,
}

/// The end of a run, as it is recorded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Finished {
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<RunFailure>>,
    /// The answer's text, where it is not the last reply's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Arc<str>>,
}
