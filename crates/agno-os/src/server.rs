//! What all routes share.

use std::sync::Arc;

use agno_core::db::Db;
use agno_core::{RunId, SessionId, Timestamp};
use agno_runtime::Agent;
use agno_runtime::store::{RunStore, StoredRun};
use bytes::Bytes;

use crate::components::{Components, ComponentsHandle};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::runs::active::ActiveRuns;
use crate::runs::background::Background;

/// How a server presents itself, and its limits.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) id: Arc<str>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) description: Option<Arc<str>>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) origins: Vec<String>,
    pub(crate) body_limit: usize,
    pub(crate) background_runs: usize,
    pub(crate) db: Option<Arc<dyn Db>>,
}

/// What all routes share.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) settings: Settings,
    pub(crate) components: ComponentsHandle,
    pub(crate) active: ActiveRuns,
    pub(crate) background: Background,
    pub(crate) started: Timestamp,
    pub(crate) openapi: Bytes,
}

impl Server {
    /// What is served now.
    pub(crate) fn components(&self) -> Arc<Components> {
        self.components.current()
    }

    /// The agent of the given id.
    pub(crate) fn agent(&self, id: &str) -> Result<Agent, ApiError> {
        self.components()
            .agent(id)
            .cloned()
            .ok_or_else(|| ApiError::not_found("Agent not found"))
    }

    /// All databases: the server's own first.
    pub(crate) fn databases(&self) -> Vec<Arc<dyn Db>> {
        let mut databases: Vec<Arc<dyn Db>> = self.settings.db.iter().cloned().collect();
        for db in self.components().databases() {
            if !databases.iter().any(|known| Arc::ptr_eq(known, &db)) {
                databases.push(db);
            }
        }
        databases
    }

    /// The database that a query names by `db_id`, or the first.
    pub(crate) fn database(&self, query: &Query) -> Result<Arc<dyn Db>, ApiError> {
        let databases = self.databases();
        let Some(id) = query.text("db_id") else {
            if query.text("table").is_some() {
                return Err(ApiError::bad_request(
                    "The db_id query parameter is required when passing a table",
                ));
            }
            return databases.into_iter().next().ok_or_else(|| {
                ApiError::not_found("No database found: give an agent one with `.db(...)`")
            });
        };
        databases
            .into_iter()
            .find(|db| db.id() == id)
            .ok_or_else(|| ApiError::not_found(format!("No database found with id '{id}'")))
    }
}

/// The stored run of an agent in a session. One of another agent, session or user is as good as
/// unknown.
pub(crate) async fn stored_run(
    agent: &Agent,
    run: &str,
    session: Option<&str>,
    user: Option<&str>,
) -> Result<Option<(RunStore, StoredRun)>, ApiError> {
    let (Some(store), Ok(id)) = (agent.runs(), run.parse::<RunId>()) else {
        return Ok(None);
    };
    let Some(stored) = store.get(id).await? else {
        return Ok(None);
    };
    let in_session = session
        .is_none_or(|wanted| stored.session_id.as_ref().map(SessionId::as_str) == Some(wanted));
    let of_user = user.is_none_or(|wanted| {
        stored
            .user_id
            .as_ref()
            .is_none_or(|owner| owner.as_str() == wanted)
    });
    let fits = *stored.component_id == *agent.id() && in_session && of_user;
    Ok(fits.then_some((store, stored)))
}
