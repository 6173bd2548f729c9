//! SiliconFlow.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "siliconflow",
    name: "Siliconflow",
    class: "Siliconflow",
    base_url: "https://api.siliconflow.cn/v1",
    key_variables: &["SILICONFLOW_API_KEY"],
    default_model: "Qwen/QwQ-32B",
    dialect: Dialect {
        name: "siliconflow",
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
