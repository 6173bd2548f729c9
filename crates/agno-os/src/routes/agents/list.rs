//! `GET /agents`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::http::edge::ok;
use crate::server::Server;
use crate::wire::agent::AgentView;

/// All agents.
#[utoipa::path(get, path = "/agents", tag = "Agents", responses((status = 200, description = "All agents, with details")))]
pub(crate) async fn list_agents(State(server): State<Arc<Server>>) -> Response {
    let components = server.components();
    let agents: Vec<AgentView<'_>> = components.agents.iter().map(AgentView::from).collect();
    ok(&agents)
}
