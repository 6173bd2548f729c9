//! The driver: carries out what a run's machine asks for.
//!
//! It is a state machine that works only while it is polled, by the task that reads the events. A
//! connection is thus read by the task that wants its bytes, and a run costs no task, no channel
//! and no wake-up across threads.

pub(crate) mod journal;
mod model_call;
mod prepare;
mod release;
mod stream;
mod tool_call;
mod work;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use agno_core::{CommandId, Event, EventKind, Requirement, RunFailure, RunId, RunScope};
use agno_engine::{Divergence, Fact, Record, Run};

use self::journal::Journal;
pub(crate) use self::prepare::{FirstFact, Loaded, Prepared, Preparing, dependencies, row};
pub use self::stream::RunStream;
use self::work::Work;
use crate::agent::Agent;
use crate::cancel::CancelHandle;
use crate::clock::now;
use crate::error::Error;

struct Driver {
    agent: Agent,
    run_id: RunId,
    stage: Stage,
    run: Run,
    records: Vec<Record>,
    scope: Option<Arc<RunScope>>,
    journal: Option<Journal>,
    work: Work,
    /// Events that may have to wait until the records they follow from are durable.
    queue: VecDeque<Queued>,
    cancel: CancelHandle,
    cancelled: bool,
    /// Whether pieces of replies are wanted.
    deltas: bool,
    /// Whether the run outlives its observers: each event is durable before it is told.
    background: bool,
    /// Whether only the beginning is recorded, for someone who goes on with it later.
    accept_only: bool,
    strict: bool,
    error: Option<Error>,
}

/// An event and how many records must be durable before it is told.
struct Queued {
    after: usize,
    event: Event,
}

#[expect(
    clippy::large_enum_variant,
    reason = "it lies in the driver's one allocation; a box would be a second for every run"
)]
enum Stage {
    Preparing(Preparing),
    Running,
    Ended,
}

impl Driver {
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            if let Some(event) = self.release() {
                return Poll::Ready(Some(event));
            }
            match &mut self.stage {
                Stage::Ended => return Poll::Ready(None),
                Stage::Preparing(preparing) => match preparing.poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(prepared)) => self.begin(prepared),
                    Poll::Ready(Err(error)) => self.abort(error),
                },
                Stage::Running if self.accept_only => {
                    self.poll_journal(context);
                    match &self.journal {
                        Some(journal) if journal.durable() == 0 => return Poll::Pending,
                        _ => self.stage = Stage::Ended,
                    }
                }
                Stage::Running => {
                    self.poll_cancel(context);
                    let committed = self.poll_journal(context);
                    let started = self.start_commands();
                    let replied = self.poll_model(context);
                    let worked = replied | self.poll_work(context);
                    let paused = self.pause_if_waiting();
                    if !(committed || started || worked || paused || self.can_release()) {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    /// Starts from what was prepared: a new run, or the records of an earlier one.
    fn begin(&mut self, prepared: Prepared) {
        self.stage = Stage::Running;
        self.background |= prepared.background;
        self.strict |= prepared.strict;
        self.journal = prepared.journal;
        self.work
            .prepare(&self.agent, prepared.output.as_ref(), prepared.deadline);
        self.scope = Some(prepared.scope);
        match prepared.loaded {
            Loaded::New(start) => self.record(None, Fact::Started(start)),
            Loaded::Known {
                run,
                records,
                facts,
            } => {
                self.run = *run;
                self.records = records;
                let after = self.records.len();
                while let Some(event) = self.run.poll_event() {
                    if prepared.tell_past {
                        self.queue.push_back(Queued { after, event });
                    }
                }
                for (at, fact) in facts {
                    self.record(at, fact);
                }
            }
        }
    }

    /// Records a fact and lets the machine go on.
    fn record(&mut self, at: Option<(CommandId, u64)>, fact: Fact) {
        if self.has_ended() {
            return;
        }
        let (at, digest) = at.map_or((None, 0), |(at, digest)| (Some(at), digest));
        let mut record = Record {
            at,
            digest,
            time: now(),
            fact,
            added: Vec::new(),
        };
        if let Err(divergence) = self.run.apply(&self.agent.0.definition, &record) {
            return self.diverged(divergence);
        }
        record.added = self.run.take_added();
        let told = self.work.take_told();
        let hurry = self.background || self.strict || must_not_get_lost(&record.fact);
        self.records.push(record);
        let after = self.records.len();
        while let Some(event) = self.run.poll_event() {
            // The pieces of a streamed reply were told as they came.
            let known = match event.kind {
                EventKind::Content(_) => told.text,
                EventKind::Reasoning(_) => told.reasoning,
                _ => false,
            };
            if known {
                continue;
            }
            let after = if self.background || event.kind.ends_stream() {
                after
            } else {
                0
            };
            self.queue.push_back(Queued { after, event });
        }
        if let Some(journal) = &mut self.journal
            && hurry
        {
            journal.want(after);
        }
    }

    fn pause_if_waiting(&mut self) -> bool {
        if !self.work.is_idle() || self.run.status() != agno_core::RunStatus::Running {
            return false;
        }
        let Some(requirements) = self.run.requirements() else {
            return false;
        };
        let requirements: Arc<[Requirement]> = requirements.into();
        self.record(None, Fact::Paused(requirements));
        true
    }

    fn poll_cancel(&mut self, context: &Context<'_>) {
        if self.cancelled || !self.is_under_way() {
            return;
        }
        let Some(reason) = self.cancel.poll_reason(context) else {
            return;
        };
        self.cancelled = true;
        let (partial_text, partial) = self.work.take_partial();
        self.work.clear();
        self.record(
            None,
            Fact::Cancelled {
                reason,
                partial_text,
                partial,
            },
        );
    }

    /// The run can't go on, and nothing of that can be recorded.
    fn abort(&mut self, error: Error) {
        self.work.clear();
        self.stage = Stage::Ended;
        self.queue.clear();
        let failure = RunFailure::Host(error.to_string().into());
        let kind = EventKind::RunFailed(Box::new(failure));
        self.queue.push_back(Queued {
            after: 0,
            event: Event {
                node: 0,
                time: now(),
                kind,
            },
        });
        self.journal = None;
        self.error = Some(error);
    }

    fn diverged(&mut self, divergence: Divergence) {
        let run = self.run_id;
        self.abort(Error::Diverged {
            run,
            divergence: Box::new(divergence),
        });
    }

    /// Whether nothing may be recorded or started any more.
    const fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended)
    }

    /// Whether the run neither waits for a person nor is about to end.
    fn is_under_way(&self) -> bool {
        self.run.outcome().is_none() && self.run.status() == agno_core::RunStatus::Running
    }
}

/// Whether losing the fact would mean a second effect or a person asked twice: it is written at
/// once. A model's reply may wait for the next write.
const fn must_not_get_lost(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::HumanAnswered(_)
            | Fact::Paused(_)
            | Fact::OutcomeUnknown
            | Fact::Finished(_)
            | Fact::Cancelled { .. }
    )
}
