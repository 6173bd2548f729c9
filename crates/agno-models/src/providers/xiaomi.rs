//! Xiaomi's MiMo.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "xiaomi",
    aliases: &["mimo"],
    name: "Xiaomi",
    class: "MiMo",
    base_url: "https://api.xiaomimimo.com/v1",
    key_variables: &["MIMO_API_KEY"],
    default_model: "mimo-v2.5-pro",
    dialect: Dialect {
        name: "xiaomi",
        structured_output: StructuredOutput::Prompt,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
