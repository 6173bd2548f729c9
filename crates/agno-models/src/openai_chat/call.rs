//! A call in progress: an exchange and the decoder of its answer, polled as one.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use agno_core::{ModelChunk, ModelError, ModelErrorKind, ModelStream, ReplyMetadata};
use agno_net::{Exchange, Head};

use super::error::{decode_error, net_error};
use super::stream::StreamDecoder;
use super::whole::decode_whole;
use crate::key::ApiKey;
use crate::providers::Provider;

/// The most bytes an answer may have that comes in one piece.
const MAX_WHOLE: usize = 64 * 1024 * 1024;

/// The most bytes of an error answer that are read.
const MAX_ERROR: usize = 1024 * 1024;

/// A call in progress.
pub(super) struct Call {
    provider: &'static Provider,
    key: Option<ApiKey>,
    deltas: bool,
    /// `None` if the request could not be made.
    exchange: Option<Exchange>,
    phase: Phase,
}

enum Phase {
    /// The request could not be made.
    Failed(Box<ModelError>),
    Sent,
    Refused(Box<Head>),
    Whole,
    Stream(Box<StreamDecoder>),
    Ended,
}

impl Call {
    pub(super) fn new(
        provider: &'static Provider,
        exchange: Exchange,
        key: Option<ApiKey>,
        deltas: bool,
    ) -> Self {
        Self {
            provider,
            key,
            deltas,
            exchange: Some(exchange),
            phase: Phase::Sent,
        }
    }

    pub(super) fn failed(provider: &'static Provider, error: ModelError) -> Self {
        Self {
            provider,
            key: None,
            deltas: false,
            exchange: None,
            phase: Phase::Failed(Box::new(error)),
        }
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ModelChunk, ModelError>>> {
        let name = self.provider.dialect.name;
        let Some(exchange) = &mut self.exchange else {
            return Poll::Ready(match std::mem::replace(&mut self.phase, Phase::Ended) {
                Phase::Failed(error) => Some(Err(*error)),
                _ => None,
            });
        };
        loop {
            match &mut self.phase {
                Phase::Sent => {
                    let head = match ready!(exchange.poll_response(cx)) {
                        Ok(head) => head,
                        Err(error) => return Poll::Ready(Some(Err(net_error(&error, name)))),
                    };
                    self.phase = if !(200..300).contains(&head.status) {
                        Phase::Refused(Box::new(head))
                    } else if self.deltas {
                        Phase::Stream(Box::new(StreamDecoder::new(&self.provider.dialect)))
                    } else {
                        Phase::Whole
                    };
                }
                Phase::Refused(head) => {
                    let body = ready!(exchange.poll_whole(MAX_ERROR, cx));
                    // An error without a readable body is still that error.
                    let body = body.unwrap_or_default();
                    let error = decode_error(head.status, &head.headers, &body, name);
                    return Poll::Ready(Some(Err(error)));
                }
                Phase::Whole => {
                    let reply = match ready!(exchange.poll_whole(MAX_WHOLE, cx)) {
                        Ok(body) => decode_whole(&body, &self.provider.dialect),
                        Err(error) => Err(net_error(&error, name)),
                    };
                    let done = reply.map(|reply| ModelChunk::Done(Box::new(reply)));
                    return Poll::Ready(Some(done));
                }
                Phase::Stream(decoder) => {
                    if let Some(piece) = decoder.next_chunk() {
                        if matches!(piece, Ok(ModelChunk::Done(_))) {
                            exchange.finish();
                        }
                        return Poll::Ready(Some(piece));
                    }
                    match ready!(exchange.poll_data(cx)) {
                        Some(Ok(bytes)) => decoder.push(bytes),
                        Some(Err(error)) => decoder.fail(net_error(&error, name)),
                        None if decoder.is_done() => return Poll::Ready(None),
                        None => decoder.end(),
                    }
                }
                Phase::Failed(_) | Phase::Ended => return Poll::Ready(None),
            }
        }
    }

    /// Says what to do, and takes out what must not be seen.
    fn complete(&self, mut error: ModelError) -> ModelError {
        if error.kind == ModelErrorKind::Authentication
            && let Some(variable) = self.provider.key_variables.first()
        {
            error.message = format!("{}; check {variable}", error.message).into();
        }
        // Servers echo headers into error pages.
        if let Some(key) = &self.key {
            error.message = key.redact(error.message);
            error.body = error.body.map(|body| key.redact(body));
        }
        error
    }
}

impl ModelStream for Call {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ModelChunk, ModelError>>> {
        let piece = ready!(self.poll_piece(cx));
        let is_last = !matches!(&piece, Some(Ok(chunk)) if !matches!(chunk, ModelChunk::Done(_)));
        if is_last {
            self.phase = Phase::Ended;
        }
        Poll::Ready(piece.map(|piece| piece.map_err(|error| self.complete(error))))
    }

    fn partial_text(&self) -> &str {
        match &self.phase {
            Phase::Stream(decoder) => decoder.partial_text(),
            _ => "",
        }
    }

    fn metadata(&self) -> Option<&Arc<ReplyMetadata>> {
        match &self.phase {
            Phase::Stream(decoder) => decoder.metadata(),
            _ => None,
        }
    }
}
