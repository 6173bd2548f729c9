//! llama.cpp's server.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "llama-cpp",
    aliases: &["llamacpp"],
    name: "LlamaCpp",
    class: "LlamaCpp",
    base_url: "http://127.0.0.1:8080/v1",
    base_url_variables: &["LLAMA_CPP_BASE_URL"],
    needs_key: false,
    default_model: "ggml-org/gpt-oss-20b-GGUF",
    dialect: Dialect {
        name: "llama-cpp",
        ..Dialect::LOCAL
    },
    ..COMPATIBLE
};
