//! Any server that speaks Chat Completions. The key of OpenAI is not sent to it.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "openai-compatible",
    aliases: &["openai-like"],
    name: "OpenAILike",
    class: "OpenAILike",
    base_url: "",
    base_url_variables: &["OPENAI_COMPATIBLE_BASE_URL"],
    key_variables: &["OPENAI_COMPATIBLE_API_KEY"],
    needs_key: false,
    dialect: Dialect {
        name: "openai-compatible",
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
