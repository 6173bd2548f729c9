//! `GET /sessions/{session_id}/runs/{run_id}`

use std::sync::Arc;

use agno_core::RunId;
use agno_runtime::store::RunStore;
use axum::extract::{Path, State};
use axum::response::Response;

use super::find::session;
use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::runs::view::{ShownRun, load};
use crate::server::Server;

/// One run of a session.
#[utoipa::path(get, path = "/sessions/{session_id}/runs/{run_id}", tag = "Sessions",
    params(("session_id" = String, Path, description = "The session"),
        ("run_id" = String, Path, description = "The run")),
    responses((status = 200, description = "The run"), (status = 404, description = "Unknown session or run")))]
pub(crate) async fn session_run(
    State(server): State<Arc<Server>>,
    Path((id, run_id)): Path<(String, String)>,
    query: Query,
) -> Result<Response, ApiError> {
    let db = server.database(&query)?;
    if session(&db, &id, &query).await?.is_none() {
        return Err(ApiError::not_found(format!(
            "Session with ID {id} not found"
        )));
    }
    let unknown = || ApiError::not_found(format!("Run with ID {run_id} not found in session {id}"));
    let store = RunStore::new(db);
    let run: RunId = run_id.parse().map_err(|_| unknown())?;
    let stored = store
        .get(run)
        .await?
        .filter(|run| {
            run.session_id
                .as_ref()
                .is_some_and(|known| known.as_str() == id)
        })
        .ok_or_else(unknown)?;
    let (stored, output) = load(&store, vec![stored])
        .await?
        .pop()
        .ok_or_else(unknown)?;
    let components = server.components();
    let agent = components.agent(&stored.component_id);
    let shown = ShownRun::stored(agent, stored, output);
    Ok(ok(&shown.row(agent)))
}
