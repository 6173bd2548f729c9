//! CometAPI.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "cometapi",
    name: "CometAPI",
    class: "CometAPI",
    base_url: "https://api.cometapi.com/v1",
    key_variables: &["COMETAPI_KEY"],
    default_model: "gpt-5-mini",
    dialect: Dialect {
        name: "cometapi",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
