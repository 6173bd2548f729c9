//! Outbound HTTP: a polled-in-place client for model streams, SSE framing, retries, address guard.

mod address;
mod endpoint;
mod error;
mod guard;
mod proxy;
mod tls;
mod web;

pub use address::is_public;
pub use bytes::Bytes;
pub use endpoint::Endpoint;
pub use error::NetError;
pub use guard::{LIVE_REQUESTS_VARIABLE, allow_live_requests, is_loopback, live_requests_allowed};
pub use http;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use proxy::ProxySettings;
pub use web::{WebClient, WebClientBuilder, WebError, WebRequest, WebResponse};
