//! Mistral.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::{Dialect, FileParts, ReasoningHistory};

pub(super) const PROVIDER: Provider = Provider {
    id: "mistral",
    name: "Mistral",
    class: "MistralChat",
    base_url: "https://api.mistral.ai/v1",
    key_variables: &["MISTRAL_API_KEY"],
    default_model: "mistral-large-latest",
    dialect: Dialect {
        name: "mistral",
        reasoning_history: ReasoningHistory::ThinkingPart,
        ask_for_usage: false,
        files: FileParts::DocumentUrl,
        seed_field: "random_seed",
        required_word: "any",
        video: false,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
