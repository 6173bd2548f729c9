//! Neosantara.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "neosantara",
    name: "Neosantara",
    class: "Neosantara",
    base_url: "https://api.neosantara.xyz/v1",
    key_variables: &["NEOSANTARA_API_KEY"],
    default_model: "grok-4.1-fast-non-reasoning",
    dialect: Dialect {
        name: "neosantara",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
