//! `GET /`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::http::edge::ok;
use crate::server::Server;

#[derive(Serialize)]
struct Home<'a> {
    name: &'a str,
    health: &'static str,
    info: &'static str,
    docs: &'static str,
}

/// Where to find what.
#[utoipa::path(get, path = "/", tag = "Home", responses((status = 200, description = "Name and links")))]
pub(crate) async fn home(State(server): State<Arc<Server>>) -> Response {
    let settings = &server.settings;
    ok(&Home {
        name: settings.name.as_deref().unwrap_or(&settings.id),
        health: "/health",
        info: "/info",
        docs: "/docs",
    })
}
