//! Nebius.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "nebius",
    name: "Nebius",
    class: "Nebius",
    base_url: "https://api.tokenfactory.nebius.com/v1",
    key_variables: &["NEBIUS_API_KEY"],
    default_model: "openai/gpt-oss-20b",
    dialect: Dialect {
        name: "nebius",
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
