//! Moonshot.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "moonshot",
    name: "Moonshot",
    class: "MoonShot",
    base_url: "https://api.moonshot.ai/v1",
    key_variables: &["MOONSHOT_API_KEY"],
    default_model: "kimi-k3",
    dialect: Dialect {
        name: "moonshot",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
