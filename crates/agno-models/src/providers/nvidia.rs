//! NVIDIA.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "nvidia",
    name: "Nvidia",
    class: "Nvidia",
    base_url: "https://integrate.api.nvidia.com/v1",
    key_variables: &["NVIDIA_API_KEY"],
    default_model: "meta/llama-3.3-70b-instruct",
    dialect: Dialect {
        name: "nvidia",
        structured_output: StructuredOutput::Prompt,
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
