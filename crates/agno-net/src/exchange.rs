//! One request and its answer.
//!
//! Clients that hand a connection to a task of its own wake the reader across threads for every
//! piece, which costs 3 to 10 times the work of reading it. Here the reading task polls the
//! connection itself: an [`Exchange`] is a plain state machine with poll functions, spawns nothing,
//! and does nothing at all unless it is polled.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{HeaderMap, Method};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::runtime;

use crate::connection::{Connection, PendingResponse, Piece};
use crate::pool::Pool;
use crate::{Endpoint, NetError, ProxySettings, connect, guard};

/// What connections are made and kept with. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct ModelClient {
    shared: Arc<Shared>,
}

struct Shared {
    pool: Pool,
    proxies: Arc<ProxySettings>,
}

/// A request to a model's server.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub endpoint: Arc<Endpoint>,
    /// Headers, shared by all requests of a model; [`Endpoint::headers`] is what to start from.
    pub headers: Arc<HeaderMap>,
    /// The body.
    pub body: Bytes,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// How long an exchange may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection; 10 seconds by default.
    pub connect: Duration,
    /// For the first and each further piece of the answer; 10 minutes by default, because a
    /// reasoning model may think that long before it says anything.
    pub read: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(600),
        }
    }
}

/// The beginning of an answer.
#[derive(Clone, Debug)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
}

/// One request and its answer. Dropping it closes the connection unless the answer had ended.
pub struct Exchange {
    client: ModelClient,
    request: Request,
    state: State,
    runtime: Option<runtime::Id>,
    whole: BytesMut,
}

enum State {
    Start,
    Connecting(Pin<Box<dyn Future<Output = Result<Box<Connection>, NetError>> + Send>>),
    Waiting(Box<Connection>, PendingResponse),
    Body(Box<Connection>, Incoming),
    Ended,
}

impl ModelClient {
    /// A client with connections of its own and the proxies of the environment. Most programs want
    /// [`ModelClient::shared`].
    pub fn new() -> Self {
        Self::with_proxies(ProxySettings::from_environment().clone())
    }

    /// A client with connections of its own and the given proxies.
    pub fn with_proxies(proxies: ProxySettings) -> Self {
        Self {
            shared: Arc::new(Shared {
                pool: Pool::default(),
                proxies: Arc::new(proxies),
            }),
        }
    }

    /// The client that all models of this process share.
    pub fn shared() -> &'static Self {
        static CLIENT: LazyLock<ModelClient> = LazyLock::new(ModelClient::new);
        &CLIENT
    }

    /// The number of connections that wait for another exchange.
    pub fn idle_connections(&self) -> usize {
        self.shared.pool.len()
    }
}

impl Default for ModelClient {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ModelClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelClient")
            .field("proxies", &self.shared.proxies)
            .finish_non_exhaustive()
    }
}

/// Header values and the body are left out: they can hold secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("endpoint", &self.endpoint)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .field("timeouts", &self.timeouts)
            .finish()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

impl Exchange {
    /// An exchange that has not begun.
    pub fn new(client: ModelClient, request: Request) -> Self {
        Self {
            client,
            request,
            state: State::Start,
            runtime: None,
            whole: BytesMut::new(),
        }
    }

    /// The server that is asked.
    pub fn server(&self) -> &Arc<str> {
        &self.request.endpoint.server
    }

