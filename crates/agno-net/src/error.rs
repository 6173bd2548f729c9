//! What can go wrong between this process and a server.

use std::sync::Arc;
use std::time::Duration;

/// A failed exchange. Messages name the server, never a path, a query or a header: those can hold
/// secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// The address of the request can't be used.
    #[error("`{url}` is not a usable address: {reason}")]
    InvalidUrl {
        /// The address, without what could be secret in it.
        url: Arc<str>,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Live requests are switched off in this process.
    #[error(
        "a request to {host} was refused because live requests are off: use a fake server on \
         127.0.0.1, or call `agno_net::allow_live_requests(true)` and unset AGNO_LIVE_REQUESTS"
    )]
    LiveRequestsDisabled {
        /// The host.
        host: Arc<str>,
    },
    /// No connection could be made.
    #[error("can't connect to {server}: {reason}")]
    Connect {
        /// Host and port.
        server: Arc<str>,
        /// What the system said.
        reason: Arc<str>,
    },
    /// The proxy refused or did not understand.
    #[error("the proxy {proxy} did not connect to {server}: {reason}")]
    Proxy {
        /// Host and port of the proxy.
        proxy: Arc<str>,
        /// Host and port of the server.
        server: Arc<str>,
        /// What the proxy said.
        reason: Arc<str>,
    },
    /// The secure connection failed.
    #[error("the secure connection failed: {0}")]
    Tls(Arc<str>),
    /// Something took too long.
    #[error("{server} {waiting} within {} s", limit.as_secs_f64())]
    TimedOut {
        /// Host and port.
        server: Arc<str>,
        /// What did not happen, such as `sent nothing`.
        waiting: &'static str,
        /// How long was waited.
        limit: Duration,
    },
    /// The connection ended or broke in the middle.
    #[error("the connection to {server} broke: {reason}")]
    Broken {
        /// Host and port.
        server: Arc<str>,
        /// What happened.
        reason: Arc<str>,
    },
    /// The answer is larger than allowed.
    #[error("the answer of {server} is larger than {limit} bytes")]
    TooLarge {
        /// Host and port.
        server: Arc<str>,
        /// The limit.
        limit: usize,
    },
    /// The request can't be written, such as a header with a line break.
    #[error("the request can't be sent: {0}")]
    InvalidRequest(Arc<str>),
}
