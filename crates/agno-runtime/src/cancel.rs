//! Ending a run from outside.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};

/// Ends a run from outside. Clones end the same run.
#[derive(Clone, Debug, Default)]
pub struct CancelHandle(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    reason: Option<Arc<str>>,
    waker: Option<Waker>,
}

impl CancelHandle {
    /// Asks the run to end. Model and tool calls under way are dropped at once. Does nothing if
    /// the run has ended, was cancelled before, or waits for a person: a paused run is ended by
    /// [`ResumeRequest::cancel`](crate::ResumeRequest::cancel).
    pub fn cancel(&self, reason: impl Into<Arc<str>>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.reason.is_none() {
            state.reason = Some(reason.into());
        }
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    /// Why the run is to end, if it is; otherwise wakes the task when that changes.
    pub(crate) fn poll_reason(&self, context: &Context<'_>) -> Option<Arc<str>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.reason.is_none() {
            match &mut state.waker {
                Some(waker) => waker.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
        }
        state.reason.clone()
    }
}
