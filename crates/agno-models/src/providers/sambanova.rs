//! SambaNova.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "sambanova",
    name: "Sambanova",
    class: "Sambanova",
    base_url: "https://api.sambanova.ai/v1",
    key_variables: &["SAMBANOVA_API_KEY"],
    default_model: "Meta-Llama-3.1-8B-Instruct",
    dialect: Dialect {
        name: "sambanova",
        structured_output: StructuredOutput::Prompt,
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
