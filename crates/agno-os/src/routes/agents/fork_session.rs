//! `POST /agents/{agent_id}/sessions/{session_id}/fork`

use std::sync::Arc;

use agno_core::SessionId;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;

use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::server::Server;
use crate::wire::time::now;

#[derive(Serialize)]
struct Forked<'a> {
    session_id: &'a str,
    forked_from_session_id: &'a str,
}

/// Copies a session with the runs that have ended.
#[utoipa::path(post, path = "/agents/{agent_id}/sessions/{session_id}/fork", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent"),
        ("session_id" = String, Path, description = "The session")),
    responses((status = 200, description = "The copy"), (status = 404, description = "Unknown session")))]
pub(crate) async fn fork_session(
    State(server): State<Arc<Server>>,
    Path((agent_id, session_id)): Path<(String, String)>,
    query: Query,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    let unknown = || ApiError::not_found("Session not found");
    let sessions = agent.sessions().ok_or_else(unknown)?;
    let id = SessionId::from(session_id.as_str());
    let original = sessions.get(&id).await?.ok_or_else(unknown)?;
    let owner = original.user_id.as_ref().map(|user| user.as_str());
    let own = original.component_id.as_deref() == Some(agent.id());
    if !own
        || query
            .text("user_id")
            .is_some_and(|user| owner.is_some_and(|owner| owner != user))
    {
        return Err(unknown());
    }
    let time = now();
    let copy = SessionId::new(time);
    sessions
        .fork(&id, copy.clone(), time)
        .await?
        .ok_or_else(unknown)?;
    Ok(ok(&Forked {
        session_id: copy.as_str(),
        forked_from_session_id: &session_id,
    }))
}
