//! Model calls, tool calls and waiting that are under way.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use agno_core::{
    BoxFuture, CallOptions, CommandId, Effect, Event, EventKind, ModelChunk, ModelError,
    ModelErrorKind, ModelReply, ModelRequest, ReplyMetadata, ReplyStream, RunFailure, Thread,
    Timestamp, Timing, Tool, ToolCall, ToolChoice, ToolContext, ToolError, ToolErrorKind,
};
use agno_engine::{
    Command, Fact, Issued, ModelReplied, OutputSpec, PartialReply, Piece, ToolFailed, ToolReturned,
};
use futures_core::Stream;
use futures_util::FutureExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Sleep, sleep};

use super::{Driver, Queued};
use crate::agent::Agent;
use crate::clock::now;

/// The answer to a command: its address, its digest and the fact.
type Answer = ((CommandId, u64), Fact);

/// What is under way.
#[derive(Default)]
pub(super) struct Work {
    model: Option<ModelCall>,
    tools: FuturesUnordered<BoxFuture<Answer>>,
    wait: Option<((CommandId, u64), Pin<Box<Sleep>>)>,
    /// Commands that must not start before so many records are durable.
    blocked: Vec<(Issued, usize)>,
    deadline: Option<Pin<Box<Sleep>>>,
    options: Option<Arc<CallOptions>>,
}

struct ModelCall {
    at: (CommandId, u64),
    stream: ReplyStream,
    started: Timestamp,
    clock: Instant,
    first_micros: Option<u64>,
    pieces: Vec<Piece>,
}

impl Work {
    pub(super) fn prepare(
        &mut self,
        agent: &Agent,
        output: Option<&OutputSpec>,
        deadline: Option<Duration>,
    ) {
        self.options = agent.call_options(output);
        self.deadline = deadline.map(|time| Box::pin(sleep(time)));
    }

    pub(super) fn is_idle(&self) -> bool {
        self.model.is_none()
            && self.tools.is_empty()
            && self.wait.is_none()
            && self.blocked.is_empty()
    }

    /// What has arrived of the reply under way: its text, and how it arrived. Where pieces are kept
    /// for later observers, the text ends with the last of them.
    pub(super) fn take_partial(&mut self) -> (Option<Arc<str>>, Option<Box<PartialReply>>) {
        let Some(call) = &mut self.model else {
            return (None, None);
        };
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

    /// What the provider has said beside the reply under way.
    pub(super) fn reply_metadata(&self) -> Option<&Arc<ReplyMetadata>> {
        self.model.as_ref()?.stream.metadata()
    }

    /// Drops everything under way.
    pub(super) fn clear(&mut self) {
        self.deadline = None;
        if !self.is_idle() {
            let options = self.options.take();
            *self = Self {
                options,
                ..Self::default()
            };
        }
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
    /// Starts what the machine asks for. Whether anything was started.
    pub(super) fn start_commands(&mut self) -> bool {
        let mut started = false;
        while let Some(issued) = self.run.poll_command() {
            started = true;
            self.admit(issued);
        }
        if !self.work.blocked.is_empty() {
            let durable = self
                .journal
                .as_ref()
                .map_or(usize::MAX, |journal| journal.durable());
            let blocked = std::mem::take(&mut self.work.blocked);
            for (issued, after) in blocked {
                if after <= durable {
                    started = true;
                    self.execute(issued);
                } else {
                    self.work.blocked.push((issued, after));
                }
            }
        }
        started
    }

    /// Starts a command, or holds it back until what came before is durable.
    fn admit(&mut self, issued: Issued) {
        let at = (issued.at, issued.digest);
        let (effect, cut_off) = match &issued.command {
            Command::CallTool { effect, .. } => (Some(*effect), self.run.has_intent(issued.at)),
            Command::CallModel { .. } => (None, false),
            _ => return self.execute(issued),
        };
        if effect == Some(Effect::AtMostOnce) && cut_off {
            // Only a resumed run gets here: the call was begun and nobody knows how it ended.
            return self.record(Some(at), Fact::OutcomeUnknown);
        }
        let must_wait = match effect {
            None | Some(Effect::Pure) => self.strict,
            Some(_) => true,
        };
        if self.journal.is_none() || !must_wait {
            return self.execute(issued);
        }
        if effect == Some(Effect::AtMostOnce) {
            self.record(Some(at), Fact::Intent);
        }
        let after = self.records.len();
        if let Some(journal) = &mut self.journal {
            journal.want(after);
        }
        self.work.blocked.push((issued, after));
    }

    fn execute(&mut self, issued: Issued) {
        let at = (issued.at, issued.digest);
        match issued.command {
            Command::CallModel { thread, turn } => self.call_model(at, thread, turn),
            Command::CallTool { call, .. } => self.call_tool(at, call),
            Command::Wait { until } => {
                let time = Duration::from_micros(until.micros_since(now()));
                self.work.wait = Some((at, Box::pin(sleep(time))));
            }
            Command::Finish { outcome } => {
                self.work.clear();
                self.record(Some(at), outcome.to_fact());
            }
            // A person's answer comes with a new request.
            _ => {}
        }
    }

    fn call_model(&mut self, at: (CommandId, u64), thread: Thread, turn: u32) {
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
        });
    }

