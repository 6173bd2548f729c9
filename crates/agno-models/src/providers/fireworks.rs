//! Fireworks.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "fireworks",
    name: "Fireworks",
    class: "Fireworks",
    base_url: "https://api.fireworks.ai/inference/v1",
    key_variables: &["FIREWORKS_API_KEY"],
    default_model: "accounts/fireworks/models/gpt-oss-120b",
    dialect: Dialect {
        name: "fireworks",
        think_tags: true,
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
