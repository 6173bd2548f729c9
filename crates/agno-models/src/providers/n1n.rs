//! N1N.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "n1n",
    name: "N1N",
    class: "N1N",
    base_url: "https://api.n1n.ai/v1",
    key_variables: &["N1N_API_KEY"],
    default_model: "gpt-4o",
    dialect: Dialect {
        name: "n1n",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
