//! A client for tools that fetch what a model names.
//!
//! Models, and texts that models read, choose the addresses. So by default only public addresses
//! are connected to, and that is decided on the address a name resolves to at the moment of
//! connecting: a name that changes its mind after a check gains nothing. Redirects are followed
//! here rather than by the client below, so that every hop is checked, and headers that may carry a
//! secret never follow to another origin.

mod policy;
mod redirect;
mod send;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::NetError;
use policy::Policy;
use send::Transport;

/// A request of a tool.
#[derive(Clone)]
pub struct WebRequest {
    /// The method.
    pub method: Method,
    /// The address: `http` or `https`.
    pub url: String,
    /// Headers beside those that the client sets.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
}

/// A server's answer, whatever its status.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The address that answered, after redirects.
    pub url: String,
}

/// A client for tools. Cloning is cheap and shares its connections.
#[derive(Clone, Debug)]
pub struct WebClient {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    policy: Arc<Policy>,
    transport: Transport,
    limits: Limits,
}

#[derive(Clone, Debug)]
struct Limits {
    timeout: Duration,
    response_bytes: usize,
    redirects: usize,
}

/// Settings of a [`WebClient`].
#[derive(Clone, Debug)]
#[must_use]
pub struct WebClientBuilder {
    policy: Policy,
    limits: Limits,
}

/// A failed web request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// The host is not public, and nobody allowed it.
    #[error(
        "{host} is not a public address, so the request was refused: allow it with \
         `WebClient::builder().allow_private_host(\"{host}\")` or `allow_private(true)`"
    )]
    PrivateAddress {
        /// The host.
        host: Arc<str>,
    },
    /// The client is restricted to other hosts.
    #[error("requests to {host} are not allowed: add it to the allowed hosts, or ask another one")]
    HostNotAllowed {
        /// The host.
        host: Arc<str>,
    },
    /// Redirects did not end.
    #[error("more than {limit} redirects: ask for the final address, or raise `max_redirects`")]
    TooManyRedirects {
        /// The limit.
        limit: usize,
    },
    /// A redirect that can't be followed.
    #[error("{server} redirects to an address that can't be followed")]
    InvalidRedirect {
        /// The host that redirected.
        server: Arc<str>,
    },
    /// The request failed below HTTP.
    #[error(transparent)]
    Net(#[from] NetError),
}

impl WebRequest {
    /// A request without headers and body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// A `GET` request.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// A `POST` request with a JSON body.
    pub fn post_json(url: impl Into<String>, body: &serde_json::Value) -> Self {
        Self::new(Method::POST, url).with_json(body)
    }

    /// The request with a JSON body and its content type.
    #[must_use]
    pub fn with_json(mut self, body: &serde_json::Value) -> Self {
        self.body = Bytes::from(body.to_string());
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self
    }
}

/// Header values, the query and the body are left out: they can hold secrets.
impl fmt::Debug for WebRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebRequest")
            .field("method", &self.method)
            .field("url", &crate::endpoint::without_secrets(&self.url))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

impl WebResponse {
    /// The body as text: in the charset that the content type names, UTF-8 without one. Bytes that
    /// don't fit become replacement characters.
    pub fn text(&self) -> String {
        let charset = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| {
                value.split(';').skip(1).find_map(|parameter| {
                    let (name, value) = parameter.split_once('=')?;
                    name.trim()
                        .eq_ignore_ascii_case("charset")
                        .then(|| value.trim().trim_matches('"'))
                })
            });
        let encoding = charset
            .and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()))
            .unwrap_or(encoding_rs::UTF_8);
        encoding.decode(&self.body).0.into_owned()
    }
}

impl WebClient {
    /// A client with the defaults: only public addresses, 30 seconds, 8 MiB, 5 redirects.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Settings to change before the client is made.
    pub fn builder() -> WebClientBuilder {
        WebClientBuilder {
            policy: Policy::default(),
            limits: Limits {
                timeout: Duration::from_secs(30),
                response_bytes: 8 * 1024 * 1024,
                redirects: 5,
            },
        }
    }

    /// Sends a request and reads the whole answer. An answer with an error status is an answer.
    ///
    /// # Errors
    /// If the address is refused, the server can't be reached, takes longer than the timeout, or
    /// answers with more than the limit.
    pub async fn send(&self, request: WebRequest) -> Result<WebResponse, WebError> {
        send::send(&self.shared, request).await
    }
}

impl Default for WebClient {
    fn default() -> Self {
        Self::new()
    }
}

impl WebClientBuilder {
    /// Whether loopback, private and link-local addresses and metadata services may be asked.
    /// Off by default.
    pub fn allow_private(mut self, allow: bool) -> Self {
        self.policy.allow_private = allow;
        self
    }

    /// Allows this host although it is not public. It is compared with the host of the address as
    /// written, so an address literal and a name are two hosts.
    pub fn allow_private_host(mut self, host: impl Into<String>) -> Self {
        self.policy
            .private_hosts
            .push(policy::normalise(&host.into()));
        self
    }

    /// Restricts the client to these hosts and those below them (`example.com` covers
    /// `api.example.com`). Without, every public host is allowed.
    pub fn only_hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.policy.only_hosts = Some(
            hosts
                .into_iter()
                .map(|host| policy::normalise(&host.into()))
                .collect(),
        );
        self
    }

    /// How long a request may take in all, redirects included. 30 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// How many bytes an answer may have. 8 MiB by default.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.limits.response_bytes = bytes;
        self
    }

    /// How many redirects are followed. 5 by default; with 0, a redirect is the answer.
    pub fn max_redirects(mut self, redirects: usize) -> Self {
        self.limits.redirects = redirects;
        self
    }

    /// The client. Certificates are read when the first `https` request needs them.
    pub fn build(self) -> WebClient {
        let policy = Arc::new(self.policy);
        WebClient {
            shared: Arc::new(Shared {
                transport: Transport::new(Arc::clone(&policy)),
                policy,
                limits: self.limits,
            }),
        }
    }
}
