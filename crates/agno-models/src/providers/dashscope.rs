//! Alibaba's DashScope.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "dashscope",
    aliases: &["qwen"],
    name: "Dashscope",
    class: "Qwen",
    base_url: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    key_variables: &["DASHSCOPE_API_KEY", "QWEN_API_KEY"],
    default_model: "qwen-plus",
    dialect: Dialect {
        name: "dashscope",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
