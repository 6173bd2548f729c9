//! Meta's Llama API.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "llama-openai",
    aliases: &["meta"],
    name: "LlamaOpenAI",
    class: "LlamaOpenAI",
    base_url: "https://api.llama.com/compat/v1",
    key_variables: &["LLAMA_API_KEY"],
    default_model: "Llama-4-Maverick-17B-128E-Instruct-FP8",
    dialect: Dialect {
        name: "llama-openai",
        structured_output: StructuredOutput::JsonMode,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
