//! A connection and everything that has to live as long as it does.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response};
use http_body::Body as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, Sleep};

use crate::connect::Counted;

type Driver = http1::Connection<TokioIo<Counted>, Full<Bytes>>;

/// A response that has not come yet.
pub(crate) type PendingResponse =
    Pin<Box<dyn Future<Output = hyper::Result<Response<Incoming>>> + Send>>;

/// A connection, driven by whoever waits for its answer.
///
/// Everything moves only while the driver is polled, and the driver is only polled here, with the
/// waker of the reading task. The other halves (response, body) are therefore polled with a waker
/// that does nothing: the driver's waker is the one that matters, and a second one would only wake
/// the task once more for each piece.
pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    /// `None` once it has ended: a finished future must not be polled again.
    driver: Option<Driver>,
    received: Arc<AtomicU64>,
    received_before: u64,
    /// Whether the connection has already carried an exchange.
    pub(crate) reused: bool,
    /// `Some` if requests go to a proxy in plain HTTP; the inner value is the proxy's credentials.
    pub(crate) proxy: Option<Option<HeaderValue>>,
    idle: IdleTimer,
}

impl Connection {
    pub(crate) fn new(
        sender: http1::SendRequest<Full<Bytes>>,
        driver: Driver,
        received: Arc<AtomicU64>,
        proxy: Option<Option<HeaderValue>>,
    ) -> Self {
        Self {
            sender,
            driver: Some(driver),
            received,
            received_before: 0,
            reused: false,
            proxy,
            idle: IdleTimer::new(),
        }
    }

    /// Starts an exchange that may wait `limit` for each piece.
    pub(crate) fn send(
        &mut self,
        request: http::Request<Full<Bytes>>,
        limit: Duration,
    ) -> PendingResponse {
        self.received_before = self.received.load(Ordering::Relaxed);
        self.idle.start(limit);
        Box::pin(self.sender.send_request(request))
    }

    /// Whether the server has sent anything since the exchange started.
    pub(crate) fn has_answered(&self) -> bool {
        self.received.load(Ordering::Relaxed) > self.received_before
    }

    /// Reads and writes what can be read and written now; `false` once the connection has ended.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(driver) = &mut self.driver else {
            return false;
        };
        match Pin::new(driver).poll(cx) {
            Poll::Pending => true,
            Poll::Ready(result) => {
                if let Err(error) = result {
                    tracing::debug!(%error, "a connection ended with an error");
                }
                self.driver = None;
                false
            }
        }
    }

    /// The response, driving the connection.
    pub(crate) fn poll_response(
        &mut self,
        response: &mut PendingResponse,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Response<Incoming>>>> {
        let alive = self.drive(cx);
        match response
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(result) => {
                self.idle.touch();
                Poll::Ready(Some(result))
            }
            // A dead connection never answers.
            Poll::Pending if !alive => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    /// The next piece of the body, driving the connection.
    pub(crate) fn poll_data(&mut self, body: &mut Incoming, cx: &mut Context<'_>) -> Poll<Piece> {
        if let Poll::Ready(piece) = next_piece(body) {
            self.idle.touch();
            return Poll::Ready(piece);
        }
        let alive = self.drive(cx);
        match next_piece(body) {
            Poll::Ready(piece) => {
                self.idle.touch();
                Poll::Ready(piece)
            }
            Poll::Pending if !alive => Poll::Ready(Piece::Broken(None)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Ready if nothing has come for longer than the limit. To be asked only when nothing is ready.
    pub(crate) fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.idle.poll(cx)
    }

    /// Whether another request can be sent, after whatever is left of the last answer.
    pub(crate) fn poll_reusable(
        &mut self,
        leftover: &mut Option<Incoming>,
        cx: &mut Context<'_>,
    ) -> bool {
        // Enough for a few last lines; who sends more is not at the end.
        const MAX_LEFT_PIECES: usize = 8;
        for _ in 0..MAX_LEFT_PIECES {
            let Some(body) = leftover else { break };
            match self.poll_data(body, cx) {
                Poll::Ready(Piece::Data(_)) => {}
                Poll::Ready(Piece::End) => *leftover = None,
                Poll::Ready(Piece::Broken(_)) | Poll::Pending => return false,
            }
        }
        leftover.is_none() && self.drive(cx) && self.sender.is_ready()
    }
}

/// What comes next in a body.
pub(crate) enum Piece {
    Data(Bytes),
    End,
    Broken(Option<hyper::Error>),
}

fn next_piece(body: &mut Incoming) -> Poll<Piece> {
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        return match Pin::new(&mut *body).poll_frame(&mut cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(Piece::End),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Piece::Broken(Some(error))),
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => Poll::Ready(Piece::Data(data)),
                // Trailers: no provider puts anything there.
                Err(_) => continue,
            },
        };
    }
}

/// Fires when nothing has happened for a while.
///
/// The timer stays armed while pieces arrive and is only moved when it fires too early: arming one
/// for each piece would cost more than reading the piece.
struct IdleTimer {
    limit: Duration,
    last: Instant,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl IdleTimer {
    fn new() -> Self {
        Self {
            limit: Duration::MAX,
            last: Instant::now(),
            sleep: None,
        }
    }

    fn start(&mut self, limit: Duration) {
        self.limit = limit;
        self.touch();
        if let (Some(sleep), Some(due)) = (&mut self.sleep, self.last.checked_add(limit))
            && sleep.deadline() > due
        {
            sleep.as_mut().reset(due);
        }
    }

    fn touch(&mut self) {
        self.last = Instant::now();
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.last.checked_add(self.limit) else {
            return Poll::Pending;
        };
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        while sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(due);
        }
        Poll::Pending
    }
}
