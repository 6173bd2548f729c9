//! Groq.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::{Dialect, MaxTokens, ReasoningHistory};

pub(super) const PROVIDER: Provider = Provider {
    id: "groq",
    name: "Groq",
    class: "Groq",
    base_url: "https://api.groq.com/openai/v1",
    base_url_variables: &["GROQ_BASE_URL"],
    key_variables: &["GROQ_API_KEY"],
    default_model: "openai/gpt-oss-120b",
    dialect: Dialect {
        name: "groq",
        structured_output: StructuredOutput::JsonMode,
        reasoning_history: ReasoningHistory::Field("reasoning"),
        think_tags: true,
        max_tokens: MaxTokens::MaxCompletionTokens,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
