//! InternLM.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "internlm",
    name: "InternLM",
    class: "InternLM",
    base_url: "https://internlm-chat.intern-ai.org.cn/puyu/api/v1",
    key_variables: &["INTERNLM_API_KEY"],
    default_model: "internlm2.5-latest",
    dialect: Dialect {
        name: "internlm",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
