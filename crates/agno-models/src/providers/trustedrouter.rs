//! TrustedRouter.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "trustedrouter",
    name: "TrustedRouter",
    class: "TrustedRouter",
    base_url: "https://api.trustedrouter.com/v1",
    key_variables: &["TRUSTEDROUTER_API_KEY"],
    default_model: "trustedrouter/zdr",
    dialect: Dialect {
        name: "trustedrouter",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
