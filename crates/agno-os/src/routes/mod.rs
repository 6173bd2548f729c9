//! The routes: one a file, one line each here. The description for clients (OpenAPI) is made from
//! the same lines.

mod agents;
mod sessions;
mod system;

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::edge::{unknown_path, wrong_method};
use crate::server::{Server, Settings};

#[derive(OpenApi)]
#[openapi(info(description = "AgentOS"))]
struct Description;

/// All routes, and their description.
pub(crate) fn build(settings: &Settings) -> (Router<Arc<Server>>, Bytes) {
    let (router, mut description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(system::home::home))
        .routes(routes!(system::health::health))
        .routes(routes!(system::info::info))
        .routes(routes!(system::config::config))
        .routes(routes!(system::docs::openapi))
        .routes(routes!(system::docs::docs))
        .routes(routes!(agents::list::list_agents))
        .routes(routes!(agents::detail::get_agent))
        .routes(routes!(agents::start::start_run, agents::runs::list_runs))
        .routes(routes!(agents::get_run::get_run))
        .routes(routes!(agents::cancel::cancel_run))
        .routes(routes!(agents::go_on::continue_run))
        .routes(routes!(agents::resume::resume_run))
        .routes(routes!(agents::checkpoints::list_checkpoints))
        .routes(routes!(agents::checkpoints::get_checkpoint))
        .routes(routes!(agents::fork_session::fork_session))
        .routes(routes!(agents::compact_session::compact_session))
        .routes(routes!(
            sessions::list::list_sessions,
            sessions::create::create_session,
            sessions::delete::delete_sessions
        ))
        .routes(routes!(
            sessions::get::get_session,
            sessions::patch::patch_session,
            sessions::delete_one::delete_session
        ))
        .routes(routes!(sessions::rename::rename_session))
        .routes(routes!(sessions::runs::session_runs))
        .routes(routes!(sessions::previews::run_previews))
        .routes(routes!(sessions::get_run::session_run))
        .split_for_parts();
    description.info.title = settings.name.as_deref().unwrap_or(&settings.id).to_owned();
    description.info.version = settings.version.as_deref().unwrap_or("1.0.0").to_owned();
    let description = match description.to_json() {
        Ok(json) => Bytes::from(json),
        Err(error) => {
            tracing::error!(%error, "the description of the API could not be written");
            Bytes::from_static(b"{}")
        }
    };
    let router = router
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method);
    (router, description)
}
