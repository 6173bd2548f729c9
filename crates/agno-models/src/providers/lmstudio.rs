//! LM Studio.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "lmstudio",
    name: "LMStudio",
    class: "LMStudio",
    base_url: "http://127.0.0.1:1234/v1",
    base_url_variables: &["LMSTUDIO_BASE_URL"],
    needs_key: false,
    default_model: "qwen2.5-7b-instruct-1m",
    dialect: Dialect {
        name: "lmstudio",
        structured_output: StructuredOutput::JsonMode,
        ..Dialect::LOCAL
    },
    ..COMPATIBLE
};
