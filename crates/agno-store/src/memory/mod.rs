//! A database in this process's memory, for tests, examples and services that need nothing after
//! a restart.
//!
//! Every operation is done at once under one lock: there is nothing to wait for. Indexed attributes
//! have an index here too, so that a long-lived server answers "the last runs of this session"
//! without looking at every run.

mod matching;
mod state;
mod table;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agno_core::db::{
    Aggregate, Collection, Commit, Condition, Db, DbError, Durability, Group, JournalEntry, Lease,
    Query, Record, Write,
};
use agno_core::{BoxFuture, RunId};

use crate::lease::LocalLeases;
use crate::limits;
use state::State;

/// A database in memory. Clones share their content.
#[derive(Clone, Default)]
pub struct MemoryDb {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    leases: Arc<LocalLeases>,
}

impl MemoryDb {
    /// An empty database.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic can't leave a batch half applied in a way that later ones make worse: what was
        // written stays readable.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without the records, which may hold secrets.
impl fmt::Debug for MemoryDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDb").finish_non_exhaustive()
    }
}

impl From<MemoryDb> for Arc<dyn Db> {
    fn from(db: MemoryDb) -> Self {
        Arc::new(db)
    }
}

impl Db for MemoryDb {
    fn id(&self) -> &str {
        "memory"
    }

    fn durability(&self) -> Durability {
        Durability::Memory
    }

    fn write(&self, batch: Vec<Write>) -> Commit {
        let result = limits::check_batch(&batch).and_then(|()| self.state().apply(batch));
        Commit::Done(result)
    }

    fn get(
        &self,
        collection: &'static Collection,
        key: &str,
    ) -> BoxFuture<Result<Option<Record>, DbError>> {
        let db = self.clone();
        let key: Arc<str> = key.into();
        Box::pin(async move { Ok(db.state().table(collection)?.get(&key).cloned()) })
    }

    fn query(&self, query: Query) -> BoxFuture<Result<Vec<Record>, DbError>> {
        let db = self.clone();
        Box::pin(async move {
            limits::check_conditions(query.collection, &query.conditions)?;
            limits::check_field(query.collection, query.order)?;
            db.state().table(query.collection)?.query(&query)
        })
    }

    fn count(
        &self,
        collection: &'static Collection,
        conditions: Vec<Condition>,
    ) -> BoxFuture<Result<u64, DbError>> {
        let db = self.clone();
        Box::pin(async move {
            limits::check_conditions(collection, &conditions)?;
            let mut state = db.state();
            let count = state.table(collection)?.select(&conditions)?.count();
            Ok(count as u64)
        })
    }

    fn aggregate(&self, aggregate: Aggregate) -> BoxFuture<Result<Vec<Group>, DbError>> {
        let db = self.clone();
        Box::pin(async move {
            limits::check_aggregate(&aggregate)?;
            db.state()
                .table(aggregate.collection)?
                .aggregate(&aggregate)
        })
    }

    fn journals(
        &self,
        runs: Vec<RunId>,
        from: u32,
    ) -> BoxFuture<Result<Vec<Vec<JournalEntry>>, DbError>> {
        let db = self.clone();
        Box::pin(async move {
            let state = db.state();
            Ok(runs.iter().map(|run| state.journal(*run, from)).collect())
        })
    }

    fn lease(&self, name: &str) -> BoxFuture<Result<Option<Lease>, DbError>> {
        let lease = self.shared.leases.take(name);
        Box::pin(std::future::ready(lease))
    }
}
