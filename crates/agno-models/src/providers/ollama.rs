//! Ollama, through its Chat Completions endpoint.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::{Dialect, ReasoningHistory};

pub(super) const PROVIDER: Provider = Provider {
    id: "ollama",
    name: "Ollama",
    class: "Ollama",
    base_url: "http://localhost:11434/v1",
    base_url_variables: &["OLLAMA_BASE_URL"],
    key_variables: &["OLLAMA_API_KEY"],
    needs_key: false,
    default_model: "llama3.1",
    dialect: Dialect {
        name: "ollama",
        reasoning_history: ReasoningHistory::Field("reasoning"),
        ..Dialect::LOCAL
    },
    ..COMPATIBLE
};
