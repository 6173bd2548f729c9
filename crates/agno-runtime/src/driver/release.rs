//! Telling events: each only once what it follows from is as durable as it has to be.

use agno_core::{Event, RunStatus};

use super::{Driver, Stage};

impl Driver {
    /// How many records are as durable as they get.
    fn durable(&self) -> usize {
        self.journal
            .as_ref()
            .map_or(usize::MAX, |journal| journal.durable())
    }

    pub(super) fn can_release(&self) -> bool {
        self.queue
            .front()
            .is_some_and(|queued| queued.after <= self.durable())
    }

    /// The next event that may be told. After the one that ends the stream there is none.
    pub(super) fn release(&mut self) -> Option<Event> {
        if !self.can_release() {
            return None;
        }
        let event = self.queue.pop_front()?.event;
        let ends = event.kind.ends_stream() && self.queue.is_empty();
        if ends && self.work.is_idle() && self.run_has_stopped() {
            self.stage = Stage::Ended;
        }
        Some(event)
    }

    /// Whether the run has ended or waits for a person.
    fn run_has_stopped(&self) -> bool {
        let status = self.run.status();
        status.is_terminal() || status == RunStatus::Paused
    }
}
