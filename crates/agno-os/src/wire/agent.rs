//! Agents, as clients list them.

use agno_core::ModelInfo;
use agno_runtime::{Agent, Instructions};
use serde::Serialize;
use serde_json::{Map, Value};

use super::tool::ToolDefinition;

/// An agent with everything that a client shows of it.
#[derive(Debug, Serialize)]
pub(crate) struct AgentView<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    db_id: Option<&'a str>,
    filesystem: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    is_factory: bool,
    model: ModelView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<ToolsView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<SessionsView>,
    reasoning: ReasoningView,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_message: Option<SystemMessageView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Map<String, Value>>,
    is_component: bool,
    sandboxed: bool,
}

/// A model, as lists of agents name it.
#[derive(Debug, Serialize)]
pub(crate) struct ModelView<'a> {
    name: &'a str,
    model: &'a str,
    provider: &'a str,
}

#[derive(Debug, Serialize)]
struct ToolsView<'a> {
    tools: Vec<ToolDefinition<'a>>,
}

#[derive(Debug, Serialize)]
struct SessionsView {
    session_table: &'static str,
    add_history_to_context: bool,
}

#[derive(Debug, Serialize)]
struct ReasoningView {
    reasoning: bool,
}

#[derive(Debug, Serialize)]
struct SystemMessageView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instructions: Vec<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    markdown: bool,
}

impl<'a> From<&'a ModelInfo> for ModelView<'a> {
    fn from(info: &'a ModelInfo) -> Self {
        Self {
            name: &info.name,
            model: &info.id,
            provider: &info.provider,
        }
    }
}

impl<'a> From<&'a Agent> for AgentView<'a> {
    fn from(agent: &'a Agent) -> Self {
        let card = agent.card();
        let tools: Vec<_> = agent
            .definition()
            .tools
            .iter()
            .map(|tool| ToolDefinition::from(tool.spec()))
            .collect();
        Self {
            id: agent.id(),
            name: agent.name(),
            db_id: agent.db().map(|db| db.id()),
            filesystem: false,
            description: description(agent),
            role: agent.context().and_then(|context| context.role.as_deref()),
            is_factory: false,
            model: agent.model().info().into(),
            tools: (!tools.is_empty()).then_some(ToolsView { tools }),
            sessions: agent.db().map(|_| SessionsView {
                session_table: SESSION_TABLE,
                add_history_to_context: !agent.history().is_off(),
            }),
            reasoning: ReasoningView { reasoning: false },
            system_message: system_message(agent),
            metadata: card
                .map(|card| &card.metadata)
                .filter(|metadata| !metadata.is_empty()),
            is_component: false,
            sandboxed: false,
        }
    }
}

/// What clients know the sessions' table as. It is a name in the API and not one in a database.
pub(crate) const SESSION_TABLE: &str = "agno_sessions";

pub(crate) fn description(agent: &Agent) -> Option<&str> {
    agent.card()?.description.as_deref()
}

fn system_message(agent: &Agent) -> Option<SystemMessageView<'_>> {
    let view = SystemMessageView {
        description: description(agent),
        instructions: agent
            .instructions()
            .iter()
            .filter_map(|instruction| match instruction {
                Instructions::Text(text) => Some(&**text),
                // What is made anew for each run can't be shown without one.
                _ => None,
            })
            .collect(),
        markdown: agent.context().is_some_and(|context| context.markdown),
    };
    let empty = view.description.is_none() && view.instructions.is_empty() && !view.markdown;
    (!empty).then_some(view)
}

/// An agent in the configuration: less than in lists.
#[derive(Debug, Serialize)]
pub(crate) struct AgentSummary<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    db_id: Option<&'a str>,
    model: ModelId<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Map<String, Value>>,
    sandboxed: bool,
}

/// A model, as the configuration names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ModelId<'a> {
    id: &'a str,
    provider: &'a str,
}

impl<'a> From<&'a ModelInfo> for ModelId<'a> {
    fn from(info: &'a ModelInfo) -> Self {
        Self {
            id: &info.id,
            provider: &info.provider,
        }
    }
}

impl<'a> From<&'a Agent> for AgentSummary<'a> {
    fn from(agent: &'a Agent) -> Self {
        Self {
            id: agent.id(),
            name: agent.name(),
            description: description(agent),
            db_id: agent.db().map(|db| db.id()),
            model: agent.model().info().into(),
            metadata: None,
            sandboxed: false,
        }
    }
}
