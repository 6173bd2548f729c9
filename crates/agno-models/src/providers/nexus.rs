//! A Nexus router.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "nexus",
    name: "Nexus",
    class: "Nexus",
    base_url: "http://localhost:8000/llm/v1",
    needs_key: false,
    default_model: "openai/gpt-4",
    dialect: Dialect {
        name: "nexus",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
