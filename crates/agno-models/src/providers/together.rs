//! Together.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "together",
    name: "Together",
    class: "Together",
    base_url: "https://api.together.xyz/v1",
    key_variables: &["TOGETHER_API_KEY"],
    default_model: "MiniMaxAI/MiniMax-M2.7",
    dialect: Dialect {
        name: "together",
        structured_output: StructuredOutput::JsonMode,
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
