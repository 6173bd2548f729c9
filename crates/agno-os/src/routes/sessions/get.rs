//! `GET /sessions/{session_id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::find::{detail, kind, session};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::server::Server;

/// One session with its conversation.
#[utoipa::path(get, path = "/sessions/{session_id}", tag = "Sessions",
    params(("session_id" = String, Path, description = "The session"),
        ("type" = Option<String>, Query, description = "`agent`, `team` or `workflow`"),
        ("user_id" = Option<String>, Query, description = "Whose it has to be"),
        ("db_id" = Option<String>, Query, description = "The database")),
    responses((status = 200, description = "The session"), (status = 404, description = "Unknown session")))]
pub(crate) async fn get_session(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, ApiError> {
    let db = server.database(&query)?;
    let Some(found) = session(&db, &id, &query).await? else {
        let what = match kind(&query)? {
            Some("agent") => "Agent Session",
            Some("team") => "Team Session",
            Some("workflow") => "Workflow Session",
            _ => "Session",
        };
        return Err(ApiError::not_found(format!(
            "{what} with id '{id}' not found"
        )));
    };
    detail(&server, &db, &found, StatusCode::OK).await
}
