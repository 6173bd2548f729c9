//! Model calls.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use agno_core::{
    CallOptions, Event, EventKind, ModelChunk, ModelError, ModelErrorKind, ModelReply,
    ModelRequest, ReplyStream, Thread, Timestamp, Timing, ToolChoice,
};
use agno_engine::{Fact, ModelReplied, PartialReply, Piece};

use super::work::{Address, Told, Work};
use super::{Driver, Queued};
use crate::clock::now;

/// A model call under way.
pub(super) struct ModelCall {
    at: Address,
    pub(super) stream: ReplyStream,
    started: Timestamp,
    clock: Instant,
    first_micros: Option<u64>,
    pieces: Vec<Piece>,
    told: Told,
}

impl Work {
    /// What has arrived of the reply under way: its text, and how it arrived. Where pieces are kept
    /// for later observers, the text ends with the last of them.
    pub(super) fn take_partial(&mut self) -> (Option<Arc<str>>, Option<Box<PartialReply>>) {
        let Some(call) = &mut self.model else {
            return (None, None);
        };
        self.told = call.told;
        let text = call.stream.partial_text();
        let told: usize = call
            .pieces
            .iter()
            .filter(|piece| !piece.reasoning)
            .map(|piece| piece.bytes as usize)
            .sum();
        let text = text.get(..told).filter(|_| told > 0).unwrap_or(text);
        if text.is_empty() {
            return (None, None);
        }
        let partial = PartialReply {
            timing: Timing {
                started: call.started,
                micros: micros(call.clock),
                first_micros: call.first_micros,
            },
            metadata: call.stream.metadata().cloned(),
            pieces: std::mem::take(&mut call.pieces),
        };
        (Some(text.into()), Some(Box::new(partial)))
    }

    /// The options of a call. A tool that must be called must be called once, not for ever.
    fn options_of(&self, turn: u32) -> Option<Arc<CallOptions>> {
        let options = self.options.as_ref()?;
        if turn > 0 && options.tool_choice != ToolChoice::Auto {
            let mut later = CallOptions::clone(options);
            later.tool_choice = ToolChoice::Auto;
            return Some(Arc::new(later));
        }
        Some(Arc::clone(options))
    }
}

impl Driver {
    pub(super) fn call_model(&mut self, at: Address, thread: Thread, turn: u32) {
        let agent = &self.agent.0;
        let stream = agent.model.stream(ModelRequest {
            thread,
            tools: Arc::clone(&agent.definition.tools),
            deltas: self.deltas,
            options: self.work.options_of(turn),
        });
        self.work.model = Some(ModelCall {
            at,
            stream,
            started: now(),
            clock: Instant::now(),
            first_micros: None,
            pieces: Vec::new(),
            told: Told::default(),
        });
    }

    /// Reads the next piece of the model's reply. Whether there was one.
    pub(super) fn poll_model(&mut self, context: &mut Context<'_>) -> bool {
        let Some(call) = &mut self.work.model else {
            return false;
        };
        let Poll::Ready(chunk) = call.stream.poll_next(context) else {
            return false;
        };
        let kind = match chunk {
            Some(Ok(ModelChunk::Text(text))) => {
                call.told.text = self.deltas;
                call.note_piece(false, text.len(), self.background);
                EventKind::Content(text)
            }
            Some(Ok(ModelChunk::Reasoning(text))) => {
                call.told.reasoning = self.deltas;
                call.note_piece(true, text.len(), self.background);
                EventKind::Reasoning(text)
            }
            Some(Ok(ModelChunk::Arguments { index, text })) => {
                EventKind::ToolArguments { index, text }
            }
            Some(Ok(ModelChunk::Reset)) => {
                call.pieces.clear();
                call.told = Told::default();
                EventKind::ContentReset
            }
            Some(Ok(ModelChunk::Done(reply))) => {
                self.model_done(*reply);
                return true;
            }
            Some(Ok(_)) => return true,
            Some(Err(error)) => {
                self.model_failed(error);
                return true;
            }
            None => {
                self.model_failed(ModelError::new(
                    ModelErrorKind::Malformed,
                    "the model's stream ended without a reply",
                ));
                return true;
            }
        };
        // Arguments have no place in the numbering of a run that can be observed again.
        let told =
            self.deltas && !(self.background && matches!(kind, EventKind::ToolArguments { .. }));
        if told {
            let event = Event {
                node: 0,
                time: now(),
                kind,
            };
            self.queue.push_back(Queued { after: 0, event });
        }
        true
    }

    fn model_done(&mut self, reply: ModelReply) {
        let Some(call) = self.work.model.take() else {
            return;
        };
        let timing = Timing {
            started: call.started,
            micros: micros(call.clock),
            first_micros: call.first_micros,
        };
        let (at, pieces) = (call.at, call.pieces);
        self.work.told = call.told;
        // The stream shares the conversation: it is dropped before the machine appends to it.
        drop(call.stream);
        let replied = ModelReplied {
            reply,
            timing,
            pieces,
        };
        self.record(Some(at), Fact::ModelReplied(Box::new(replied)));
    }

    fn model_failed(&mut self, mut error: ModelError) {
        let Some(call) = self.work.model.take() else {
            return;
        };
        if error.partial_text.is_none() && call.first_micros.is_some() {
            error.partial_text = Some(call.stream.partial_text().into());
        }
        drop(call.stream);
        self.record(Some(call.at), Fact::ModelFailed(Box::new(error)));
    }
}

impl ModelCall {
    fn note_piece(&mut self, reasoning: bool, bytes: usize, keep: bool) {
        if self.first_micros.is_none() {
            self.first_micros = Some(micros(self.clock));
        }
        if keep {
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            self.pieces.push(Piece { reasoning, bytes });
        }
    }
}

pub(super) fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
