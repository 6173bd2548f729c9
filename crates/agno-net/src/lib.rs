//! Outbound HTTP: a polled-in-place client for model streams, SSE framing, retries, address guard.

mod address;
mod connect;
mod connection;
mod endpoint;
mod error;
mod exchange;
mod guard;
mod pool;
mod proxy;
mod proxy_tunnel;
mod retry_after;
mod sse;
mod tls;
mod web;

pub use address::is_public;
pub use bytes::Bytes;
pub use endpoint::Endpoint;
pub use error::NetError;
pub use exchange::{Exchange, Head, ModelClient, Request, Timeouts};
pub use guard::{LIVE_REQUESTS_VARIABLE, allow_live_requests, is_loopback, live_requests_allowed};
pub use http;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use proxy::ProxySettings;
pub use retry_after::retry_after;
pub use sse::{SseDecoder, SseError, SseEvent};
pub use web::{WebClient, WebClientBuilder, WebError, WebRequest, WebResponse};
