//! DeepSeek.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::{Dialect, ReasoningHistory};

pub(super) const PROVIDER: Provider = Provider {
    id: "deepseek",
    name: "DeepSeek",
    class: "DeepSeek",
    base_url: "https://api.deepseek.com",
    key_variables: &["DEEPSEEK_API_KEY"],
    default_model: "deepseek-v4-flash",
    dialect: Dialect {
        name: "deepseek",
        structured_output: StructuredOutput::JsonMode,
        reasoning_history: ReasoningHistory::Field("reasoning_content"),
        video: false,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
