//! TokenLab.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "tokenlab",
    name: "TokenLab",
    class: "TokenLab",
    base_url: "https://api.tokenlab.sh/v1",
    key_variables: &["TOKENLAB_API_KEY"],
    default_model: "gpt-5.4-mini",
    dialect: Dialect {
        name: "tokenlab",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
