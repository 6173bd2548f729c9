//! Portkey's gateway; routing goes into headers.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "portkey",
    name: "Portkey",
    class: "Portkey",
    base_url: "https://api.portkey.ai/v1",
    key_variables: &["PORTKEY_API_KEY"],
    default_model: "gpt-4o-mini",
    dialect: Dialect {
        name: "portkey",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
