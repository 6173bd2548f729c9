//! Groups of settings of an agent.

use std::fmt;
use std::sync::Arc;

use agno_core::{SessionState, UserId};
use serde::{Deserialize, Serialize};

/// When what happened is written to the database.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// Before anything with side effects, before a person is asked, and before the run's end is
    /// told. What may be lost is a model reply: money, never a second effect.
    #[default]
    Barrier,
    /// Before every step.
    Strict,
}

/// Instructions: text, or a function of the run.
#[derive(Clone)]
#[non_exhaustive]
pub enum Instructions {
    /// Text. `{key}` stands for a value of the session state, the dependencies or `user_id`.
    Text(Arc<str>),
    /// Made anew for each run.
    Dynamic(Arc<dyn Fn(&InstructionScope<'_>) -> String + Send + Sync>),
}

/// What dynamic instructions may depend on.
#[derive(Debug)]
pub struct InstructionScope<'a> {
    /// The session state at the start of the run.
    pub state: &'a SessionState,
    /// On whose behalf the run is made.
    pub user_id: Option<&'a UserId>,
}

impl fmt::Debug for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Self::Dynamic(_) => f.write_str("Dynamic"),
        }
    }
}

impl From<&str> for Instructions {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Instructions {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// What the system message consists of, besides the instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Context {
    /// The role that the agent plays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What a good answer looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_output: Option<String>,
    /// Further text at the end of the stable part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// Asks for Markdown, unless an output schema is set.
    pub markdown: bool,
    /// Shows the agent's name.
    pub name: bool,
    /// Shows the date and the time to the minute, in UTC, after everything that is stable.
    pub datetime: bool,
    /// Shows the session state, after everything that is stable.
    pub session_state: bool,
    /// Shows the dependencies that were given by name, after the input.
    pub dependencies: bool,
}
