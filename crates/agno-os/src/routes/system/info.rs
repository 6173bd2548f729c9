//! `GET /info`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::http::edge::ok;
use crate::server::Server;

/// The version of Agno whose API this is.
const AGNO_VERSION: &str = "3.1.10";

#[derive(Serialize)]
struct Info<'a> {
    os_id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_version: Option<&'a str>,
    agno_version: &'static str,
    agent_count: usize,
    team_count: usize,
    workflow_count: usize,
    mcp: Mcp,
    auth_mode: &'static str,
    user_isolation: bool,
}

#[derive(Serialize)]
struct Mcp {
    enabled: bool,
    path: Option<&'static str>,
    oauth: Option<()>,
    tool_run_endpoint: bool,
}

/// What the server is and can do.
#[utoipa::path(get, path = "/info", tag = "Info", responses((status = 200, description = "Ids, versions, counts, modes")))]
pub(crate) async fn info(State(server): State<Arc<Server>>) -> Response {
    let settings = &server.settings;
    ok(&Info {
        os_id: &settings.id,
        name: settings.name.as_deref().unwrap_or(&settings.id),
        os_version: settings.version.as_deref(),
        agno_version: AGNO_VERSION,
        agent_count: server.components().agents.len(),
        team_count: 0,
        workflow_count: 0,
        mcp: Mcp {
            enabled: false,
            path: None,
            oauth: None,
            tool_run_endpoint: false,
        },
        auth_mode: "none",
        user_isolation: false,
    })
}
