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

/// Whether a query asks for runs of this status. It may name several; without any, all are meant.
pub(crate) fn statuses(query: &Query) -> Result<impl Fn(RunStatus) -> bool, ApiError> {
    let wanted = query
        .all("status")
        .map(|text| {
            RunStatus::parse(text).ok_or_else(|| {
                let message = "Input should be 'PENDING', 'RUNNING', 'PAUSED', 'COMPLETED', \
                               'CANCELLED' or 'ERROR'";
                FieldError::new("enum", "query", "status", message, text)
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(move |status| wanted.is_empty() || wanted.contains(&status))
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
    let wanted = statuses(&query)?;
    let Some(store) = agent.runs() else {
        return Ok(ok(&[(); 0]));
    };
    let mut stored = store.of_session(&session.into(), None).await?;
    stored.retain(|run| *run.component_id == *agent.id() && wanted(run.status));
    let shown: Vec<ShownRun> = load(&store, stored)
        .await?
        .into_iter()
        .map(|(stored, output)| ShownRun::stored(Some(&agent), stored, output))
        .collect();
    let rows: Vec<RunRow<'_>> = shown.iter().map(|run| run.row(Some(&agent))).collect();
    Ok(ok(&rows))
}
