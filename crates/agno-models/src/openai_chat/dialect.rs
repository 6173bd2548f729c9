//! How a server differs from OpenAI's, as plain data.

use agno_core::StructuredOutput;

/// How a server that speaks Chat Completions differs from the next one.
///
/// What can be told from an answer alone (where reasoning is, whether fragments carry an index,
/// where usage comes) needs no setting: the decoder reads all spellings of all servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dialect {
    /// Marks opaque data of replies, so that it only goes back to where it came from.
    pub name: &'static str,
    /// The role of instructions.
    pub system_role: SystemRole,
    /// The field for the most tokens of an answer.
    pub max_tokens: MaxTokens,
    /// How the model can be held to a schema.
    pub structured_output: StructuredOutput,
    /// Whether a stream must be asked to report usage (`stream_options.include_usage`).
    pub ask_for_usage: bool,
    /// What becomes of earlier reasoning.
    pub reasoning_history: ReasoningHistory,
    /// Whether the answer may begin with reasoning between `<think>` and `</think>`.
    pub think_tags: bool,
    /// Where media that a tool returned goes.
    pub tool_media: ToolMedia,
    /// How files are written.
    pub files: FileParts,
    /// Whether videos are understood.
    pub video: bool,
    /// The field for the seed.
    pub seed_field: &'static str,
    /// The word for "some tool must be called".
    pub required_word: &'static str,
}

/// The role of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemRole {
    /// `system`: what all servers understand.
    System,
    /// `developer`: what OpenAI wants for its newer models.
    Developer,
}

/// The field for the most tokens of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxTokens {
    /// `max_tokens`: what most servers understand.
    MaxTokens,
    /// `max_completion_tokens`: what reasoning models of OpenAI insist on.
    MaxCompletionTokens,
}

/// What becomes of the reasoning of earlier answers when the conversation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasoningHistory {
    /// It is left out.
    Omit,
    /// It is sent back in the field it came in, by default this one.
    Field(&'static str),
    /// It is sent back as a part of the content, as Mistral does.
    ThinkingPart,
}

/// Where media that a tool returned goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolMedia {
    /// Into the tool message.
    InToolMessage,
    /// Into a user message behind the tool messages, because tool messages hold only text.
    InUserMessage,
}

/// How files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileParts {
    /// As `file` parts with the data; addresses are not understood.
    Data,
    /// As `file` parts with the data or an address.
    DataOrUrl,
    /// As `document_url` parts with an address or a data URL, as Mistral does.
    DocumentUrl,
}

impl Dialect {
    /// OpenAI's own.
    pub const OPENAI: Self = Self {
        name: "openai",
        system_role: SystemRole::Developer,
        max_tokens: MaxTokens::MaxCompletionTokens,
        structured_output: StructuredOutput::Native,
        ask_for_usage: true,
        reasoning_history: ReasoningHistory::Omit,
        think_tags: false,
        tool_media: ToolMedia::InUserMessage,
        files: FileParts::Data,
        video: false,
        seed_field: "seed",
        required_word: "required",
    };

    /// What servers that imitate OpenAI's have in common.
    pub const COMPATIBLE: Self = Self {
        name: "openai-compatible",
        system_role: SystemRole::System,
        max_tokens: MaxTokens::MaxTokens,
        reasoning_history: ReasoningHistory::Field("reasoning_content"),
        tool_media: ToolMedia::InToolMessage,
        video: true,
        ..Self::OPENAI
    };

    /// Servers on one's own machine: models with open weights, run by a general program.
    pub const LOCAL: Self = Self {
        name: "local",
        think_tags: true,
        ..Self::COMPATIBLE
    };
}
