//! `PATCH /sessions/{session_id}`

use std::sync::Arc;

use agno_runtime::store::{Session, SessionStore};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::find::{detail, session};
use crate::http::error::ApiError;
use crate::http::json::{self, Fields};
use crate::http::query::Query;
use crate::server::Server;
use crate::wire::time::now;

/// Changes a session that the query may see, and shows it.
pub(super) async fn change(
    server: &Server,
    id: &str,
    query: &Query,
    change: impl Fn(&mut Session),
) -> Result<Response, ApiError> {
    let unknown = || ApiError::not_found(format!("Session with id '{id}' not found"));
    let db = server.database(query)?;
    if session(&db, id, query).await?.is_none() {
        return Err(unknown());
    }
    let store = SessionStore::new(Arc::clone(&db));
    let changed = store
        .update(&id.into(), now(), change)
        .await?
        .ok_or_else(unknown)?;
    detail(server, &db, &changed, StatusCode::OK).await
}

/// Replaces the name, the state or the metadata of a session.
#[utoipa::path(patch, path = "/sessions/{session_id}", tag = "Sessions",
    params(("session_id" = String, Path, description = "The session")),
    request_body(content_type = "application/json",
        description = "`session_name`, `session_state`, `metadata`: what is to be replaced"),
    responses((status = 200, description = "The session"), (status = 404, description = "Unknown session")))]
pub(crate) async fn patch_session(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    query: Query,
    request: Request,
) -> Result<Response, ApiError> {
    let mut body = Fields(json::object(request, server.settings.body_limit).await?);
    let name: Option<Arc<str>> = body.text("session_name")?.map(Into::into);
    let state = body.object("session_state")?;
    let metadata = body.object("metadata")?;
    if !matches!(body.0.get("summary"), None | Some(Value::Null)) {
        return Err(ApiError::bad_request(
            "`summary` is not supported: sessions have no summaries here",
        ));
    }
    change(&server, &id, &query, |session| {
        if let Some(name) = &name {
            session.name = Some(Arc::clone(name));
        }
        if let Some(state) = &state {
            session.state.clone_from(state);
        }
        if let Some(metadata) = &metadata {
            session.metadata.clone_from(metadata);
        }
    })
    .await
}
