//! OpenRouter.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::{Dialect, FileParts, ReasoningHistory, ToolMedia};

pub(super) const PROVIDER: Provider = Provider {
    id: "openrouter",
    name: "OpenRouter",
    class: "OpenRouter",
    base_url: "https://openrouter.ai/api/v1",
    key_variables: &["OPENROUTER_API_KEY"],
    default_model: "gpt-5.4-mini",
    dialect: Dialect {
        name: "openrouter",
        reasoning_history: ReasoningHistory::Field("reasoning"),
        files: FileParts::DataOrUrl,
        tool_media: ToolMedia::InToolMessage,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
