//! Requesty.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "requesty",
    name: "Requesty",
    class: "Requesty",
    base_url: "https://router.requesty.ai/v1",
    key_variables: &["REQUESTY_API_KEY"],
    default_model: "openai/gpt-4.1",
    dialect: Dialect {
        name: "requesty",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
