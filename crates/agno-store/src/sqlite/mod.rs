//! SQLite, the embedded default.
//!
//! rusqlite over a write-ahead log: one connection that writes, committed to by a task that
//! gathers what waits (`commit`), and a few that read beside it. Lookups by key, journals and
//! small pages take 10 to 20 µs and are read on the caller's thread; everything else goes to a
//! blocking thread.

mod apply;
mod checkpoint;
mod commit;
mod error;
mod inner;
mod options;
mod read;
mod schema;
mod select;
mod tables;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use agno_core::db::{
    Aggregate, Collection, Commit, Condition, Db, DbError, Durability, Group, JournalEntry, Lease,
    Query, Record, Write,
};
use agno_core::{BoxFuture, RunId};

use crate::{lease, limits};
use inner::Inner;
use options::Place;
pub use options::SqliteOptions;

/// A SQLite database. Clones share its connections.
///
/// A [`Commit::Wait`] from it commits when it is polled, together with what other tasks have
/// written by then; dropped, it commits in the background. Kept but not polled, its batch goes
/// with the next commit of anyone.
///
/// Several processes can use one file at the same time.
#[derive(Clone)]
pub struct Sqlite {
    inner: Arc<Inner>,
}

impl Sqlite {
    /// Opens a database safe against a killed process, creating the file if there is none. See
    /// [`SqliteOptions::open`] for what an address can be.
    ///
    /// # Errors
    /// [`DbError::Open`] if the file can't be opened or is of another kind,
    /// [`DbError::NewerSchema`] if a newer version wrote it.
    pub fn open(address: impl AsRef<Path>) -> Result<Self, DbError> {
        Self::options().open(address)
    }

    /// Options, to be followed by [`SqliteOptions::open`].
    pub fn options() -> SqliteOptions {
        SqliteOptions::default()
    }

    fn open_at(place: Place, options: SqliteOptions) -> Result<Self, DbError> {
        let id = options.id.unwrap_or_else(|| place.default_id());
        let inner = Inner::open(place, id, options.durability)?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Checks a batch and sees to the tables that it needs.
    fn check(&self, batch: &[Write]) -> Result<(), DbError> {
        limits::check_batch(batch)?;
        for write in batch {
            match write {
                Write::Put { collection, .. }
                | Write::Touch { collection, .. }
                | Write::Delete { collection, .. } => {
                    self.inner.table(collection)?;
                }
                Write::Append { .. } | Write::DeleteJournal { .. } => {}
            }
        }
        Ok(())
    }
}

/// Without the batches that wait, which may hold secrets.
impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite")
            .field("id", &self.inner.id)
            .field("file", &self.inner.name)
            .field("durability", &self.inner.durability)
            .finish_non_exhaustive()
    }
}

impl From<Sqlite> for Arc<dyn Db> {
    fn from(db: Sqlite) -> Self {
        Arc::new(db)
    }
}

impl Db for Sqlite {
    fn id(&self) -> &str {
        &self.inner.id
    }

    fn durability(&self) -> Durability {
        self.inner.durability
    }

    fn write(&self, batch: Vec<Write>) -> Commit {
        if let Err(error) = self.check(&batch) {
            return Commit::Done(Err(error));
        }
        Commit::Wait(Box::pin(commit::enqueue(&self.inner, batch)))
    }

    fn get(
        &self,
        collection: &'static Collection,
        key: &str,
    ) -> BoxFuture<Result<Option<Record>, DbError>> {
        let inner = Arc::clone(&self.inner);
        let key: Box<str> = key.into();
        Box::pin(async move { inner.get(&*inner.table(collection)?, &key) })
    }

    fn query(&self, query: Query) -> BoxFuture<Result<Vec<Record>, DbError>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            limits::check_conditions(query.collection, &query.conditions)?;
            limits::check_field(query.collection, query.order)?;
            if read::is_small(&query) {
                return inner.query(&query);
            }
            read::offload(inner, move |inner| inner.query(&query)).await
        })
    }

    fn count(
        &self,
        collection: &'static Collection,
        conditions: Vec<Condition>,
    ) -> BoxFuture<Result<u64, DbError>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            limits::check_conditions(collection, &conditions)?;
            read::offload(inner, move |inner| {
                inner.count(&*inner.table(collection)?, &conditions)
            })
            .await
        })
    }

    fn aggregate(&self, aggregate: Aggregate) -> BoxFuture<Result<Vec<Group>, DbError>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            limits::check_aggregate(&aggregate)?;
            read::offload(inner, move |inner| inner.aggregate(&aggregate)).await
        })
    }

    fn journals(
        &self,
        runs: Vec<RunId>,
        from: u32,
    ) -> BoxFuture<Result<Vec<Vec<JournalEntry>>, DbError>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move { inner.journals(&runs, from) })
    }

    fn lease(&self, name: &str) -> BoxFuture<Result<Option<Lease>, DbError>> {
        let lease = match &self.inner.path {
            Some(path) => lease::take_file_lease(&self.inner.leases, path, name),
            None => self.inner.leases.take(name),
        };
        Box::pin(std::future::ready(lease))
    }
}
