//! Runs that live as long as the request that asked for them.
//!
//! The stream of a run is polled by the body of the answer itself: no task, no channel, no wake-up
//! between threads lies between the model's connection and the client's.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use agno_core::{Event, EventKind};
use agno_engine::RunOutput;
use agno_runtime::{Error, RunStream};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http_body::Frame;
use serde_json::{Map, Value};

use super::active::{ActiveRun, ActiveRuns};
use crate::http::error::ApiError;
use crate::wire::event::EventEncoder;

/// How much is gathered at the most before it goes to the client.
const FRAME_BYTES: usize = 16 << 10;

/// A run that is cancelled, and recorded as such, when nobody waits for it any more.
#[derive(Debug)]
pub(crate) struct InlineRun {
    /// There until the run has ended.
    stream: Option<RunStream>,
    active: Option<ActiveRun>,
}

/// The first event of a stream; an error if the run could not begin.
pub(crate) async fn first_event(mut stream: RunStream) -> Result<(RunStream, Event), ApiError> {
    let first = stream.next().await;
    let failed = matches!(&first, Some(event) if matches!(event.kind, EventKind::RunFailed(_)));
    match first {
        Some(event) if !(failed && stream.records().is_empty()) => Ok((stream, event)),
        _ => match stream.into_result() {
            Err(error) => Err(error.into()),
            Ok(_) => Err(ApiError::bad_request("the run ended before it began")),
        },
    }
}

impl InlineRun {
    /// A run that can be cancelled from elsewhere. Refused if it is under way already.
    pub(crate) fn enter(stream: RunStream, runs: &ActiveRuns) -> Result<Self, ApiError> {
        let run = stream.run_id();
        let active = runs
            .enter(run, stream.cancel_handle())
            .ok_or_else(|| ApiError::conflict(format!("Run {run} is already under way")))?;
        Ok(Self {
            stream: Some(stream),
            active: Some(active),
        })
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        match &mut self.stream {
            Some(stream) => stream.poll_next_event(context),
            None => Poll::Ready(None),
        }
    }

    /// Goes on to the end; the run with the session state that it left.
    pub(crate) async fn finish(mut self) -> Result<(RunOutput, Map<String, Value>), ApiError> {
        if let Some(stream) = &mut self.stream {
            while stream.next().await.is_some() {}
        }
        let Some(stream) = self.stream.take() else {
            return Err(ApiError::bad_request("the run has ended"));
        };
        let state = stream.session_state();
        match stream.into_result() {
            Ok(output) => Ok((output, state)),
            Err(Error::Failed(failed)) => Ok((failed.output, state)),
            Err(Error::Cancelled { output, .. }) => Ok((*output, state)),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for InlineRun {
    fn drop(&mut self) {
        let (Some(mut stream), active) = (self.stream.take(), self.active.take()) else {
            return;
        };
        // Without a runtime the process is ending; the next start looks after the run.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        stream
            .cancel_handle()
            .cancel("the client went away before the run had ended");
        runtime.spawn(async move {
            while stream.next().await.is_some() {}
            drop(active);
        });
    }
}

/// The events of a run as the body of an answer.
pub(crate) struct EventBody {
    run: InlineRun,
    encoder: EventEncoder,
    buffer: BytesMut,
}

impl EventBody {
    /// The events of `run` after `first`.
    pub(crate) fn new(run: InlineRun, mut encoder: EventEncoder, first: &Event) -> Self {
        let mut buffer = BytesMut::with_capacity(1 << 10);
        encoder.encode(first, Map::new, &mut buffer);
        Self {
            run,
            encoder,
            buffer,
        }
    }

    fn take(&mut self) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(self.buffer.split().freeze()))))
    }
}

impl http_body::Body for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        loop {
            if this.buffer.len() >= FRAME_BYTES {
                return this.take();
            }
            match this.run.poll_event(context) {
                Poll::Ready(Some(event)) => {
                    let stream = &this.run.stream;
                    let metadata = stream.as_ref().and_then(RunStream::reply_metadata);
                    this.encoder.note_metadata(metadata);
                    let state = || stream.as_ref().map(RunStream::session_state);
                    this.encoder
                        .encode(&event, || state().unwrap_or_default(), &mut this.buffer);
                }
                Poll::Ready(None) => {
                    this.run.stream = None;
                    this.run.active = None;
                    if this.buffer.is_empty() {
                        return Poll::Ready(None);
                    }
                    return this.take();
                }
                Poll::Pending if this.buffer.is_empty() => return Poll::Pending,
                Poll::Pending => return this.take(),
            }
        }
    }
}

/// An answer that is a stream of events.
pub(crate) fn event_stream(body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, body).into_response()
}
