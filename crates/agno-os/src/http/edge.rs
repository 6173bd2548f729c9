//! What happens to every request before and after its route: preflights, trailing slashes, `HEAD`,
//! panics, and the headers for browsers.

use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use http::header::{ALLOW, ORIGIN};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, StatusCode, Uri};
use tower::Service;

use super::cors::Cors;
use super::error::{ApiError, json};
use axum::response::IntoResponse;

/// The routes with everything around them.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    router: Router,
    cors: Arc<Cors>,
}

impl Edge {
    pub(crate) fn new(router: Router, cors: Cors) -> Self {
        Self {
            router,
            cors: Arc::new(cors),
        }
    }
}

impl Service<Request> for Edge {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if Cors::is_preflight(request.method(), request.headers()) {
            return Box::pin(std::future::ready(Ok(self
                .cors
                .preflight(request.headers()))));
        }
        let origin = request.headers().get(ORIGIN).cloned();
        strip_trailing_slash(request.uri_mut());
        let is_head = request.method() == Method::HEAD;
        if is_head {
            // No route answers HEAD; a method that none has finds out whether the path exists.
            *request.method_mut() = Method::TRACE;
        }
        let answer = AssertUnwindSafe(self.router.call(request)).catch_unwind();
        let cors = Arc::clone(&self.cors);
        Box::pin(async move {
            let mut response = match answer.await {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(_) => panicked(),
            };
            if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                without_head(&mut response);
            }
            if is_head {
                *response.body_mut() = Body::empty();
            }
            cors.mark(origin, response.headers_mut());
            Ok(response)
        })
    }
}

/// `/agents/` is the same as `/agents`.
fn strip_trailing_slash(uri: &mut Uri) {
    let path = uri.path();
    if path.len() < 2 || !path.ends_with('/') {
        return;
    }
    let stripped = path.trim_end_matches('/');
    let stripped = if stripped.is_empty() { "/" } else { stripped };
    let path_and_query = match uri.query() {
        Some(query) => format!("{stripped}?{query}"),
        None => stripped.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    if let Ok(path_and_query) = PathAndQuery::try_from(path_and_query) {
        parts.path_and_query = Some(path_and_query);
        if let Ok(new) = Uri::from_parts(parts) {
            *uri = new;
        }
    }
}

/// The router counts HEAD among what a GET route answers; here it is not.
fn without_head(response: &mut Response) {
    let allowed = response
        .headers()
        .get(ALLOW)
        .and_then(|allowed| allowed.to_str().ok())
        .map(|allowed| {
            allowed
                .split(',')
                .map(str::trim)
                .filter(|method| *method != "HEAD")
                .collect::<Vec<_>>()
                .join(", ")
        });
    if let Some(value) = allowed.and_then(|allowed| HeaderValue::try_from(allowed).ok()) {
        response.headers_mut().insert(ALLOW, value);
    }
}

/// The panic itself is told by the panic hook.
fn panicked() -> Response {
    let text = "Internal server error (Panic)".to_owned();
    ApiError::Text(StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}

/// The answer to a path that does not exist.
pub(crate) async fn unknown_path() -> Response {
    ApiError::not_found("Not Found").into_response()
}

/// The answer to a method that a path does not have.
pub(crate) async fn wrong_method() -> Response {
    let text = "Method Not Allowed".to_owned();
    ApiError::Text(StatusCode::METHOD_NOT_ALLOWED, text).into_response()
}

/// 200 with JSON.
pub(crate) fn ok(body: &impl serde::Serialize) -> Response {
    json(StatusCode::OK, body)
}
