//! `GET /config`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::http::edge::ok;
use crate::server::Server;
use crate::wire::agent::{AgentSummary, ModelId, SESSION_TABLE};

#[derive(Serialize)]
struct Config<'a> {
    os_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    available_models: Vec<ModelId<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_database: Option<&'a str>,
    databases: Vec<&'a str>,
    session: Domain<'a>,
    metrics: Domain<'a>,
    memory: Domain<'a>,
    learning: Domain<'a>,
    filesystem: Filesystem,
    knowledge: Domain<'a>,
    evals: Domain<'a>,
    traces: Domain<'a>,
    queue: Queue,
    agents: Vec<AgentSummary<'a>>,
    teams: [(); 0],
    workflows: [(); 0],
    interfaces: [(); 0],
    company: Option<()>,
}

/// The databases that keep one kind of data.
#[derive(Serialize)]
struct Domain<'a> {
    dbs: Vec<DomainDb<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    knowledge_instances: Option<[(); 0]>,
}

#[derive(Serialize)]
struct DomainDb<'a> {
    db_id: &'a str,
    domain_config: DomainConfig<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<&'static str>,
}

#[derive(Serialize)]
struct DomainConfig<'a> {
    display_name: &'a str,
}

#[derive(Serialize)]
struct Filesystem {
    namespaces: [(); 0],
}

#[derive(Serialize)]
struct Queue {
    durable: bool,
    queue_per_session: bool,
}

fn domain<'a>(databases: &[&'a str], table: Option<&'static str>) -> Domain<'a> {
    let dbs = databases
        .iter()
        .map(|id| DomainDb {
            db_id: id,
            domain_config: DomainConfig { display_name: id },
            tables: table.into_iter().collect(),
        })
        .collect();
    Domain {
        dbs,
        knowledge_instances: None,
    }
}

/// What the server serves and where its data is.
#[utoipa::path(get, path = "/config", tag = "Core", responses((status = 200, description = "The configuration")))]
pub(crate) async fn config(State(server): State<Arc<Server>>) -> Response {
    let components = server.components();
    let databases = server.databases();
    let ids: Vec<&str> = databases.iter().map(|db| db.id()).collect();
    let mut models: Vec<ModelId<'_>> = Vec::new();
    for agent in &components.agents {
        let model = agent.model().info().into();
        if !models.contains(&model) {
            models.push(model);
        }
    }
    ok(&Config {
        os_id: &server.settings.id,
        description: server.settings.description.as_deref(),
        available_models: models,
        os_database: ids.first().copied(),
        session: domain(&ids, Some(SESSION_TABLE)),
        metrics: domain(&ids, Some("agno_metrics")),
        memory: domain(&ids, Some("agno_memories")),
        learning: domain(&ids, Some("agno_learnings")),
        filesystem: Filesystem { namespaces: [] },
        knowledge: Domain {
            dbs: Vec::new(),
            knowledge_instances: Some([]),
        },
        evals: domain(&ids, Some("agno_eval_runs")),
        traces: domain(&ids, None),
        queue: Queue {
            durable: false,
            queue_per_session: false,
        },
        databases: ids,
        agents: components.agents.iter().map(AgentSummary::from).collect(),
        teams: [],
        workflows: [],
        interfaces: [],
        company: None,
    })
}
