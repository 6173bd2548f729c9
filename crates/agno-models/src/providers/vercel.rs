//! Vercel's v0.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "vercel",
    aliases: &["v0"],
    name: "Vercel",
    class: "V0",
    base_url: "https://api.v0.dev/v1",
    key_variables: &["V0_API_KEY"],
    default_model: "v0-1.0-md",
    dialect: Dialect {
        name: "vercel",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
