//! xAI.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::{Dialect, ReasoningHistory};

pub(super) const PROVIDER: Provider = Provider {
    id: "xai",
    name: "xAI",
    class: "xAI",
    base_url: "https://api.x.ai/v1",
    key_variables: &["XAI_API_KEY"],
    default_model: "grok-4-1-fast-non-reasoning-latest",
    dialect: Dialect {
        name: "xai",
        reasoning_history: ReasoningHistory::Omit,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