    /// Sends the request and waits for the beginning of the answer. To be polled until it is ready,
    /// and not again.
    pub fn poll_response(&mut self, cx: &mut Context<'_>) -> Poll<Result<Head, NetError>> {
        loop {
            match &mut self.state {
                State::Start => self.begin(cx)?,
                State::Connecting(future) => match future.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(connection)) => self.send(connection),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(self.fail(error))),
                },
                State::Waiting(connection, response) => {
                    let response = match connection.poll_response(response, cx) {
                        Poll::Ready(response) => response,
                        Poll::Pending => {
                            return connection.poll_overdue(cx).map(|()| Err(self.timed_out()));
                        }
                    };
                    if let Some(Ok(response)) = response {
                        return Poll::Ready(Ok(self.receive(response)));
                    }
                    if connection.reused && !connection.has_answered() {
                        // Most likely it was closed while idle. A server that read the request and
                        // then hung up without a byte gets it twice, as with every pooling client.
                        self.connect();
                    } else {
                        let error = response.and_then(Result::err);
                        return Poll::Ready(Err(self.broken(error)));
                    }
                }
                State::Body(..) | State::Ended => {
                    return Poll::Ready(Err(self.broken(None)));
                }
            }
        }
    }

    /// The next piece of the body; `None` at its end, when the connection is kept for others.
    pub fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, NetError>>> {
        let State::Body(connection, body) = &mut self.state else {
            return Poll::Ready(None);
        };
        match connection.poll_data(body, cx) {
            Poll::Ready(Piece::Data(bytes)) => Poll::Ready(Some(Ok(bytes))),
            Poll::Ready(Piece::End) => {
                self.end(cx);
                Poll::Ready(None)
            }
            Poll::Ready(Piece::Broken(error)) => Poll::Ready(Some(Err(self.broken(error)))),
            Poll::Pending => connection
                .poll_overdue(cx)
                .map(|()| Some(Err(self.timed_out()))),
        }
    }

    /// The whole body, which may have `limit` bytes. To be polled until it is ready.
    pub fn poll_whole(
        &mut self,
        limit: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, NetError>> {
        let mut first = Bytes::new();
        loop {
            let piece = match self.poll_data(cx) {
                Poll::Ready(Some(piece)) => piece?,
                Poll::Ready(None) if self.whole.is_empty() => return Poll::Ready(Ok(first)),
                Poll::Ready(None) => {
                    self.whole.extend_from_slice(&first);
                    return Poll::Ready(Ok(self.whole.split().freeze()));
                }
                Poll::Pending => {
                    self.whole.extend_from_slice(&first);
                    return Poll::Pending;
                }
            };
            if self.whole.len() + first.len() + piece.len() > limit {
                self.state = State::Ended;
                let server = Arc::clone(self.server());
                return Poll::Ready(Err(NetError::TooLarge { server, limit }));
            }
            // A small answer comes in one piece together with its end, and is used as it is.
            if self.whole.is_empty() && first.is_empty() {
                first = piece;
            } else {
                self.whole.extend_from_slice(&first);
                self.whole.extend_from_slice(&piece);
                first = Bytes::new();
            }
        }
    }

    /// Says that the rest of the answer is of no interest and about to end, as after a stream's
    /// last event: the connection is kept if the end has come by the time it is needed.
    pub fn finish(&mut self) {
        if let State::Body(connection, body) = std::mem::replace(&mut self.state, State::Ended)
            && let Some(runtime) = self.runtime
        {
            let origin = &self.request.endpoint.origin;
            let pool = &self.client.shared.pool;
            pool.put(runtime, origin, connection, Some(body));
        }
    }

    fn begin(&mut self, cx: &mut Context<'_>) -> Result<(), NetError> {
        let origin = &self.request.endpoint.origin;
        if !guard::may_contact(&origin.host) {
            let host = (*origin.host).into();
            return Err(self.fail(NetError::LiveRequestsDisabled { host }));
        }
        let Ok(runtime) = runtime::Handle::try_current() else {
            return Err(self.fail(NetError::InvalidRequest(
                "there is no Tokio runtime: call it inside `#[tokio::main]` or `Runtime::block_on`"
                    .into(),
            )));
        };
        self.runtime = Some(runtime.id());
        match self.client.shared.pool.take(runtime.id(), origin, cx) {
            Some(connection) => self.send(connection),
            None => self.connect(),
        }
        Ok(())
    }

    fn connect(&mut self) {
        self.state = State::Connecting(Box::pin(connect::connect(
            Arc::clone(&self.request.endpoint),
            Arc::clone(&self.client.shared.proxies),
            self.request.timeouts.connect,
        )));
    }

    fn send(&mut self, mut connection: Box<Connection>) {
        let endpoint = &self.request.endpoint;
        let mut request = http::Request::new(Full::new(self.request.body.clone()));
        *request.method_mut() = self.request.method.clone();
        *request.headers_mut() = HeaderMap::clone(&self.request.headers);
        if !request.headers().contains_key(HOST) {
            let host = endpoint.host_header.clone();
            request.headers_mut().insert(HOST, host);
        }
        *request.uri_mut() = match &connection.proxy {
            None => endpoint.target.clone(),
            Some(credentials) => {
                if let Some(credentials) = credentials {
                    let headers = request.headers_mut();
                    headers.insert(PROXY_AUTHORIZATION, credentials.clone());
                }
                endpoint.absolute.clone()
            }
        };
        let response = connection.send(request, self.request.timeouts.read);
        self.state = State::Waiting(connection, response);
    }

    fn receive(&mut self, response: http::Response<Incoming>) -> Head {
        let (head, body) = response.into_parts();
        if let State::Waiting(connection, _) = std::mem::replace(&mut self.state, State::Ended) {
            self.state = State::Body(connection, body);
        }
        Head {
            status: head.status.as_u16(),
            headers: head.headers,
        }
    }

    fn end(&mut self, cx: &mut Context<'_>) {
        if let State::Body(mut connection, _) = std::mem::replace(&mut self.state, State::Ended)
            && let Some(runtime) = self.runtime
            && connection.poll_reusable(&mut None, cx)
        {
            let origin = &self.request.endpoint.origin;
            let pool = &self.client.shared.pool;
            pool.put(runtime, origin, connection, None);
        }
    }

    fn fail(&mut self, error: NetError) -> NetError {
        self.state = State::Ended;
        error
    }

    fn timed_out(&mut self) -> NetError {
        let error = NetError::TimedOut {
            server: Arc::clone(self.server()),
            waiting: "sent nothing",
            limit: self.request.timeouts.read,
        };
        self.fail(error)
    }

    fn broken(&mut self, error: Option<hyper::Error>) -> NetError {
        let reason = match error {
            Some(error) => with_sources(&error).into(),
            None => "it was closed before the answer had ended".into(),
        };
        let server = Arc::clone(self.server());
        self.fail(NetError::Broken { server, reason })
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(current) = source {
        text.push_str(": ");
        text.push_str(&current.to_string());
        source = current.source();
    }
    text
}
