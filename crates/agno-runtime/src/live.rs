//! Runs that go on without an observer, and observers that come and go.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agno_core::{Event, RunId};
use tokio::sync::Notify;

use crate::cancel::CancelHandle;
use crate::driver::RunStream;

/// A run that goes on in a task of its own.
///
/// Its events are kept until it ends, so that an observer can come back and miss nothing. They are
/// handed out in batches of what is there: one wake-up serves many pieces of text.
#[derive(Clone, Debug)]
pub struct LiveRun {
    run_id: RunId,
    cancel: CancelHandle,
    log: Arc<Log>,
}

#[derive(Debug, Default)]
struct Log {
    state: Mutex<LogState>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct LogState {
    events: Vec<Event>,
    ended: bool,
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, LogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LiveRun {
    /// The run.
    pub fn run_id(&self) -> RunId {
        self.run_id
    }

    /// Ends the run.
    pub fn cancel(&self, reason: impl Into<Arc<str>>) {
        self.cancel.cancel(reason);
    }

    /// How many events there are so far.
    pub fn event_count(&self) -> usize {
        self.log.lock().events.len()
    }

    /// The events from number `from` (from 0) on.
    pub fn subscribe(&self, from: usize) -> Subscription {
        Subscription {
            log: Arc::clone(&self.log),
            next: from,
        }
    }
}

/// An observer of a live run.
#[derive(Debug)]
pub struct Subscription {
    log: Arc<Log>,
    next: usize,
}

impl Subscription {
    /// The number of the next event.
    pub fn position(&self) -> usize {
        self.next
    }

    /// The events that came since the last call, at least one; `None` after the last.
    pub async fn next_batch(&mut self) -> Option<Vec<Event>> {
        loop {
            let changed = self.log.changed.notified();
            tokio::pin!(changed);
            // Registered before looking, so that nothing is missed in between.
            changed.as_mut().enable();
            {
                let state = self.log.lock();
                if let Some(new) = state.events.get(self.next..).filter(|new| !new.is_empty()) {
                    self.next = state.events.len();
                    return Some(new.to_vec());
                }
                if state.ended {
                    return None;
                }
            }
            changed.await;
        }
    }
}

/// The runs of a process that are under way.
#[derive(Clone, Debug, Default)]
pub struct LiveRuns(Arc<Mutex<HashMap<RunId, LiveRun>>>);

impl LiveRuns {
    /// No runs.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, LiveRun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The live run of the given id.
    pub fn get(&self, run: RunId) -> Option<LiveRun> {
        self.lock().get(&run).cloned()
    }

    /// How many runs are under way.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether no run is under way.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Lets a run go on in a task of its own.
    pub fn spawn(&self, mut stream: RunStream) -> LiveRun {
        let live = LiveRun {
            run_id: stream.run_id(),
            cancel: stream.cancel_handle(),
            log: Arc::default(),
        };
        self.lock().insert(live.run_id, live.clone());
        let (runs, task) = (self.clone(), live.clone());
        tokio::spawn(async move {
            // Dropped at the end, also where a model panics or the tokio runtime shuts down:
            // observers must not wait for ever.
            let _ending = Ending(runs, task.clone());
            while let Some(event) = stream.next().await {
                task.log.lock().events.push(event);
                task.log.changed.notify_waiters();
            }
            if let Err(error) = stream.into_result() {
                tracing::debug!(run = %task.run_id, %error, "run ended without an answer");
            }
        });
        live
    }
}

/// Ends the log of a live run when dropped.
struct Ending(LiveRuns, LiveRun);

impl Drop for Ending {
    fn drop(&mut self) {
        let Self(runs, run) = self;
        let mut live = runs.lock();
        // Another stream of the same run may have taken its place.
        if live
            .get(&run.run_id)
            .is_some_and(|known| Arc::ptr_eq(&known.log, &run.log))
        {
            live.remove(&run.run_id);
        }
        drop(live);
        run.log.lock().ended = true;
        run.log.changed.notify_waiters();
    }
}
