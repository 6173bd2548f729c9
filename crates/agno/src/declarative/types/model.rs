//! Models in an agents file.

use std::fmt;

use agno_core::ModelSettings;
use schemars::JsonSchema;
use serde::Deserialize;

/// A model and how it is reached.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::declarative) struct ModelConfig {
    /// Who serves it, such as `openai` or `openai-compatible`; `agno models` lists them.
    pub(in crate::declarative) provider: String,
    /// The id the provider knows it by. Default: the provider's default model.
    #[serde(default)]
    pub(in crate::declarative) id: Option<String>,
    /// Where the provider's API is. Default: its own address.
    #[serde(default)]
    pub(in crate::declarative) base_url: Option<String>,
    /// The environment variable that holds the key. Default: the provider's own variable.
    #[serde(default)]
    pub(in crate::declarative) api_key_env: Option<String>,
    /// The key; write `${NAME}` to take it from an environment variable. Prefer `api_key_env`.
    #[serde(default)]
    pub(in crate::declarative) api_key: Option<String>,
    /// Sampling and limits, for all agents that use the model.
    #[serde(default)]
    pub(in crate::declarative) settings: Option<ModelSettings>,
}

/// The key is left out: people write it here in spite of all advice.
impl fmt::Debug for ModelConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelConfig")
            .field("provider", &self.provider)
            .field("id", &self.id)
            .field("api_key_env", &self.api_key_env)
            .field("has_api_key", &self.api_key.is_some())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
