//! `GET /agents/{agent_id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::server::Server;
use crate::wire::agent::AgentView;

/// One agent.
#[utoipa::path(get, path = "/agents/{agent_id}", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent")),
    responses((status = 200, description = "The agent"), (status = 404, description = "Unknown agent")))]
pub(crate) async fn get_agent(
    State(server): State<Arc<Server>>,
    Path(agent_id): Path<String>,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    Ok(ok(&AgentView::from(&agent)))
}
