//! `POST /sessions`

use std::sync::Arc;

use agno_core::SessionId;
use agno_core::db::DbError;
use agno_runtime::store::{NewSession, SessionStore};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::find::{detail, kind};
use crate::http::error::ApiError;
use crate::http::json::{self, Fields};
use crate::http::query::Query;
use crate::server::Server;
use crate::wire::time::now;

/// Creates a session without runs.
#[utoipa::path(post, path = "/sessions", tag = "Sessions",
    params(("type" = Option<String>, Query, description = "`agent` (default), `team` or `workflow`"),
        ("db_id" = Option<String>, Query, description = "The database")),
    request_body(content_type = "application/json",
        description = "`session_id`, `session_name`, `session_state`, `metadata`, `user_id`, and \
                       `agent_id`, `team_id` or `workflow_id`"),
    responses((status = 201, description = "The session"), (status = 409, description = "The id is taken")))]
pub(crate) async fn create_session(
    State(server): State<Arc<Server>>,
    query: Query,
    request: Request,
) -> Result<Response, ApiError> {
    let kind = kind(&query)?.unwrap_or("agent");
    let db = server.database(&query)?;
    let mut body = Fields(json::object(request, server.settings.body_limit).await?);
    let id = match body.text("session_id")? {
        Some(id) if !id.is_empty() => SessionId::from(id),
        _ => SessionId::new(now()),
    };
    let mut component = None;
    for owner in super::find::KINDS {
        let given = body.text(&format!("{owner}_id"))?;
        if owner == kind {
            component = given;
        }
    }
    let new = NewSession {
        component_id: component.map(Into::into),
        user_id: body.text("user_id")?.map(Into::into),
        name: body.text("session_name")?.map(Into::into),
        state: body.object("session_state")?.unwrap_or_default(),
        metadata: body.object("metadata")?.unwrap_or_default(),
    };
    let store = SessionStore::new(Arc::clone(&db));
    let session = match store.create(id.clone(), kind, new, now()).await {
        Ok(session) => session,
        Err(DbError::Conflict { .. }) => {
            return Err(ApiError::conflict(format!(
                "Session with id '{id}' already exists. Use PATCH /sessions/{id} to update it."
            )));
        }
        Err(error) => return Err(error.into()),
    };
    detail(&server, &db, &session, StatusCode::CREATED).await
}
