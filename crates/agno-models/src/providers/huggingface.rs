//! Hugging Face's router.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "huggingface",
    name: "HuggingFace",
    class: "HuggingFace",
    base_url: "https://router.huggingface.co/v1",
    key_variables: &["HF_TOKEN"],
    default_model: "meta-llama/Meta-Llama-3-8B-Instruct",
    dialect: Dialect {
        name: "huggingface",
        structured_output: StructuredOutput::Prompt,
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
