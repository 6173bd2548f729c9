//! The driver: carries out what a run's machine asks for.
//!
//! It is a state machine that works only while it is polled, by the task that reads the events. A
//! connection is thus read by the task that wants its bytes, and a run costs no task, no channel
//! and no wake-up across threads.

pub(crate) mod journal;
mod prepare;
mod release;
mod work;

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use agno_core::{
    CommandId, Event, EventKind, ReplyMetadata, Requirement, RunFailure, RunId, RunScope, SessionId,
};
use agno_engine::{Divergence, Fact, Outcome, Record, Run, RunOutput};
use futures_core::Stream;

use self::journal::Journal;
pub(crate) use self::prepare::{Loaded, Prepared, Preparing, dependencies, row};
use self::work::Work;
use crate::agent::Agent;
use crate::cancel::CancelHandle;
use crate::clock::now;
use crate::error::Error;
use crate::policy::Durability;
use crate::request::{RunRequest, conclude};

/// The events of one run, from its beginning (or from where it is resumed) to its end or pause.
///
/// The run goes on only while the stream is polled, and is cut off when the stream is dropped;
/// what it has journaled stays.
pub struct RunStream(Box<Driver>);

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

enum Stage {
    Preparing(Preparing),
    Running,
    Ended,
}

impl RunStream {
    pub(crate) fn start(request: RunRequest, deltas: bool) -> Self {
        let run_id = request.run_id.unwrap_or_else(|| RunId::new(now()));
        let agent = request.agent.clone();
        let rare = request.rare.as_deref();
        let background = rare.is_some_and(|rare| rare.background);
        let durability = rare
            .and_then(|rare| rare.durability)
            .unwrap_or(agent.0.durability);
        let strict = durability == Durability::Strict;
        let stage = Stage::Preparing(prepare::prepare(request, run_id));
        Self(Box::new(Driver {
            agent,
            run_id,
            stage,
            run: Run::new(),
            records: Vec::new(),
            scope: None,
            journal: None,
            work: Work::default(),
            queue: VecDeque::new(),
            cancel: CancelHandle::default(),
            cancelled: false,
            deltas,
            background,
            accept_only: false,
            strict,
            error: None,
        }))
    }

    pub(crate) fn resume(agent: Agent, run_id: RunId, deltas: bool, stage: Preparing) -> Self {
        let strict = agent.0.durability == Durability::Strict;
        Self(Box::new(Driver {
            agent,
            run_id,
            stage: Stage::Preparing(stage),
            run: Run::new(),
            records: Vec::new(),
            scope: None,
            journal: None,
            work: Work::default(),
            queue: VecDeque::new(),
            cancel: CancelHandle::default(),
            cancelled: false,
            deltas,
            background: false,
            accept_only: false,
            strict,
            error: None,
        }))
    }

    /// Records the beginning and ends the stream there.
    pub(crate) async fn accept(mut self) -> Result<(RunId, Option<SessionId>), Error> {
        self.0.accept_only = true;
        while self.next().await.is_some() {}
        match self.0.error.take() {
            Some(error) => Err(error),
            None => Ok((self.run_id(), self.session_id().cloned())),
        }
    }

    /// The run.
    pub fn run_id(&self) -> RunId {
        self.0.run_id
    }

    /// What the provider has said beside the reply under way.
    pub fn reply_metadata(&self) -> Option<&Arc<ReplyMetadata>> {
        self.0.work.reply_metadata()
    }

    /// What was recorded so far.
    pub fn records(&self) -> &[Record] {
        &self.0.records
    }

    /// The session that the run belongs to; known from the first event on.
    pub fn session_id(&self) -> Option<&SessionId> {
        self.0
            .scope
            .as_ref()
            .and_then(|scope| scope.session_id.as_ref())
    }

    /// The state of the session as the run sees it now.
    pub fn session_state(&self) -> serde_json::Map<String, serde_json::Value> {
        self.0
            .scope
            .as_ref()
            .map(|scope| scope.state.snapshot())
            .unwrap_or_default()
    }

    /// Ends the run from elsewhere.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.0.cancel.clone()
    }

    /// The next event; `None` after the one that ends the stream.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|context| self.0.poll_event(context)).await
    }

    /// Polls for the next event.
    pub fn poll_next_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_event(context)
    }

    /// The run as far as it went. `None` before it began.
    pub fn output(&self) -> Option<RunOutput> {
        RunOutput::from_records(self.0.run_id, self.0.records.clone())
    }

    /// Goes on to the end and gives the run's output.
    ///
    /// # Errors
    /// If the run could not begin, failed or was cancelled. A pause is no error.
    pub async fn finish(mut self) -> Result<RunOutput, Error> {
        while self.next().await.is_some() {}
        self.into_result()
    }

    /// The output of a stream that has ended.
    ///
    /// # Errors
    /// If the run could not begin, failed or was cancelled.
    pub fn into_result(mut self) -> Result<RunOutput, Error> {
        if let Some(error) = self.0.error.take() {
            return Err(error);
        }
        let records = std::mem::take(&mut self.0.records);
        let output = RunOutput::from_records(self.0.run_id, records)
            .ok_or(Error::UnknownRun(self.0.run_id))?;
        conclude(output, self.0.run.outcome())
    }
}

impl Stream for RunStream {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_event(context)
    }
}

impl fmt::Debug for RunStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunStream")
            .field("run_id", &self.0.run_id)
            .finish_non_exhaustive()
    }
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
        let told =
            self.deltas && matches!(record.fact, Fact::ModelReplied(_) | Fact::Cancelled { .. });
        let hurry = self.background || self.strict || must_not_get_lost(&record.fact);
        self.records.push(record);
        let after = self.records.len();
        while let Some(event) = self.run.poll_event() {
            // The pieces of a streamed reply were told as they came.
            if told && matches!(event.kind, EventKind::Content(_) | EventKind::Reasoning(_)) {
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
        if self.cancelled || self.run.outcome().is_some() {
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

    fn outcome(&self) -> Option<&Outcome> {
        self.run.outcome()
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
