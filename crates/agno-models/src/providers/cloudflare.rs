//! Cloudflare's AI gateway.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "cloudflare",
    name: "Cloudflare",
    class: "Cloudflare",
    base_url: "https://gateway.ai.cloudflare.com/v1/{CLOUDFLARE_ACCOUNT_ID}/{CLOUDFLARE_AI_GATEWAY_ID}/compat",
    key_variables: &["CLOUDFLARE_API_TOKEN"],
    default_model: "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
    dialect: Dialect {
        name: "cloudflare",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
