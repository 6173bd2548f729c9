//! `GET /openapi.json` and `GET /docs`

use std::sync::Arc;

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::header::CONTENT_TYPE;

use crate::server::Server;

/// The description of this API.
#[utoipa::path(get, path = "/openapi.json", tag = "Docs", responses((status = 200, description = "OpenAPI 3.1")))]
pub(crate) async fn openapi(State(server): State<Arc<Server>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], server.openapi.clone()).into_response()
}

/// The description of this API for people.
#[utoipa::path(get, path = "/docs", tag = "Docs", responses((status = 200, description = "A page")))]
pub(crate) async fn docs() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}
