//! `DELETE /sessions/{session_id}`

use std::sync::Arc;

use agno_runtime::store::SessionStore;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::find::session;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::server::Server;

/// Deletes a session with its runs. One that does not exist (any more) is no error.
#[utoipa::path(delete, path = "/sessions/{session_id}", tag = "Sessions",
    params(("session_id" = String, Path, description = "The session"),
        ("user_id" = Option<String>, Query, description = "Whose it has to be")),
    responses((status = 204, description = "It does not exist any more")))]
pub(crate) async fn delete_session(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, ApiError> {
    let db = server.database(&query)?;
    if session(&db, &id, &query).await?.is_some() {
        SessionStore::new(Arc::clone(&db))
            .delete(&id.as_str().into())
            .await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
