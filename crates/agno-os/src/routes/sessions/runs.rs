//! `GET /sessions/{session_id}/runs`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::find::runs;
use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::runs::view::ShownRun;
use crate::server::Server;
use crate::wire::run_row::RunRow;

/// The runs of a session, oldest first.
#[utoipa::path(get, path = "/sessions/{session_id}/runs", tag = "Sessions",
    params(("session_id" = String, Path, description = "The session"),
        ("status" = Option<String>, Query, description = "Only runs of this status"),
        ("created_after" = Option<i64>, Query, description = "Epoch seconds"),
        ("created_before" = Option<i64>, Query, description = "Epoch seconds")),
    responses((status = 200, description = "The runs"), (status = 404, description = "Unknown session")))]
pub(crate) async fn session_runs(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, ApiError> {
    let db = server.database(&query)?;
    let components = server.components();
    let shown: Vec<_> = runs(&db, &id, &query)
        .await?
        .into_iter()
        .map(|(stored, output)| {
            let agent = components.agent(&stored.component_id);
            (agent, ShownRun::stored(agent, stored, output))
        })
        .collect();
    let rows: Vec<RunRow<'_>> = shown.iter().map(|(agent, run)| run.row(*agent)).collect();
    Ok(ok(&rows))
}
