//! Model calls, tool calls and waiting that are under way.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use agno_core::{BoxFuture, CallOptions, CommandId, Effect, ReplyMetadata, RunFailure};
use agno_engine::{Command, Fact, Issued, OutputSpec};
use futures_core::Stream;
use futures_util::FutureExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Sleep, sleep};

use super::Driver;
use super::model_call::ModelCall;
use crate::agent::Agent;
use crate::clock::now;

/// A command's address and digest.
pub(super) type Address = (CommandId, u64);

/// The answer to a command.
pub(super) type Answer = (Address, Fact);

/// What is under way.
#[derive(Default)]
pub(super) struct Work {
    pub(super) model: Option<ModelCall>,
    pub(super) tools: FuturesUnordered<BoxFuture<Answer>>,
    pub(super) wait: Option<(Address, Pin<Box<Sleep>>)>,
    /// Commands that must not start before so many records are durable.
    pub(super) blocked: Vec<(Issued, usize)>,
    pub(super) deadline: Option<Pin<Box<Sleep>>>,
    pub(super) options: Option<Arc<CallOptions>>,
    /// Of the reply that is about to be recorded.
    pub(super) told: Told,
}

/// Which parts of a reply were told piece by piece.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    pub(super) text: bool,
    pub(super) reasoning: bool,
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

    /// What was told of the reply that is being recorded.
    pub(super) fn take_told(&mut self) -> Told {
        std::mem::take(&mut self.told)
    }

    /// What the provider has said beside the reply under way.
    pub(super) fn reply_metadata(&self) -> Option<&Arc<ReplyMetadata>> {
        self.model.as_ref()?.stream.metadata()
    }

    /// Drops everything under way.
    pub(super) fn clear(&mut self) {
        self.deadline = None;
        if !self.is_idle() {
            *self = Self {
                options: self.options.take(),
                // What was told of the reply stays told.
                told: self.told,
                ..Self::default()
            };
        }
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
        if self.has_ended() {
            return;
        }
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
            if self.run.outcome().is_some() {
                // A tool ended the run: what the others come to answers nothing any more.
                self.work.clear();
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
        if self.is_under_way()
            && let Some(deadline) = &mut self.work.deadline
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
}
