//! The model: one trait, one request, one stream of chunks that ends in a whole reply.

use std::fmt::Debug;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AssistantMessage, Message, ModelError, Schema, Thread, ToolSet, Usage};

/// A language model.
///
/// Implementations are immutable and shared by all runs. A call is a [`ReplyStream`]; it does
/// nothing, and in particular connects to nothing, before it is polled.
pub trait Model: Debug + Send + Sync + 'static {
    /// Who the model is and what it can do.
    fn info(&self) -> &ModelInfo;

    /// Starts a call.
    fn stream(&self, request: ModelRequest) -> ReplyStream;
}

/// A model call in progress.
pub type ReplyStream = Box<dyn ModelStream>;

/// The pieces of a model's reply.
///
/// After any number of text, reasoning and argument pieces comes exactly one
/// [`ModelChunk::Done`] or one error; then `None`. Dropping the stream cancels the call.
pub trait ModelStream: Send {
    /// The next piece.
    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<ModelChunk, ModelError>>>;

    /// The text that has arrived so far: what is kept of a call that is cancelled.
    fn partial_text(&self) -> &str {
        ""
    }

    /// What the provider has said beside the answer so far.
    fn metadata(&self) -> Option<&Arc<ReplyMetadata>> {
        None
    }
}

/// Who a model is and what it can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// The id the provider knows it by, such as `gpt-4o`.
    pub id: Arc<str>,
    /// Agno's name of the class that talks to it, such as `OpenAIChat`.
    pub name: Arc<str>,
    /// Who serves it, such as `OpenAI`.
    pub provider: Arc<str>,
    /// How it can be held to a schema.
    pub structured_output: StructuredOutput,
}

/// How a model can be held to a JSON schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StructuredOutput {
    /// The provider guarantees the schema.
    Native,
    /// The provider guarantees JSON; the schema is put into the instructions.
    JsonMode,
    /// Nothing is guaranteed; the schema is put into the instructions.
    Prompt,
}

/// One call to a model.
#[derive(Clone, Debug)]
pub struct ModelRequest {
    /// The conversation.
    pub thread: Thread,
    /// Tools the model may call.
    pub tools: Arc<ToolSet>,
    /// Whether pieces are wanted as they arrive. Without, a codec may use the provider's plain
    /// endpoint and yield only [`ModelChunk::Done`].
    pub deltas: bool,
    /// Everything that most calls leave out.
    pub options: Option<Arc<CallOptions>>,
}

/// The rarer parts of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallOptions {
    /// Whether and which tool must be called.
    pub tool_choice: ToolChoice,
    /// The schema that the answer has to fit.
    pub output: Option<OutputFormat>,
    /// Sampling and limits.
    pub settings: ModelSettings,
}

/// Whether the model may or must call a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolChoice {
    /// The model decides.
    #[default]
    Auto,
    /// No tool may be called.
    None,
    /// Some tool must be called.
    Required,
    /// This tool must be called.
    Tool(Arc<str>),
}

/// The schema that an answer has to fit.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputFormat {
    /// The name of the type, such as `Report`.
    pub name: Arc<str>,
    /// Its schema.
    pub schema: Arc<Schema>,
    /// Whether the provider is asked to guarantee the schema (`strict`).
    pub strict: bool,
}

/// Sampling and limits of a model call. What is not set is left to the provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// Randomness of the answer, usually from 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Share of the probability mass to sample from, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The most tokens an answer may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Texts at which the answer ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// A number that makes sampling repeatable where the provider supports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Penalty for tokens that are frequent so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<f64>,
    /// Penalty for tokens that were used so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<f64>,
    /// How much a reasoning model thinks: `minimal`, `low`, `medium` or `high`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<String>,
    /// Whether several tools may be called in one turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    /// Further fields of the provider's request body, merged in last.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra_body: Map<String, Value>,
}

/// One piece of a model's reply.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ModelChunk {
    /// The next text of the answer.
    Text(Arc<str>),
    /// The next text of the reasoning.
    Reasoning(Arc<str>),
    /// The next text of a tool call's arguments.
    Arguments {
        /// Which of the reply's tool calls, from 0.
        index: u32,
        /// The text.
        text: Arc<str>,
    },
    /// The pieces so far are void: a layer starts over, such as with a fallback model.
    Reset,
    /// The whole reply; always last.
    Done(Box<ModelReply>),
}

/// A model's whole reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelReply {
    /// The answer.
    pub message: Arc<Message>,
    /// What it cost.
    #[serde(default)]
    pub usage: Usage,
    /// Why it ended.
    pub finish: Finish,
    /// What the provider says beside the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Arc<ReplyMetadata>>,
}

/// What a provider says beside its answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplyMetadata {
    /// The provider's id of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Arc<str>>,
    /// The model that answered, where it is not just the one that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Arc<str>>,
    /// The provider's mark of the system that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_fingerprint: Option<Arc<str>>,
    /// Probabilities of the answer's tokens, as the provider tells them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logprobs: Vec<Value>,
}

impl ModelReply {
    /// A reply with the given message; it ended because of its tool calls, if it has any.
    pub fn new(message: AssistantMessage, usage: Usage) -> Self {
        let reason = if message.tool_calls.is_empty() {
            FinishReason::Stop
        } else {
            FinishReason::ToolCalls
        };
        Self {
            message: Arc::new(Message::Assistant(message)),
            usage,
            finish: reason.into(),
            metadata: None,
        }
    }
}

/// Why a reply ended, in our words and in the provider's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finish {
    /// Our word.
    pub reason: FinishReason,
    /// The provider's word, where it is another; empty where it said nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Arc<str>>,
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FinishReason {
    /// The model was done.
    Stop,
    /// The model wants tools to be called.
    ToolCalls,
    /// The answer reached the token limit.
    Length,
    /// The provider's content policy stopped it.
    ContentFilter,
    /// Something else: see [`Finish::raw`].
    Other,
}

impl Finish {
    /// The provider's word.
    pub fn as_str(&self) -> &str {
        match (&self.raw, self.reason) {
            (Some(raw), _) => raw,
            (None, FinishReason::Stop) => "stop",
            (None, FinishReason::ToolCalls) => "tool_calls",
            (None, FinishReason::Length) => "length",
            (None, FinishReason::ContentFilter) => "content_filter",
            (None, FinishReason::Other) => "other",
        }
    }
}

impl From<FinishReason> for Finish {
    fn from(reason: FinishReason) -> Self {
        Self { reason, raw: None }
    }
}
