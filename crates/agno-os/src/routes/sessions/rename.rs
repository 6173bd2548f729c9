//! `POST /sessions/{session_id}/rename`

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::patch::change;
use crate::http::error::ApiError;
use crate::http::json::{self, Fields};
use crate::http::query::Query;
use crate::server::Server;

/// Gives a session a name.
#[utoipa::path(post, path = "/sessions/{session_id}/rename", tag = "Sessions",
    params(("session_id" = String, Path, description = "The session")),
    request_body(content_type = "application/json", description = "`session_name`"),
    responses((status = 200, description = "The session"), (status = 404, description = "Unknown session")))]
pub(crate) async fn rename_session(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    query: Query,
    request: Request,
) -> Result<Response, ApiError> {
    let mut body = Fields(json::object(request, server.settings.body_limit).await?);
    let name: Arc<str> = body.required("session_name")?.into();
    change(&server, &id, &query, |session| {
        session.name = Some(Arc::clone(&name));
    })
    .await
}
