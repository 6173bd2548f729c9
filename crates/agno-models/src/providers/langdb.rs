//! LangDB's gateway.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "langdb",
    name: "LangDB",
    class: "LangDB",
    base_url: "{LANGDB_API_BASE_URL=https://api.us-east-1.langdb.ai}/{LANGDB_PROJECT_ID}/v1",
    key_variables: &["LANGDB_API_KEY"],
    default_model: "gpt-4o",
    dialect: Dialect {
        name: "langdb",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
