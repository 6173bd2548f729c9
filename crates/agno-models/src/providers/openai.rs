//! OpenAI.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "openai",
    aliases: &["openai-chat"],
    name: "OpenAI",
    class: "OpenAIChat",
    base_url: "https://api.openai.com/v1",
    base_url_variables: &["OPENAI_BASE_URL"],
    key_variables: &["OPENAI_API_KEY"],
    default_model: "gpt-5.4-mini",
    dialect: Dialect {
        name: "openai",
        ..Dialect::OPENAI
    },
    ..COMPATIBLE
};
