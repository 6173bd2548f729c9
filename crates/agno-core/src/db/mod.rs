//! The database seam: records in collections, atomic batches of writes, and journals.
//!
//! It is narrow on purpose. Everything that agno-rs stores (sessions, runs, memories, schedules,
//! ...) is written once over this trait; a backend implements nothing but these few operations and
//! proves itself with the conformance suite of `agno-store`.

mod query;
mod record;
mod write;

use std::fmt::{self, Debug};
use std::sync::Arc;

pub use query::{Aggregate, Condition, Field, Group, Query, Test};
pub use record::{Attribute, AttributeSpec, Collection, Record};
pub use write::{Expect, Write};

use crate::{BoxFuture, RunId};

/// A database.
///
/// A batch given to [`Db::write`] takes effect as a whole or not at all, and batches take effect
/// in the order in which they were given by one caller. Reads see every write that was reported
/// done before the read began.
pub trait Db: Debug + Send + Sync + 'static {
    /// A short name for people and clients, such as `agno-db`.
    fn id(&self) -> &str;

    /// What a finished write survives.
    fn durability(&self) -> Durability;

    /// Starts an atomic batch of writes. It takes effect even if the answer is dropped.
    fn write(&self, batch: Vec<Write>) -> Commit;

    /// The record with the given key.
    fn get(
        &self,
        collection: &'static Collection,
        key: &str,
    ) -> BoxFuture<Result<Option<Record>, DbError>>;

    /// The records that match a query, in its order.
    fn query(&self, query: Query) -> BoxFuture<Result<Vec<Record>, DbError>>;

    /// How many records match all conditions.
    fn count(
        &self,
        collection: &'static Collection,
        conditions: Vec<Condition>,
    ) -> BoxFuture<Result<u64, DbError>>;

    /// Sums of integer attributes over the records that match, by group.
    fn aggregate(&self, aggregate: Aggregate) -> BoxFuture<Result<Vec<Group>, DbError>>;

    /// The journals of the given runs, in the order asked for; each in order of its entries, from
    /// the one that holds or follows entry `from`.
    fn journals(
        &self,
        runs: Vec<RunId>,
        from: u32,
    ) -> BoxFuture<Result<Vec<Vec<JournalEntry>>, DbError>>;

    /// Takes a lease that one holder at a time can have; `None` if another holds it. It is given
    /// back when dropped and when the process ends in whatever way.
    fn lease(&self, name: &str) -> BoxFuture<Result<Option<Lease>, DbError>>;
}

/// What a finished write survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// Nothing: it is gone with the process.
    Memory,
    /// A killed process.
    Process,
    /// A lost machine or power cut.
    Machine,
}

/// A write that may or may not be done yet.
pub enum Commit {
    /// It is done.
    Done(Result<(), DbError>),
    /// It will be done, together with others, when this future is ready.
    Wait(BoxFuture<Result<(), DbError>>),
}

impl Commit {
    /// Waits for the write.
    ///
    /// # Errors
    /// What kept the batch from taking effect.
    pub async fn done(self) -> Result<(), DbError> {
        match self {
            Self::Done(result) => result,
            Self::Wait(future) => future.await,
        }
    }
}

impl Debug for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(result) => f.debug_tuple("Done").field(result).finish(),
            Self::Wait(_) => f.write_str("Wait"),
        }
    }
}

/// A lease; it is given back when dropped.
pub struct Lease(#[allow(dead_code, reason = "held for its Drop")] Box<dyn Send + Sync>);

impl Lease {
    /// A lease that lasts as long as `guard` lives.
    pub fn new(guard: impl Send + Sync + 'static) -> Self {
        Self(Box::new(guard))
    }
}

impl Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}

/// A row of a journal: one or several entries that were appended together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// The number of its first entry, from 0.
    pub sequence: u32,
    /// How many entries it holds.
    pub entries: u32,
    /// The entries, as the engine wrote them.
    pub body: Arc<str>,
}

/// What keeps a database from doing as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// An expectation of a batch did not hold; nothing of the batch took effect.
    #[error("`{key}` in {collection} was changed by someone else; read it again and retry")]
    Conflict {
        /// The collection, or `journal`.
        collection: Arc<str>,
        /// The key of the record, or the run.
        key: Arc<str>,
    },
    /// The database was written by a newer version.
    #[error("{0}")]
    NewerSchema(Arc<str>),
    /// The database can't be opened: a wrong address, a file of another kind, no permission.
    #[error("{0}")]
    Open(Arc<str>),
    /// A record, an entry or a batch is larger than the backend takes.
    #[error("{0}")]
    TooLarge(Arc<str>),
    /// What was asked is not something the collection has.
    #[error("{0}")]
    InvalidQuery(Arc<str>),
    /// The backend failed.
    #[error("database: {0}")]
    Backend(Arc<str>),
}
