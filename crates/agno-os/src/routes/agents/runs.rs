//! `GET /agents/{agent_id}/runs`

use std::sync::Arc;

use agno_core::RunStatus;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::http::edge::ok;
use crate::http::error::{ApiError, FieldError};
use crate::http::query::Query;
use crate::runs::view::{ShownRun, load};
use crate::server::Server;
use crate::wire::run_row::RunRow;

/// The status that a query asks for.
pub(crate) fn status(query: &Query) -> Result<Option<RunStatus>, ApiError> {
    let Some(text) = query.text("status") else {
        return Ok(None);
    };
    match RunStatus::parse(text) {
        Some(status) => Ok(Some(status)),
        None => Err(FieldError::new(
            "enum",
            "query",
            "status",
            "Input should be 'PENDING', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED' or 'ERROR'",
            text,
        )
        .into()),
    }
}

/// The runs of an agent in a session, oldest first.
#[utoipa::path(get, path = "/agents/{agent_id}/runs", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent"),
        ("session_id" = String, Query, description = "The session"),
        ("status" = Option<String>, Query, description = "Only runs of this status")),
    responses((status = 200, description = "The runs"), (status = 404, description = "Unknown agent")))]
pub(crate) async fn list_runs(
    State(server): State<Arc<Server>>,
    Path(agent_id): Path<String>,
    query: Query,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    let session = query.required("session_id")?;
    let status = status(&query)?;
    let Some(store) = agent.runs() else {
        return Ok(ok(&[(); 0]));
    };
    let mut stored = store.of_session(&session.into(), status).await?;
    stored.retain(|run| *run.component_id == *agent.id());
    let shown: Vec<ShownRun> = load(&store, stored)
        .await?
        .into_iter()
        .map(|(stored, output)| ShownRun::stored(Some(&agent), stored, output))
        .collect();
    let rows: Vec<RunRow<'_>> = shown.iter().map(|run| run.row(Some(&agent))).collect();
    Ok(ok(&rows))
}
