//! A reply that comes as a stream of events.

use std::collections::VecDeque;
use std::sync::Arc;

use agno_core::{ModelChunk, ModelError, ModelErrorKind, ReplyMetadata};
use agno_net::{Bytes, SseDecoder, SseEvent};

use super::dialect::Dialect;
use super::error::{decode_inner_error, malformed};
use super::reply::{Pieces, ReplyBuilder};
use super::whole;
use super::wire::{Answer, StreamChoice};

/// Reads a stream as it arrives: [`push`](Self::push) what has come and take what it brings with
/// [`next_chunk`](Self::next_chunk); at the end of the body call [`end`](Self::end) and take the
/// rest. The last thing to take is [`ModelChunk::Done`] or an error.
#[derive(Debug)]
pub struct StreamDecoder {
    dialect: &'static Dialect,
    events: SseDecoder,
    /// `None` once the reply or an error has been handed out.
    reply: Option<ReplyBuilder>,
    ready: Pieces,
    outcome: Option<Outcome>,
    input: Input,
    has_chunk: bool,
}

type Outcome = Result<ModelChunk, ModelError>;

/// What kind of body it is.
#[derive(Debug)]
enum Input {
    /// Nothing but white space so far.
    Unknown,
    Events,
    /// A server that ignores the wish for a stream: a whole answer, as yet incomplete.
    Whole(Vec<u8>),
}

impl StreamDecoder {
    /// A decoder at the beginning of a stream.
    pub fn new(dialect: &'static Dialect) -> Self {
        Self {
            dialect,
            events: SseDecoder::new(),
            reply: Some(ReplyBuilder::new(dialect)),
            ready: VecDeque::new(),
            outcome: None,
            input: Input::Unknown,
            has_chunk: false,
        }
    }

    /// Adds what has been received.
    pub fn push(&mut self, piece: Bytes) {
        if self.is_done() {
            return;
        }
        if matches!(self.input, Input::Unknown) {
            // An event never begins with a brace, and a whole answer always does. The content
            // type says nothing: some servers send none.
            match piece.iter().find(|byte| !byte.is_ascii_whitespace()) {
                Some(b'{' | b'[') => self.input = Input::Whole(Vec::new()),
                Some(_) => self.input = Input::Events,
                None => {}
            }
        }
        if let Input::Whole(body) = &mut self.input {
            body.extend_from_slice(&piece);
            return;
        }
        self.events.push(piece);
        self.read_events();
    }

    /// The next piece of the reply, if what has been received brings one.
    pub fn next_chunk(&mut self) -> Option<Result<ModelChunk, ModelError>> {
        match self.ready.pop_front() {
            Some(chunk) => Some(Ok(chunk)),
            None => self.outcome.take(),
        }
    }

    /// Whether nothing that may still come can change the reply.
    pub fn is_done(&self) -> bool {
        self.reply.is_none()
    }

    /// The text of the answer so far.
    pub fn partial_text(&self) -> &str {
        self.reply.as_ref().map_or("", |reply| &reply.text)
    }

    /// What the provider has said beside the answer so far.
    pub fn metadata(&self) -> Option<&Arc<ReplyMetadata>> {
        self.reply.as_ref()?.known_metadata()
    }

    /// Says that the body has ended.
    pub fn end(&mut self) {
        if self.is_done() {
            return;
        }
        if let Input::Whole(body) = &mut self.input {
            let body = std::mem::take(body);
            let reply = whole::decode(&body, self.dialect, Some(&mut self.ready));
            self.reply = None;
            self.outcome = Some(reply.map(|reply| ModelChunk::Done(Box::new(reply))));
            return;
        }
        if let Some(mut reply) = self.reply.take() {
            let last = self.events.end();
            let step = last.map(|event| read(&event, &mut reply, &mut self.ready, self.dialect));
            self.reply = Some(reply);
            match step {
                // A line that was cut reads as nonsense.
                Some(Step::Failed(error)) if error.kind == ModelErrorKind::Malformed => {}
                Some(step) => self.take_step(step),
                None => {}
            }
        }
        if self.is_done() {
            return;
        }
        // Some servers never say `[DONE]`; but all say why an answer ended.
        if self.reply.as_ref().is_some_and(|reply| reply.is_finished()) {
            self.succeed();
        } else {
            let what = if self.has_chunk {
                "the stream ended in the middle of the answer"
            } else {
                "the stream ended before the answer began"
            };
            let message = format!("{}: {what}; try again", self.dialect.name);
            self.fail(ModelError::new(ModelErrorKind::Connection, message));
        }
    }

    /// Says that the rest of the body can't be received. The error carries what had arrived.
    pub fn fail(&mut self, mut error: ModelError) {
        if let Some(mut reply) = self.reply.take() {
            reply.flush(Some(&mut self.ready));
            if !reply.text.is_empty() {
                error.partial_text = Some(reply.text.into());
            }
            self.outcome = Some(Err(error));
        }
    }

    fn succeed(&mut self) {
        if let Some(mut reply) = self.reply.take() {
            reply.flush(Some(&mut self.ready));
            self.outcome = Some(Ok(ModelChunk::Done(Box::new(reply.build()))));
        }
    }

    fn read_events(&mut self) {
        while let Some(reply) = &mut self.reply
            && let Some(event) = self.events.next_event()
        {
            let step = match event {
                Ok(event) => read(&event, reply, &mut self.ready, self.dialect),
                Err(error) => Step::Failed(malformed(self.dialect.name, &error.to_string(), b"")),
            };
            self.take_step(step);
        }
    }

    fn take_step(&mut self, step: Step) {
        match step {
            Step::Skipped => {}
            Step::Read => self.has_chunk = true,
            Step::Failed(error) => self.fail(error),
            Step::Last => {
                if self.has_chunk {
                    self.succeed();
                } else {
                    let what = "the stream ended without an answer";
                    self.fail(malformed(self.dialect.name, what, b""));
                }
            }
        }
    }
}

/// What an event brings.
enum Step {
    Skipped,
    Read,
    Last,
    Failed(ModelError),
}

fn read(
    event: &SseEvent<'_>,
    reply: &mut ReplyBuilder,
    pieces: &mut Pieces,
    dialect: &'static Dialect,
) -> Step {
    let data = event.data.trim_ascii();
    if data.is_empty() {
        return Step::Skipped;
    }
    if data == b"[DONE]" {
        return Step::Last;
    }
    if event.name == b"error" {
        return Step::Failed(decode_inner_error(data, dialect.name));
    }
    let mut answer: Answer<'_, StreamChoice<'_>> = match serde_json::from_slice(data) {
        Ok(answer) => answer,
        Err(error) => {
            let what = format!("an event of the stream can't be read ({error})");
            return Step::Failed(malformed(dialect.name, &what, data));
        }
    };
    reply.envelope(&mut answer);
    if let Some(choice) = answer.choices.0.take() {
        if let Some(delta) = choice.delta {
            reply.turn(delta, Some(pieces));
        }
        reply.logprobs(choice.logprobs);
        reply.finish(&choice.finish_reason);
    }
    if answer.error.is_some() {
        return Step::Failed(decode_inner_error(data, dialect.name));
    }
    Step::Read
}
