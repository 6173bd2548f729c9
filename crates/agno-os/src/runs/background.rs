//! Runs in the background: accepted, bounded in number, and observable.

use std::sync::Arc;

use agno_core::{Event, RunId, SessionId};
use agno_runtime::{Agent, RunRequest, RunStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::active::{ActiveRun, ActiveRuns};
use super::inline::first_event;
use super::live::{Live, LiveGuard, LiveRuns};
use crate::http::error::ApiError;
use crate::server::Server;
use crate::wire::event::EventEncoder;

/// The background runs of a server.
#[derive(Debug)]
pub(crate) struct Background {
    pub(crate) live: LiveRuns,
    permits: Arc<Semaphore>,
}

/// A run that goes on by itself from now on.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) run_id: RunId,
    pub(crate) session_id: String,
    pub(crate) live: Arc<Live>,
}

/// How the events of a run are told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Telling {
    /// Whether pieces of replies are wanted.
    pub(crate) deltas: bool,
    /// Whether only the answer is told.
    pub(crate) content_only: bool,
    /// Whether an answer that fits a schema is shown as text.
    pub(crate) raw_answer: bool,
}

impl Telling {
    /// Makes an encoder tell like that.
    pub(crate) fn apply(self, encoder: &mut EventEncoder) {
        if self.content_only {
            encoder.content_only();
        }
        if self.raw_answer {
            encoder.raw_answer();
        }
    }
}

impl Background {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            live: LiveRuns::default(),
            permits: Arc::new(Semaphore::new(most)),
        }
    }

    /// Starts a run. When this returns, the run survives the process: it is either under way or
    /// waits for its turn, and its beginning is in the database.
    pub(crate) async fn start(
        &self,
        active: &ActiveRuns,
        agent: &Agent,
        request: RunRequest,
        telling: Telling,
    ) -> Result<Accepted, ApiError> {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return self.enqueue(active, agent, request, telling).await;
        };
        let request = request.background();
        let stream = if telling.deltas {
            request.stream()
        } else {
            request.stream_whole()
        };
        let place = enter(active, &stream)?;
        let (stream, first) = first_event(stream).await?;
        let session_id = stream.session_id().map_or("", SessionId::as_str).to_owned();
        let mut encoder = EventEncoder::new(agent, stream.run_id(), stream.records(), true);
        telling.apply(&mut encoder);
        let (live, guard) = self.observe(&stream, agent, &session_id);
        let run_id = stream.run_id();
        live.push(&mut encoder, &first, || stream.session_state());
        tokio::spawn(drive(stream, encoder, guard, (Some(permit), place)));
        Ok(Accepted {
            run_id,
            session_id,
            live,
        })
    }

    async fn enqueue(
        &self,
        active: &ActiveRuns,
        agent: &Agent,
        request: RunRequest,
        telling: Telling,
    ) -> Result<Accepted, ApiError> {
        let (run_id, session_id) = request.accept().await?;
        let session_id = session_id.map(|id| id.to_string()).unwrap_or_default();
        let live = self.recover(active, agent, run_id, &session_id, telling)?;
        Ok(Accepted {
            run_id,
            session_id,
            live,
        })
    }

    /// Goes on with a stored run when it is its turn.
    pub(crate) fn recover(
        &self,
        active: &ActiveRuns,
        agent: &Agent,
        run_id: RunId,
        session_id: &str,
        telling: Telling,
    ) -> Result<Arc<Live>, ApiError> {
        let stream = agent.recover(run_id).tell_past().stream();
        let place = enter(active, &stream)?;
        let (live, guard) = self.observe(&stream, agent, session_id);
        let (permits, agent) = (Arc::clone(&self.permits), agent.clone());
        tokio::spawn(async move {
            // A run that is cancelled while it waits ends at once: that costs next to nothing.
            let permit = tokio::select! {
                permit = permits.acquire_owned() => permit.ok(),
                () = place.cancelled() => None,
            };
            let (stream, first) = match first_event(stream).await {
                Ok(begun) => begun,
                Err(error) => {
                    tracing::error!(run = %run_id, ?error, "a stored run can't go on");
                    return;
                }
            };
            let mut encoder = EventEncoder::new(&agent, run_id, stream.records(), true);
            telling.apply(&mut encoder);
            guard
                .live()
                .push(&mut encoder, &first, || stream.session_state());
            drive(stream, encoder, guard, (permit, place)).await;
        });
        Ok(live)
    }

    /// Lets a run that has begun go on in a task of its own.
    pub(crate) fn go_on(
        &self,
        active: &ActiveRuns,
        agent: &Agent,
        (stream, first): (RunStream, Event),
        mut encoder: EventEncoder,
        session_id: &str,
    ) -> Result<Arc<Live>, ApiError> {
        let place = enter(active, &stream)?;
        let (live, guard) = self.observe(&stream, agent, session_id);
        live.push(&mut encoder, &first, || stream.session_state());
        tokio::spawn(drive(stream, encoder, guard, (None, place)));
        Ok(live)
    }

    fn observe(
        &self,
        stream: &RunStream,
        agent: &Agent,
        session_id: &str,
    ) -> (Arc<Live>, LiveGuard) {
        let live = Live::new(stream.run_id(), agent.id(), session_id);
        let guard = self.live.insert(&live);
        (live, guard)
    }
}

fn enter(active: &ActiveRuns, stream: &RunStream) -> Result<ActiveRun, ApiError> {
    let run = stream.run_id();
    active
        .enter(run, stream.cancel_handle())
        .ok_or_else(|| ApiError::conflict(format!("Run {run} is already under way")))
}

/// Drives a run to its end and tells its events to observers.
async fn drive(
    mut stream: RunStream,
    mut encoder: EventEncoder,
    guard: LiveGuard,
    held: (Option<OwnedSemaphorePermit>, ActiveRun),
) {
    while let Some(event) = stream.next().await {
        encoder.note_metadata(stream.reply_metadata());
        guard
            .live()
            .push(&mut encoder, &event, || stream.session_state());
    }
    if let Err(error) = stream.into_result() {
        tracing::debug!(%error, "a background run ended without an answer");
    }
    drop((guard, held));
}

impl Server {
    /// Starts a run in the background.
    pub(crate) async fn start_background(
        &self,
        agent: &Agent,
        request: RunRequest,
        telling: Telling,
    ) -> Result<Accepted, ApiError> {
        self.background
            .start(&self.active, agent, request, telling)
            .await
    }
}
