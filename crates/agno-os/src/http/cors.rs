//! Cross-origin requests.
//!
//! Small enough to be our own: the answers are those that browsers got from Agno, down to the
//! refusal of a preflight with 400.

use std::collections::HashSet;

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

/// Origins that are allowed where nothing else is said: a development server, and Agno's own UI.
const DEFAULT_ORIGINS: [&str; 6] = [
    "http://localhost:3000",
    "https://agno.com",
    "https://www.agno.com",
    "https://app.agno.com",
    "https://os-stg.agno.com",
    "https://os.agno.com",
];

/// Which origins may ask.
#[derive(Clone, Debug)]
pub(crate) struct Cors {
    origins: HashSet<String>,
    any: bool,
}

impl Cors {
    /// Allows the given origins beside those that are always allowed; `*` allows all.
    pub(crate) fn new(origins: &[String]) -> Self {
        Self {
            origins: DEFAULT_ORIGINS
                .iter()
                .map(|origin| (*origin).to_owned())
                .chain(origins.iter().cloned())
                .collect(),
            any: origins.iter().any(|origin| origin == "*"),
        }
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        self.any
            || origin
                .to_str()
                .is_ok_and(|origin| self.origins.contains(origin))
    }

    /// Whether the request is a preflight.
    pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
        method == Method::OPTIONS
            && headers.contains_key(ORIGIN)
            && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// The answer to a preflight.
    pub(crate) fn preflight(&self, request: &HeaderMap) -> Response {
        let allowed = request
            .get(ORIGIN)
            .filter(|origin| self.allows(origin))
            .cloned();
        let (status, text) = match allowed {
            Some(_) => (StatusCode::OK, "OK"),
            None => (StatusCode::BAD_REQUEST, "Disallowed CORS origin"),
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let fixed = [
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (
                VARY,
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, \
                 Access-Control-Request-Private-Network",
            ),
            (
                ACCESS_CONTROL_ALLOW_METHODS,
                "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
            ),
            (ACCESS_CONTROL_MAX_AGE, "600"),
            (ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Some(origin) = allowed {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
            }
        }
        response
    }

    /// Marks an answer to a request from `origin`.
    pub(crate) fn mark(&self, origin: Option<HeaderValue>, headers: &mut HeaderMap) {
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = origin else {
            return;
        };
        headers.insert(
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
        if self.allows(&origin) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
}
