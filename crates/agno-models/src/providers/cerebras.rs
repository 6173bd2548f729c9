//! Cerebras.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::{Dialect, ReasoningHistory};

pub(super) const PROVIDER: Provider = Provider {
    id: "cerebras",
    aliases: &["cerebras-openai"],
    name: "CerebrasOpenAI",
    class: "CerebrasOpenAI",
    base_url: "https://api.cerebras.ai/v1",
    key_variables: &["CEREBRAS_API_KEY"],
    default_model: "gpt-oss-120b",
    dialect: Dialect {
        name: "cerebras",
        reasoning_history: ReasoningHistory::Field("reasoning"),
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
