//! `POST /agents/{agent_id}/runs/{run_id}/cancel`

use std::sync::Arc;

use agno_core::{RunId, RunStatus};
use agno_runtime::Error;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value};

use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::runs::active::cancel_reason;
use crate::server::{Server, stored_run};

/// Cancels a run: at once if it is under way or waits for a person, at its beginning if nobody
/// knows it yet. Doing so twice changes nothing.
#[utoipa::path(post, path = "/agents/{agent_id}/runs/{run_id}/cancel", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent"),
        ("run_id" = String, Path, description = "The run"),
        ("session_id" = Option<String>, Query, description = "Its session")),
    responses((status = 200, description = "Understood"), (status = 404, description = "Unknown agent")))]
pub(crate) async fn cancel_run(
    State(server): State<Arc<Server>>,
    Path((agent_id, run_id)): Path<(String, String)>,
    query: Query,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    let done = ok(&Map::<String, Value>::new());
    let Ok(id) = run_id.parse::<RunId>() else {
        // No run will ever be called that.
        return Ok(done);
    };
    let stored = match agent.runs() {
        Some(store) => store.get(id).await?,
        None => None,
    };
    let Some(stored) = stored else {
        // An inline run may not have reached the database yet.
        if !server.active.cancel(id) {
            server.active.intend_cancel(id);
        }
        return Ok(done);
    };
    let own = stored_run(&agent, &run_id, query.text("session_id"), None).await?;
    if own.is_none() || stored.status.is_terminal() || server.active.cancel(id) {
        return Ok(done);
    }
    let cancelled = match stored.status {
        RunStatus::Paused => agent.resume(id).cancel(cancel_reason(id)).await,
        // It is under way elsewhere, or its process was killed.
        _ => agent.recover(id).cancel(cancel_reason(id)).await,
    };
    match cancelled {
        Ok(_) | Err(Error::Cancelled { .. } | Error::WrongStatus { .. }) => Ok(done),
        Err(error) => Err(error.into()),
    }
}
