//! `GET /health`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::http::edge::ok;
use crate::server::Server;
use crate::wire::time::iso_micros;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    instantiated_at: String,
}

/// Whether the server answers, and since when.
#[utoipa::path(get, path = "/health", tag = "Health", responses((status = 200, description = "The server answers")))]
pub(crate) async fn health(State(server): State<Arc<Server>>) -> Response {
    ok(&Health {
        status: "ok",
        instantiated_at: iso_micros(server.started),
    })
}
