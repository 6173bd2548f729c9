//! A LiteLLM proxy.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "litellm",
    aliases: &["litellm-openai"],
    name: "LiteLLM",
    class: "LiteLLMOpenAI",
    base_url: "http://0.0.0.0:4000",
    base_url_variables: &["LITELLM_BASE_URL"],
    key_variables: &["LITELLM_API_KEY"],
    needs_key: false,
    default_model: "gpt-4o",
    dialect: Dialect {
        name: "litellm",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
