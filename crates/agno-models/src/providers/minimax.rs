//! MiniMax.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "minimax",
    name: "MiniMax",
    class: "MiniMax",
    base_url: "https://api.minimax.io/v1",
    key_variables: &["MINIMAX_API_KEY"],
    default_model: "MiniMax-M3",
    dialect: Dialect {
        name: "minimax",
        structured_output: StructuredOutput::Prompt,
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
