//! Group commit: the committer is a task, not a thread.
//!
//! A batch is queued by [`enqueue`]. The first waiter that is polled while nobody commits lets the
//! other ready tasks run once, so that they can queue theirs, then commits all that gathered in
//! one transaction and wakes the others. A thread of its own would cost more in wake-ups than
//! SQLite costs; a commit in every caller would lose the grouping.
//!
//! At most one committer exists at a time, and while it does it has taken on the whole queue: what
//! comes in meanwhile is committed by a task that it spawns when it is done. So no batch depends
//! on another caller's polling:
//!
//! - A [`Commit::Wait`] that is dropped, polled or not, hands its batch to a spawned task.
//! - A spawned task that the runtime drops at its end commits in its destructor.
//! - Without a tokio runtime, the caller commits at once.
//!
//! Where a commit waits for the disk ([`Durability::Machine`]) or for another process, it runs on
//! a blocking thread and nobody's worker is held up.
//!
//! [`Commit::Wait`]: agno_core::db::Commit::Wait
//! [`Durability::Machine`]: agno_core::db::Durability::Machine

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use agno_core::db::{DbError, Durability, Write};
use tokio::runtime::Handle;

use super::apply::Applier;
use super::checkpoint;
use super::error::failure;
use super::inner::{Inner, PATIENCE};

/// The batches that wait for a committer.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Signalled when the committer is done while someone waits to hold up commits.
    idle: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<Arc<Pending>>,
    /// Whether a [`Committer`] exists.
    committing: bool,
    /// Whether commits are to stop until [`Queue::start`].
    hold_wanted: bool,
    /// Whether a checkpoint is under way.
    checkpointing: bool,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the caller the committer, if there is none. It must then create a [`Committer`].
    fn try_start(&self) -> bool {
        let mut state = self.state();
        let free = !state.committing && !state.hold_wanted;
        state.committing |= free;
        free
    }

    /// Waits, blocking, until the caller is the committer.
    fn start(&self) {
        let mut state = self.state();
        state.hold_wanted = true;
        while state.committing {
            state = self
                .idle
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.hold_wanted = false;
        state.committing = true;
    }

    /// Makes the caller the one that checkpoints, if there is none. Then it ends with
    /// [`Queue::end_checkpoint`].
    pub(super) fn start_checkpoint(&self) -> bool {
        !std::mem::replace(&mut self.state().checkpointing, true)
    }

    /// Stops commits as soon as the present one is done, until the checkpoint that is under way
    /// goes on with [`Committer::hold`].
    pub(super) fn hold_for_checkpoint(&self) {
        let mut state = self.state();
        state.hold_wanted |= state.checkpointing;
    }

    /// Ends the checkpoint, unless commits have been stopped for it.
    pub(super) fn end_checkpoint(&self) -> bool {
        let mut state = self.state();
        state.checkpointing = state.hold_wanted;
        !state.checkpointing
    }

    fn is_empty(&self) -> bool {
        self.state().waiting.is_empty()
    }

    fn take(&self) -> Vec<Arc<Pending>> {
        std::mem::take(&mut self.state().waiting)
    }

    /// Ends the committer's role, unless batches have come in that it has to see to.
    fn stop(&self) -> bool {
        let mut state = self.state();
        if state.hold_wanted {
            state.committing = false;
            self.idle.notify_all();
            return true;
        }
        state.committing = !state.waiting.is_empty();
        !state.committing
    }

    /// Ends the committer's role in any case.
    fn abandon(&self) {
        self.state().committing = false;
        self.idle.notify_all();
    }
}

/// A batch and what became of it.
struct Pending(Mutex<Progress>);

struct Progress {
    batch: Option<Vec<Write>>,
    result: Option<Result<(), DbError>>,
    waker: Option<Waker>,
}

impl Pending {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_batch(&self) -> Vec<Write> {
        self.progress().batch.take().unwrap_or_default()
    }

