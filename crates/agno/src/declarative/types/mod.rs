//! What can be written in an agents file.
//!
//! These types are the format: the JSON Schema that files are checked against, and that editors
//! complete from, is generated from them, descriptions included.

mod agent;
mod model;
mod tool;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) use agent::{AgentConfig, HistoryConfig, InstructionsConfig, ModelChoice};
pub(super) use model::ModelConfig;
pub(super) use tool::ToolConfig;

/// Agents, their tools, models and database.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AgentsFile {
    /// How the server presents itself.
    pub(super) os: OsConfig,
    /// Where sessions and runs are kept: `sqlite:agno.db` (the default), or `memory` to keep them
    /// only as long as the program runs. `${NAME}` stands for an environment variable.
    pub(super) db: Option<String>,
    /// Models by a name of your choice, for agents to share. A model can also be named directly,
    /// such as `openai:gpt-4o`.
    pub(super) models: BTreeMap<String, ModelConfig>,
    /// Tools by name. Agents name those they may call, or a built-in toolkit.
    pub(super) tools: OrderedMap<ToolConfig>,
    /// Agents by id.
    pub(super) agents: OrderedMap<AgentConfig>,
}

/// How the server presents itself.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OsConfig {
    /// Its id. Default: `agno`.
    pub(super) id: Option<String>,
    /// Its name for people.
    pub(super) name: Option<String>,
    /// What it is for.
    pub(super) description: Option<String>,
    /// Origins whose web pages may use the server, beside those allowed by default.
    pub(super) cors_origins: Vec<String>,
}

/// A map that keeps the order of the file: agents and tools are listed as they were written.
#[derive(Clone, Debug)]
pub(super) struct OrderedMap<T>(pub(super) Vec<(String, T)>);

impl<T> Default for OrderedMap<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> OrderedMap<T> {
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    pub(super) fn get(&self, key: &str) -> Option<&T> {
        let found = self.0.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value)
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for OrderedMap<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Option::<Map<String, Value>>::deserialize(deserializer)?;
        let read = |(key, value)| match T::deserialize(value) {
            Ok(value) => Ok((key, value)),
            Err(error) => Err(serde::de::Error::custom(format_args!("`{key}`: {error}"))),
        };
        let entries: Result<Vec<_>, D::Error> = entries.into_iter().flatten().map(read).collect();
        entries.map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for OrderedMap<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("MapOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        BTreeMap::<String, T>::json_schema(generator)
    }
}
