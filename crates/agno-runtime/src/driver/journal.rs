//! Writing a run's records: when they are wanted, and in the order in which they came.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use agno_core::db::{Db, DbError};
use agno_core::{BoxFuture, RunStatus, StatePatch, Usage};
use agno_engine::{Fact, journal};

use super::Driver;
use crate::clock::now;
use crate::error::Error;
use crate::store::{NewSession, Persist, RunRow, persist};

/// The database side of a driver.
pub(crate) struct Journal {
    db: Arc<dyn Db>,
    row: RunRow,
    /// How many records were handed to the database.
    written: usize,
    /// How many of them are durable.
    durable: usize,
    /// Up to which record a write is wanted.
    wanted: usize,
    /// How many records `row.usage` covers.
    counted: usize,
    commit: Option<BoxFuture<Result<(), DbError>>>,
    new_session: Option<NewSession>,
    /// Changes to the session state that are written already.
    patched: StatePatch,
}

impl Journal {
    pub(crate) fn new(
        db: Arc<dyn Db>,
        row: RunRow,
        durable: usize,
        new_session: Option<NewSession>,
        patched: StatePatch,
    ) -> Self {
        Self {
            db,
            row,
            written: durable,
            durable,
            wanted: durable,
            counted: durable,
            commit: None,
            new_session,
            patched,
        }
    }

    pub(super) const fn durable(&self) -> usize {
        self.durable
    }

    /// Wants the first `records` records to be written soon.
    pub(super) fn want(&mut self, records: usize) {
        self.wanted = self.wanted.max(records);
    }
}

impl Driver {
    /// Goes on with the write under way and starts the next. Whether anything changed.
    pub(super) fn poll_journal(&mut self, context: &mut Context<'_>) -> bool {
        let mut changed = false;
        loop {
            let Some(journal) = &mut self.journal else {
                return changed;
            };
            if let Some(commit) = &mut journal.commit {
                match Pin::new(commit).poll(context) {
                    Poll::Pending => return changed,
                    Poll::Ready(Ok(())) => {
                        journal.commit = None;
                        journal.durable = journal.written;
                        changed = true;
                    }
                    Poll::Ready(Err(error)) => {
                        self.abort(Error::Db(error));
                        return true;
                    }
                }
            }
            if !self.start_commit() {
                return changed;
            }
        }
    }

    /// Hands all records that are not written yet to the database, if a write is wanted.
    fn start_commit(&mut self) -> bool {
        let status = if self.accept_only {
            RunStatus::Pending
        } else {
            self.run.status()
        };
        let patch = self.run.state_patch();
        let Some(journal) = &mut self.journal else {
            return false;
        };
        if journal.wanted <= journal.written {
            return false;
        }
        let new = self.records.get(journal.written..).unwrap_or_default();
        let body = match journal::encode(new) {
            Ok(body) => body,
            Err(error) => {
                let run = self.run_id;
                self.abort(Error::Journal {
                    run,
                    problem: error.to_string().into(),
                });
                return true;
            }
        };
        let uncounted = self.records.get(journal.counted..).unwrap_or_default();
        for record in uncounted {
            if let Fact::ModelReplied(replied) = &record.fact {
                journal.row.usage += replied.reply.usage;
            }
        }
        journal.counted = self.records.len();
        journal.row.status = status;
        if let Some(scope) = &self.scope {
            journal.row.state = scope.state.snapshot();
        }
        let settled = status.is_terminal() || status == RunStatus::Paused;
        let patch = patch
            .filter(|_| settled)
            .map(|patch| journal.unwritten(patch));
        let entries = u32::try_from(new.len()).unwrap_or(u32::MAX);
        let sequence = u32::try_from(journal.written).unwrap_or(u32::MAX);
        journal.commit = Some(Box::pin(persist(Persist {
            db: Arc::clone(&journal.db),
            time: now(),
            sequence,
            entries,
            records: body.into(),
            row: journal.row.clone(),
            patch,
            new_session: journal.new_session.take(),
        })));
        journal.written = self.records.len();
        true
    }
}

impl Journal {
    /// The changes that are not written yet; they count as written from now on.
    fn unwritten(&mut self, patch: &StatePatch) -> StatePatch {
        let new = changes_since(patch, &self.patched);
        self.patched = patch.clone();
        new
    }
}

/// What of a patch is not in an earlier one.
pub(crate) fn changes_since(patch: &StatePatch, earlier: &StatePatch) -> StatePatch {
    let mut new = patch.clone();
    new.0.retain(|key, value| earlier.0.get(key) != Some(value));
    new
}

/// The sum of what the replies among the records cost.
pub(crate) fn usage_of(records: &[agno_engine::Record]) -> Usage {
    let mut usage = Usage::default();
    for record in records {
        if let Fact::ModelReplied(replied) = &record.fact {
            usage += replied.reply.usage;
        }
    }
    usage
}
