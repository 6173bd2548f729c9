//! Perplexity.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::{Dialect, ReasoningHistory};

pub(super) const PROVIDER: Provider = Provider {
    id: "perplexity",
    name: "Perplexity",
    class: "Perplexity",
    base_url: "https://api.perplexity.ai",
    key_variables: &["PERPLEXITY_API_KEY"],
    default_model: "sonar",
    dialect: Dialect {
        name: "perplexity",
        structured_output: StructuredOutput::JsonMode,
        reasoning_history: ReasoningHistory::Omit,
        ask_for_usage: false,
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
