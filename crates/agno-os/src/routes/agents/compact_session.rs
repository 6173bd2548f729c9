//! `POST /agents/{agent_id}/sessions/{session_id}/compact`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;

use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::server::Server;

#[derive(Serialize)]
struct Compaction {
    status: &'static str,
    message: &'static str,
    compacted: bool,
    record: Option<()>,
    metrics: Option<()>,
}

/// Says that agents here don't compact sessions: what a model sees of one is bounded by the agent's
/// history policy, and all of it is kept.
#[utoipa::path(post, path = "/agents/{agent_id}/sessions/{session_id}/compact", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent"),
        ("session_id" = String, Path, description = "The session")),
    responses((status = 200, description = "Nothing was done"), (status = 404, description = "Unknown agent")))]
pub(crate) async fn compact_session(
    State(server): State<Arc<Server>>,
    Path((agent_id, _)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    server.agent(&agent_id)?;
    Ok(ok(&Compaction {
        status: "not_enabled",
        message: "Compaction is not enabled on this agent.",
        compacted: false,
        record: None,
        metrics: None,
    }))
}