    fn resolve(&self, result: Result<(), DbError>) {
        let waker = {
            let mut progress = self.progress();
            if progress.result.is_none() {
                progress.result = Some(result);
            }
            progress.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_resolved(&self) -> bool {
        self.progress().result.is_some()
    }

    /// The result, or a promise to wake.
    fn poll(&self, cx: &Context<'_>) -> Poll<Result<(), DbError>> {
        let mut progress = self.progress();
        if let Some(result) = &progress.result {
            return Poll::Ready(result.clone());
        }
        match &mut progress.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

/// Batches that are being committed. Should the commit panic, their waiters get an error.
struct Group(Vec<Arc<Pending>>);

impl Group {
    fn resolve(self, results: Vec<Result<(), DbError>>) {
        for (pending, result) in self.0.iter().zip(results) {
            pending.resolve(result);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for pending in &self.0 {
            if !pending.is_resolved() {
                pending.resolve(Err(DbError::Backend(
                    "a commit was interrupted; read what is there before trying again".into(),
                )));
            }
        }
    }
}

/// Queues a checked batch.
pub(super) fn enqueue(inner: &Arc<Inner>, batch: Vec<Write>) -> WaitForCommit {
    let pending = Arc::new(Pending(Mutex::new(Progress {
        batch: Some(batch),
        result: None,
        waker: None,
    })));
    inner.queue.state().waiting.push(Arc::clone(&pending));
    WaitForCommit {
        inner: Arc::clone(inner),
        pending,
        let_others_run: false,
        is_done: false,
    }
}

/// Waits for one batch, and commits the whole queue if nobody else does.
pub(super) struct WaitForCommit {
    inner: Arc<Inner>,
    pending: Arc<Pending>,
    let_others_run: bool,
    is_done: bool,
}

impl Future for WaitForCommit {
    type Output = Result<(), DbError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(result) = this.pending.poll(cx) {
            this.is_done = true;
            return Poll::Ready(result);
        }
        if !std::mem::replace(&mut this.let_others_run, true) && Handle::try_current().is_ok() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !this.inner.queue.try_start() {
            return Poll::Pending;
        }
        Committer::new(&this.inner).run();
        let result = this.pending.poll(cx);
        this.is_done = result.is_ready();
        result
    }
}

impl Drop for WaitForCommit {
    fn drop(&mut self) {
        if self.is_done || self.pending.is_resolved() || !self.inner.queue.try_start() {
            return;
        }
        Committer::new(&self.inner).run_later();
    }
}

/// The role of the one that commits. Dropped unused, it commits all the same.
pub(super) struct Committer {
    inner: Arc<Inner>,
    is_done: bool,
}

impl Committer {
    /// For the caller that was just made the committer.
    fn new(inner: &Arc<Inner>) -> Self {
        Self {
            inner: Arc::clone(inner),
            is_done: false,
        }
    }

    /// Waits, blocking, until nobody commits, and keeps others from it until dropped.
    pub(super) fn hold(inner: &Arc<Inner>) -> Self {
        inner.queue.start();
        Self::new(inner)
    }

    /// Commits what has gathered, here or, where it may take long, on a blocking thread.
    fn run(self) {
        if self.inner.durability == Durability::Machine {
            return self.run_blocking();
        }
        if !self.commit_once(false) {
            return self.run_blocking();
        }
        self.stop();
    }

    /// Commits in a task of its own, after the tasks that are ready now.
    fn run_later(self) {
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    tokio::task::yield_now().await;
                    self.run();
                });
            }
            // The destructor does the work.
            Err(_) => drop(self),
        }
    }

    fn run_blocking(self) {
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn_blocking(move || drop(self));
            }
            Err(_) => drop(self),
        }
    }

    /// Gives the role back, or passes it on if batches have come in.
    fn stop(mut self) {
        if self.inner.queue.stop() {
            self.is_done = true;
        } else {
            self.run_later();
        }
    }

    /// Commits all that waits. Without patience, gives up if another process is writing.
    fn commit_once(&self, patient: bool) -> bool {
        let inner = &*self.inner;
        if inner.queue.is_empty() {
            return true;
        }
        let writer = inner.writer();
        let applier = Applier {
            connection: &writer,
            tables: &inner.tables,
            name: &inner.name,
        };
        let patience = if patient { PATIENCE } else { Duration::ZERO };
        let begun = writer.busy_timeout(patience).and_then(|()| applier.begin());
        if let Err(error) = &begun
            && !patient
            && error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
        {
            return false;
        }
        // Those that came in while this waited for the lock are part of it.
        let group = Group(inner.queue.take());
        let results = match begun {
            Ok(()) => {
                let batches: Vec<_> = group.0.iter().map(|pending| pending.take_batch()).collect();
                applier.commit(&batches)
            }
            Err(error) => {
                let error = failure(&inner.name, &error);
                group.0.iter().map(|_| Err(error.clone())).collect()
            }
        };
        drop(writer);
        group.resolve(results);
        checkpoint::start_if_due(&self.inner);
        true
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        if std::thread::panicking() {
            // The queue goes with the next commit.
            return self.inner.queue.abandon();
        }
        loop {
            self.commit_once(true);
            if self.inner.queue.stop() {
                return;
            }
        }
    }
}
