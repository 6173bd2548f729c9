//! `DELETE /sessions`

use std::sync::Arc;

use agno_runtime::store::SessionStore;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::find::{KINDS, session};
use crate::http::error::{ApiError, FieldError};
use crate::http::json::{self, Fields};
use crate::http::query::Query;
use crate::server::Server;

/// Deletes several sessions with their runs.
#[utoipa::path(delete, path = "/sessions", tag = "Sessions",
    params(("user_id" = Option<String>, Query, description = "Whose they have to be")),
    request_body(content_type = "application/json",
        description = "`session_ids` and `session_types`, of the same length"),
    responses((status = 204, description = "They do not exist any more")))]
pub(crate) async fn delete_sessions(
    State(server): State<Arc<Server>>,
    query: Query,
    request: Request,
) -> Result<Response, ApiError> {
    let mut body = Fields(json::object(request, server.settings.body_limit).await?);
    let ids = body.texts("session_ids")?;
    let kinds = body.texts("session_types")?;
    if ids.len() != kinds.len() {
        return Err(ApiError::bad_request(
            "Session IDs and session types must have the same length",
        ));
    }
    if let Some(wrong) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        let message = "Input should be 'agent', 'team' or 'workflow'";
        let error = FieldError::new("enum", "body", "session_types", message, wrong.as_str());
        return Err(error
            .context(json!({ "expected": "'agent', 'team' or 'workflow'" }))
            .into());
    }
    let db = server.database(&query)?;
    let store = SessionStore::new(Arc::clone(&db));
    for (id, kind) in ids.iter().zip(&kinds) {
        let found = session(&db, id, &query).await?;
        if found.is_some_and(|session| *session.kind == **kind) {
            store.delete(&id.as_str().into()).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
