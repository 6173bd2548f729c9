//! Inception.

use agno_core::StructuredOutput;

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "inception",
    name: "Inception",
    class: "Inception",
    base_url: "https://api.inceptionlabs.ai/v1",
    key_variables: &["INCEPTION_API_KEY"],
    default_model: "mercury-2",
    dialect: Dialect {
        name: "inception",
        structured_output: StructuredOutput::Prompt,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
