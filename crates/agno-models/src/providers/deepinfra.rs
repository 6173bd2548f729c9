//! DeepInfra.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "deepinfra",
    name: "DeepInfra",
    class: "DeepInfra",
    base_url: "https://api.deepinfra.com/v1/openai",
    key_variables: &["DEEPINFRA_API_KEY"],
    default_model: "meta-llama/Llama-2-70b-chat-hf",
    dialect: Dialect {
        name: "deepinfra",
        structured_output: StructuredOutput::Prompt,
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
