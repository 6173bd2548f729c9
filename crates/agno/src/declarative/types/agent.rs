//! Agents in an agents file.

use std::collections::BTreeMap;

use agno_core::{ModelSettings, ToolChoice};
use agno_engine::{HistoryPolicy, Limits, RetryPolicy};
use agno_runtime::{Context, Durability};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::ModelConfig;

/// An agent: a model with instructions and tools.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::declarative) struct AgentConfig {
    /// The model: `provider:model` such as `openai:gpt-4o`, a name from `models`, `offline` for the
    /// model that needs no network, or a provider with its settings. Left out, the command takes
    /// the first provider whose key is set.
    pub(in crate::declarative) model: Option<ModelChoice>,
    /// The name for people. Default: the id.
    pub(in crate::declarative) name: Option<String>,
    /// What the agent is for; also the beginning of the system message.
    pub(in crate::declarative) description: Option<String>,
    /// What the agent is told: text, or a list of texts. `{key}` stands for a value of the session
    /// state.
    pub(in crate::declarative) instructions: Option<InstructionsConfig>,
    /// Tools and built-in toolkits that the agent may call, by name.
    pub(in crate::declarative) tools: Vec<String>,
    /// Whether and which tool the model must call first; after its first reply it decides.
    #[schemars(with = "Option<ToolChoiceSchema>")]
    pub(in crate::declarative) tool_choice: Option<ToolChoice>,
    /// How many of the session's last runs are shown to the model, or a policy. Default: none.
    pub(in crate::declarative) history: Option<HistoryConfig>,
    /// Whether answers are asked for in Markdown.
    pub(in crate::declarative) markdown: bool,
    /// What every answer has to look like: `name: type` for each field, or a JSON Schema.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub(in crate::declarative) output_schema: Option<Value>,
    /// What the state of a new session begins with.
    pub(in crate::declarative) session_state: Option<Map<String, Value>>,
    /// Values that instructions and tools get by name.
    pub(in crate::declarative) dependencies: Option<Map<String, Value>>,
    /// What a run may use up.
    pub(in crate::declarative) limits: Option<Limits>,
    /// When and how often a failed model call is repeated.
    pub(in crate::declarative) retry: Option<RetryPolicy>,
    /// What the system message consists of, besides the instructions.
    pub(in crate::declarative) context: Option<Context>,
    /// When what happened is written to the database.
    pub(in crate::declarative) durability: Option<Durability>,
    /// Sampling and limits of model calls. They win over the settings of the model.
    pub(in crate::declarative) settings: Option<ModelSettings>,
    /// Data that is shown with the agent.
    pub(in crate::declarative) metadata: Option<Map<String, Value>>,
}

/// A model, or the name of one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::declarative) enum ModelChoice {
    /// `provider:model`, a name from `models`, or `offline`.
    Name(String),
    /// A model and how it is reached.
    Inline(Box<ModelConfig>),
}

/// Text, or a list of texts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::declarative) enum InstructionsConfig {
    /// One text.
    One(String),
    /// Several texts, shown as a list.
    Several(Vec<String>),
}

/// Which messages of earlier runs are shown to the model.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::declarative) enum HistoryConfig {
    /// How many of the session's last completed runs are shown.
    LastRuns(u32),
    /// A policy.
    Policy(HistoryPolicy),
}

/// Whether and which tool the model must call.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "stands for `ToolChoice` in the schema")]
enum ToolChoiceSchema {
    /// The model decides.
    Auto,
    /// No tool may be called.
    None,
    /// Some tool must be called.
    Required,
    /// This tool must be called.
    Tool(String),
}
