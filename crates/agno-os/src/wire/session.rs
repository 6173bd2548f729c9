//! Sessions.

use agno_core::Usage;
use agno_engine::RunOutput;
use agno_runtime::Agent;
use agno_runtime::store::{Session, SessionUsage};
use serde::Serialize;
use serde_json::{Map, Value};

use super::message::{MessageView, conversation};
use super::metrics::{Metrics, provider_label};
use super::time::iso_seconds;

/// A page of something.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    data: Vec<T>,
    meta: PageMeta,
}

#[derive(Debug, Serialize)]
struct PageMeta {
    page: u64,
    limit: u64,
    total_pages: u64,
    total_count: u64,
    search_time_ms: f64,
}

impl<T> Page<T> {
    /// Page number `page` (from 1) of `total` things, `limit` of them a page.
    pub(crate) fn new(data: Vec<T>, page: u64, limit: u64, total: u64, micros: u64) -> Self {
        Self {
            data,
            meta: PageMeta {
                page,
                limit,
                total_pages: total.div_ceil(limit.max(1)),
                total_count: total,
                search_time_ms: micros as f64 / 1e3,
            },
        }
    }
}

/// A session in a list.
#[derive(Debug, Serialize)]
pub(crate) struct SessionRow<'a> {
    session_id: &'a str,
    session_name: &'a str,
    session_state: &'a Map<String, Value>,
    created_at: String,
    updated_at: String,
    session_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_id: Option<&'a str>,
    metrics: Metrics,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Map<String, Value>>,
}

/// The id of what runs in the session, if that is of the given kind.
fn component<'a>(session: &'a Session, kind: &str) -> Option<&'a str> {
    session
        .component_id
        .as_deref()
        .filter(|_| *session.kind == *kind)
}

impl<'a> SessionRow<'a> {
    /// The row of a session. `agents` tells how models are called in metrics.
    pub(crate) fn new(session: &'a Session, usage: &[SessionUsage], agents: &[Agent]) -> Self {
        Self {
            session_id: session.id.as_str(),
            session_name: session.name.as_deref().unwrap_or_default(),
            session_state: &session.state,
            created_at: iso_seconds(session.created),
            updated_at: iso_seconds(session.updated),
            session_type: &session.kind,
            user_id: session.user_id.as_ref().map(|id| id.as_str()),
            agent_id: component(session, "agent"),
            team_id: component(session, "team"),
            workflow_id: component(session, "workflow"),
            metrics: metrics(usage, agents),
            total_tokens: total_tokens(usage),
            metadata: Some(&session.metadata).filter(|metadata| !metadata.is_empty()),
        }
    }
}

/// A session with its conversation.
#[derive(Debug, Serialize)]
pub(crate) struct SessionDetail<'a> {
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_session_id: Option<&'a str>,
    session_id: &'a str,
    session_name: &'a str,
    session_summary: Option<()>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    session_state: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_id: Option<&'a str>,
    total_tokens: Option<u64>,
    #[serde(skip_serializing_if = "HideNull::hides")]
    agent_data: HideNull<AgentData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_data: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_data: Option<Empty>,
    metrics: Metrics,
    metadata: Option<&'a Map<String, Value>>,
    chat_history: Vec<MessageView<'a>>,
    created_at: String,
    updated_at: String,
}

/// An object without anything in it: what sessions of workflows have before their first run.
#[derive(Debug, Serialize)]
struct Empty {}

/// A value that is `null` for sessions of agents and absent for others.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum HideNull<T> {
    Value(T),
    Null(()),
    Absent,
}

impl<T> HideNull<T> {
    const fn hides(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

#[derive(Debug, Serialize)]
struct AgentData<'a> {
    name: &'a str,
    agent_id: &'a str,
    model: DataModel<'a>,
}

#[derive(Debug, Serialize)]
struct DataModel<'a> {
    id: &'a str,
    provider: &'a str,
    name: &'a str,
}

impl<'a> SessionDetail<'a> {
    /// The session with the messages of its runs.
    pub(crate) fn new(
        session: &'a Session,
        usage: &[SessionUsage],
        runs: &'a [RunOutput],
        agents: &'a [Agent],
    ) -> Self {
        let is_agent = *session.kind == *"agent";
        let is_workflow = *session.kind == *"workflow";
        Self {
            user_id: session.user_id.as_ref().map(|id| id.as_str()),
            agent_session_id: is_agent.then_some(session.id.as_str()),
            session_id: session.id.as_str(),
            session_name: session.name.as_deref().unwrap_or_default(),
            session_summary: None,
            session_state: &session.state,
            agent_id: component(session, "agent"),
            team_id: component(session, "team"),
            workflow_id: component(session, "workflow"),
            total_tokens: total_tokens(usage),
            agent_data: agent_data(session, runs, agents),
            session_data: is_workflow.then_some(Empty {}),
            workflow_data: is_workflow.then_some(Empty {}),
            metrics: metrics(usage, agents),
            metadata: Some(&session.metadata)
                .filter(|metadata| is_workflow || !metadata.is_empty()),
            chat_history: conversation(runs),
            created_at: iso_seconds(session.created),
            updated_at: iso_seconds(session.updated),
        }
    }
}

/// Who answers in the session, once somebody did.
fn agent_data<'a>(
    session: &'a Session,
    runs: &[RunOutput],
    agents: &'a [Agent],
) -> HideNull<AgentData<'a>> {
    let Some(id) = component(session, "agent") else {
        return HideNull::Absent;
    };
    match agents.iter().find(|agent| agent.id() == id) {
        Some(agent) if !runs.is_empty() => {
            let info = agent.model().info();
            HideNull::Value(AgentData {
                name: agent.name(),
                agent_id: agent.id(),
                model: DataModel {
                    id: &info.id,
                    provider: &info.provider,
                    name: &info.name,
                },
            })
        }
        _ => HideNull::Null(()),
    }
}

fn total_tokens(usage: &[SessionUsage]) -> Option<u64> {
    let total: u64 = usage.iter().map(|part| part.usage.total_tokens).sum();
    (total > 0).then_some(total)
}

fn metrics(usage: &[SessionUsage], agents: &[Agent]) -> Metrics {
    let mut total = Usage::default();
    for part in usage {
        total += part.usage;
    }
    usage
        .iter()
        .fold(Metrics::new().total(total), |metrics, part| {
            let id = part.model.as_deref().unwrap_or_default();
            let provider = part.provider.as_deref().unwrap_or_default();
            metrics.model(part.usage, id, &label(id, provider, agents))
        })
}

/// How metrics call a provider: as an agent with the same model does.
fn label(id: &str, provider: &str, agents: &[Agent]) -> String {
    agents
        .iter()
        .map(|agent| agent.model().info())
        .find(|info| *info.id == *id && *info.provider == *provider)
        .map_or_else(
            || provider.to_owned(),
            |info| provider_label(&info.name, provider),
        )
}
