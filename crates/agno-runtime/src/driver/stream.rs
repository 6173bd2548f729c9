//! The events of a run, as their reader holds them.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use agno_core::{Event, ReplyMetadata, RunId, SessionId};
use agno_engine::{Record, Run, RunOutput};
use futures_core::Stream;

use super::work::Work;
use super::{Driver, Preparing, Stage, prepare};
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

impl Driver {
    fn new(agent: Agent, run_id: RunId, preparing: Preparing, deltas: bool) -> Self {
        let strict = agent.0.durability == Durability::Strict;
        Self {
            agent,
            run_id,
            stage: Stage::Preparing(preparing),
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
        }
    }
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
        let preparing = prepare::prepare(request, run_id);
        let mut driver = Driver::new(agent, run_id, preparing, deltas);
        driver.background = background;
        driver.strict = strict;
        Self(Box::new(driver))
    }

    pub(crate) fn resume(agent: Agent, run_id: RunId, deltas: bool, preparing: Preparing) -> Self {
        Self(Box::new(Driver::new(agent, run_id, preparing, deltas)))
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
