//! `GET /sessions/{session_id}/run-previews`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::find::runs;
use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::server::Server;
use crate::wire::run_row::RunPreview;

/// The runs of a session in few words, oldest first.
#[utoipa::path(get, path = "/sessions/{session_id}/run-previews", tag = "Sessions",
    params(("session_id" = String, Path, description = "The session")),
    responses((status = 200, description = "The previews"), (status = 404, description = "Unknown session")))]
pub(crate) async fn run_previews(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, ApiError> {
    let db = server.database(&query)?;
    let runs = runs(&db, &id, &query).await?;
    let previews: Vec<RunPreview<'_>> = runs
        .iter()
        .map(|(_, output)| RunPreview::new(output))
        .collect();
    Ok(ok(&previews))
}