    fn call_tool(&mut self, at: (CommandId, u64), call: ToolCall) {
        let tool = self.agent.0.definition.tools.get(&call.name);
        let (Some(tool), Some(scope)) = (tool, &self.scope) else {
            let error = ToolError::fatal(format_args!("there is no tool `{}`", call.name));
            let timing = Timing {
                started: now(),
                ..Timing::default()
            };
            let failed = ToolFailed {
                call_id: call.id,
                error,
                timing,
            };
            return self.record(Some(at), Fact::ToolFailed(Box::new(failed)));
        };
        let context = ToolContext::new(Arc::clone(scope), at.0, Arc::clone(&call.id));
        self.work
            .tools
            .push(Box::pin(run_tool(at, Arc::clone(tool), call, context)));
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
                call.note_piece(false, text.len(), self.background);
                EventKind::Content(text)
            }
            Some(Ok(ModelChunk::Reasoning(text))) => {
                call.note_piece(true, text.len(), self.background);
                EventKind::Reasoning(text)
            }
            Some(Ok(ModelChunk::Arguments { index, text })) => {
                EventKind::ToolArguments { index, text }
            }
            Some(Ok(ModelChunk::Reset)) => {
                call.pieces.clear();
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

    /// Looks after tools, waiting and the deadline. Whether anything ended.
    pub(super) fn poll_work(&mut self, context: &mut Context<'_>) -> bool {
        let mut ended = false;
        while !self.work.tools.is_empty() {
            let Poll::Ready(Some((at, fact))) = Pin::new(&mut self.work.tools).poll_next(context)
            else {
                break;
            };
            ended = true;
            let pure = self.is_pure(at.0);
            self.record(Some(at), fact);
            if let (false, Some(journal)) = (pure, &mut self.journal) {
                journal.want(self.records.len());
            }
        }
        if let Some((at, sleep)) = &mut self.work.wait
            && sleep.as_mut().poll_unpin(context).is_ready()
        {
            let at = *at;
            self.work.wait = None;
            self.record(Some(at), Fact::Woke);
            ended = true;
        }
        if let Some(deadline) = &mut self.work.deadline
            && deadline.as_mut().poll_unpin(context).is_ready()
        {
            self.work.clear();
            let limit = self.agent.0.definition.limits.seconds.unwrap_or_default();
            let failure = RunFailure::LimitReached(format!("the run took {limit} seconds").into());
            self.record(None, Fact::Failed(Box::new(failure)));
            ended = true;
        }
        ended
    }

    /// Whether repeating the tool call of an open command would do no harm.
    fn is_pure(&self, at: CommandId) -> bool {
        self.run.open().any(|open| {
            open.at == at
                && matches!(
                    open.command,
                    Command::CallTool {
                        effect: Effect::Pure,
                        ..
                    }
                )
        })
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

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

async fn run_tool(
    at: (CommandId, u64),
    tool: Arc<dyn Tool>,
    call: ToolCall,
    context: ToolContext,
) -> Answer {
    let started = now();
    let clock = Instant::now();
    let timeout = tool.spec().timeout;
    let state = context.state().clone();
    let running = AssertUnwindSafe(tool.call(call.arguments, context)).catch_unwind();
    let result = match timeout {
        None => running.await,
        Some(limit) => tokio::time::timeout(limit, running)
            .await
            .unwrap_or_else(|_| {
                Ok(Err(ToolError::new(
                    ToolErrorKind::TimedOut,
                    format_args!("`{}` took longer than {limit:?} and was stopped", call.name),
                )))
            }),
    };
    let result = result.unwrap_or_else(|_| {
        Err(ToolError::failed(format_args!(
            "`{}` panicked; this is a bug in the tool",
            call.name
        )))
    });
    let timing = Timing {
        started,
        micros: micros(clock),
        first_micros: None,
    };
    let patch = state.take_patch();
    let call_id = call.id;
    let fact = match result {
        Ok(mut output) => {
            if !patch.is_empty() {
                output.rich_mut().state = patch;
            }
            Fact::ToolReturned(Box::new(ToolReturned {
                call_id,
                output,
                timing,
            }))
        }
        Err(mut error) => {
            error.state = patch;
            Fact::ToolFailed(Box::new(ToolFailed {
                call_id,
                error,
                timing,
            }))
        }
    };
    (at, fact)
}
