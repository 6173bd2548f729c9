//! vLLM's server.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "vllm",
    name: "VLLM",
    class: "VLLM",
    base_url: "http://localhost:8000/v1",
    base_url_variables: &["VLLM_BASE_URL"],
    key_variables: &["VLLM_API_KEY"],
    needs_key: false,
    dialect: Dialect {
        name: "vllm",
        ..Dialect::LOCAL
    },
    ..COMPATIBLE
};
