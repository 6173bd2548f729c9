//! Moves the write-ahead log into the database, off the commit path.
//!
//! SQLite would do it within a commit, which then takes milliseconds. Instead a blocking thread
//! does it over a connection of its own while commits go on. Under writes without a pause that
//! never catches up with the end of the log, and only a log that was moved as a whole starts again
//! from the front; so when it has grown long, commits are held up until the rest is moved. Their
//! tasks wait, and no worker is blocked.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::hooks::Wal;
use rusqlite::{Connection, OpenFlags};
use tokio::runtime::Handle;

use super::commit::Committer;
use super::inner::Inner;

/// A checkpoint starts when the log has grown by this many pages (16 MiB).
const PAGES: u32 = 4_000;
/// A log of this many pages (64 MiB) is emptied even if commits have to wait.
const MOST_PAGES: u32 = 16_000;

/// When to checkpoint.
#[derive(Debug)]
pub(super) struct Checkpoints {
    /// Pages in the log after the last commit.
    length: Arc<AtomicU32>,
    /// The length at which the next checkpoint starts.
    due: AtomicU32,
}

impl Checkpoints {
    /// Watches the log of the writing connection.
    pub(super) fn watch(writer: &mut Connection, has_log: bool) -> rusqlite::Result<Self> {
        let length = Arc::new(AtomicU32::new(0));
        if has_log {
            let seen = Arc::clone(&length);
            // This takes the place of SQLite's own automatic checkpoint.
            writer.wal_hook(Some(move |_: &mut Wal, pages: std::ffi::c_int| {
                seen.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
                Ok(())
            }))?;
        }
        Ok(Self {
            length,
            due: AtomicU32::new(PAGES),
        })
    }
}

/// Starts a checkpoint if the log has grown enough. To be called by the committer.
pub(super) fn start_if_due(inner: &Arc<Inner>) {
    let checkpoints = &inner.checkpoints;
    let length = checkpoints.length.load(Ordering::Relaxed);
    if length < PAGES {
        // Also tells that the log has started again from the front.
        checkpoints.due.store(PAGES, Ordering::Relaxed);
        return;
    }
    if length < checkpoints.due.load(Ordering::Relaxed) {
        return;
    }
    if !inner.queue.start_checkpoint() {
        if length >= MOST_PAGES {
            inner.queue.hold_for_checkpoint();
        }
        return;
    }
    let running = Running(Arc::clone(inner));
    match Handle::try_current() {
        Ok(runtime) => {
            runtime.spawn_blocking(move || running.run());
        }
        // The caller is the committer, so the log does not grow meanwhile.
        Err(_) => {
            running.checkpoint();
        }
    }
}

/// A checkpoint under way.
struct Running(Arc<Inner>);

impl Running {
    fn run(self) {
        if self.checkpoint().is_some_and(|left| left >= MOST_PAGES) {
            self.0.queue.hold_for_checkpoint();
        }
    }

    /// Moves what it can without waiting for anyone. Tells how long the log is, 0 if it can start
    /// again.
    fn checkpoint(&self) -> Option<u32> {
        let path = self.0.path.as_deref()?;
        match checkpoint_file(path) {
            Ok((length, moved)) => {
                let due = if length == moved {
                    PAGES
                } else {
                    length + PAGES
                };
                self.0.checkpoints.due.store(due, Ordering::Relaxed);
                Some(if length == moved { 0 } else { length })
            }
            Err(error) => {
                tracing::warn!(%error, database = &*self.0.name, "a checkpoint failed");
                None
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        while !self.0.queue.end_checkpoint() {
            let held = Committer::hold(&self.0);
            self.checkpoint();
            drop(held);
        }
    }
}

/// The pages in the log and how many of them are in the database now.
fn checkpoint_file(path: &Path) -> rusqlite::Result<(u32, u32)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("PRAGMA fullfsync = ON;")?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        // -1 stands for a log that does not exist.
        let pages = |column| {
            row.get::<_, i64>(column)
                .map(|pages| u32::try_from(pages).unwrap_or(0))
        };
        Ok((pages(1)?, pages(2)?))
    })
}
