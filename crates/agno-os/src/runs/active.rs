//! The runs under way in this process, so that they can be cancelled from elsewhere.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agno_core::RunId;
use agno_runtime::CancelHandle;
use tokio::sync::Notify;

/// How many cancellations of runs that nobody knows (yet) are remembered.
const MOST_INTENTS: usize = 10_000;

/// The runs under way in this process.
#[derive(Clone, Debug, Default)]
pub(crate) struct ActiveRuns(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    runs: HashMap<RunId, Entry>,
    /// Runs that are to be cancelled when they begin, oldest first.
    intents: VecDeque<RunId>,
}

#[derive(Debug)]
struct Entry {
    cancel: CancelHandle,
    cancelled: Arc<Notify>,
}

/// Holds the place of a run among those under way; gives it back when dropped.
#[derive(Debug)]
pub(crate) struct ActiveRun {
    runs: ActiveRuns,
    run: RunId,
    cancelled: Arc<Notify>,
}

/// What a run that is cancelled says about it.
pub(crate) fn cancel_reason(run: RunId) -> String {
    format!("Run {run} was cancelled")
}

impl ActiveRuns {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the place of a run; `None` if it is under way already. A run that was cancelled before
    /// it began is cancelled now.
    pub(crate) fn enter(&self, run: RunId, cancel: CancelHandle) -> Option<ActiveRun> {
        let mut state = self.lock();
        if state.runs.contains_key(&run) {
            return None;
        }
        let cancelled = Arc::new(Notify::new());
        if let Some(index) = state.intents.iter().position(|intent| *intent == run) {
            state.intents.remove(index);
            cancel.cancel(cancel_reason(run));
            cancelled.notify_one();
        }
        let entry = Entry {
            cancel,
            cancelled: Arc::clone(&cancelled),
        };
        state.runs.insert(run, entry);
        Some(ActiveRun {
            runs: self.clone(),
            run,
            cancelled,
        })
    }

    /// Whether the run is under way here.
    pub(crate) fn contains(&self, run: RunId) -> bool {
        self.lock().runs.contains_key(&run)
    }

    /// Cancels the run, if it is under way here.
    pub(crate) fn cancel(&self, run: RunId) -> bool {
        let state = self.lock();
        let Some(entry) = state.runs.get(&run) else {
            return false;
        };
        entry.cancel.cancel(cancel_reason(run));
        entry.cancelled.notify_one();
        true
    }

    /// Cancels the run as soon as it begins.
    pub(crate) fn intend_cancel(&self, run: RunId) {
        let mut state = self.lock();
        if state.intents.contains(&run) {
            return;
        }
        if state.intents.len() >= MOST_INTENTS {
            state.intents.pop_front();
        }
        state.intents.push_back(run);
    }
}

impl ActiveRun {
    /// Ready once the run was cancelled.
    pub(crate) async fn cancelled(&self) {
        self.cancelled.notified().await;
    }
}

impl Drop for ActiveRun {
    fn drop(&mut self) {
        self.runs.lock().runs.remove(&self.run);
    }
}
