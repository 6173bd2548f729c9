//! `GET /agents/{agent_id}/runs/{run_id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::runs::view::{ShownRun, find};
use crate::server::Server;

/// One run, also while it is under way.
#[utoipa::path(get, path = "/agents/{agent_id}/runs/{run_id}", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent"),
        ("run_id" = String, Path, description = "The run"),
        ("session_id" = String, Query, description = "Its session"),
        ("user_id" = Option<String>, Query, description = "Whose it has to be")),
    responses((status = 200, description = "The run"), (status = 404, description = "Unknown run")))]
pub(crate) async fn get_run(
    State(server): State<Arc<Server>>,
    Path((agent_id, run_id)): Path<(String, String)>,
    query: Query,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    let session = query.required("session_id")?;
    let (stored, output) = find(&agent, &run_id, session, query.text("user_id")).await?;
    let shown = ShownRun::stored(Some(&agent), stored, output);
    Ok(ok(&shown.view(Some(&agent))))
}
