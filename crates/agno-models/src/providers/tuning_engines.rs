//! Tuning Engines.

use super::{COMPATIBLE, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "tuning-engines",
    name: "TuningEngines",
    class: "TuningEngines",
    base_url: "https://api.tuningengines.com/v1",
    base_url_variables: &["TUNING_ENGINES_BASE_URL"],
    key_variables: &["TUNING_ENGINES_API_KEY"],
    default_model: "gpt-4o",
    dialect: Dialect {
        name: "tuning-engines",
        ..Dialect::COMPATIBLE
    },
    ..COMPATIBLE
};
