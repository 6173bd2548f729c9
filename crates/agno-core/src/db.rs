//! The database seam: records in collections, atomic batches of writes, and journals.
//!
//! It is narrow on purpose. Everything that agno-rs stores (sessions, runs, memories, schedules,
//! ...) is written once over this trait; a backend implements nothing but these few operations and
//! proves itself with the conformance suite of `agno-store`.

use std::fmt::{self, Debug};
use std::sync::Arc;

use crate::{BoxFuture, RunId, Timestamp};

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

/// A kind of record: a name and the attributes that can be queried. Declared once, as a static.
#[derive(Debug, PartialEq, Eq)]
pub struct Collection {
    /// Its name: lower-case letters and `_`. Backends name tables after it.
    pub name: &'static str,
    /// Names of the attributes that each record has beside its body. Backends index those that
    /// are marked.
    pub attributes: &'static [AttributeSpec],
}

/// An attribute of a collection.
#[derive(Debug, PartialEq, Eq)]
pub struct AttributeSpec {
    /// Its name: lower-case letters and `_`.
    pub name: &'static str,
    /// Whether queries select by it.
    pub indexed: bool,
}

/// The value of an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Not set.
    #[default]
    Null,
    /// A number.
    Integer(i64),
    /// Text.
    Text(Arc<str>),
}

impl Attribute {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Arc<str>> for Attribute {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Attribute {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A stored record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its key, unique in the collection.
    pub key: Arc<str>,
    /// Counts the [`Write::Put`]s of this record, from 1.
    pub version: u64,
    /// Grows with each record that is created in the collection: the order of creation.
    pub sequence: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last written or touched.
    pub updated: Timestamp,
    /// Its attributes, in the collection's order.
    pub attributes: Vec<Attribute>,
    /// Its body, JSON.
    pub body: Arc<str>,
}

/// One write of a batch.
#[derive(Clone, Debug)]
pub enum Write {
    /// Creates or replaces a record. `created` and `sequence` of an existing one stay.
    Put {
        /// Where.
        collection: &'static Collection,
        /// The record's key.
        key: Arc<str>,
        /// All its attributes, in the collection's order.
        attributes: Vec<Attribute>,
        /// Its body, JSON.
        body: Arc<str>,
        /// When.
        time: Timestamp,
        /// What must be there before.
        expect: Expect,
    },
    /// Sets the time of a record's last change and nothing else. No error if it is missing.
    Touch {
        /// Where.
        collection: &'static Collection,
        /// The record's key.
        key: Arc<str>,
        /// When.
        time: Timestamp,
    },
    /// Deletes the records that match all conditions, of which there must be one at least.
    Delete {
        /// Where.
        collection: &'static Collection,
        /// Which.
        conditions: Vec<Condition>,
    },
    /// Appends to the journal of a run, which must have exactly `sequence` entries so far.
    Append {
        /// The run.
        run: RunId,
        /// How many entries the journal has.
        sequence: u32,
        /// How many entries `body` holds.
        entries: u32,
        /// The entries, as the engine wrote them.
        body: Arc<str>,
    },
    /// Deletes the journal of a run.
    DeleteJournal {
        /// The run.
        run: RunId,
    },
}

/// What must be there before a [`Write::Put`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Anything or nothing.
    Anything,
    /// No record of that key.
    Absent,
    /// The record in this version.
    Version(u64),
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

/// What a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The key.
    Key,
    /// The order of creation.
    Sequence,
    /// When the record was created, in microseconds.
    Created,
    /// When it was last changed, in microseconds.
    Updated,
    /// An attribute, by name.
    Attribute(&'static str),
}

/// A condition on a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it looks at.
    pub field: Field,
    /// What must hold.
    pub test: Test,
}

/// What must hold of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It equals the value ([`Attribute::Null`] equals `Null`).
    Equals(Attribute),
    /// It differs from the value.
    Differs(Attribute),
    /// It is one of the values.
    OneOf(Vec<Attribute>),
    /// It is of the value's kind, number or text, and at or above it. Text compares by its bytes.
    AtLeast(Attribute),
    /// It is of the value's kind, number or text, and at or below it. Text compares by its bytes.
    AtMost(Attribute),
    /// It is text that contains this text, ASCII letters of either case.
    Contains(Arc<str>),
}

impl Condition {
    /// The attribute equals the value.
    pub fn equals(attribute: &'static str, value: impl Into<Attribute>) -> Self {
        Self {
            field: Field::Attribute(attribute),
            test: Test::Equals(value.into()),
        }
    }

    /// The record has this key.
    pub fn key(key: impl Into<Arc<str>>) -> Self {
        Self {
            field: Field::Key,
            test: Test::Equals(Attribute::Text(key.into())),
        }
    }
}

/// A selection of records.
#[derive(Clone, Debug)]
pub struct Query {
    /// From where.
    pub collection: &'static Collection,
    /// What must hold; all of it.
    pub conditions: Vec<Condition>,
    /// What to sort by; ties by order of creation, in the same direction.
    pub order: Field,
    /// Whether the largest comes first.
    pub descending: bool,
    /// How many at the most.
    pub limit: Option<u32>,
    /// How many to leave out at the start.
    pub offset: u64,
}

impl Query {
    /// All records of a collection, oldest first.
    pub fn new(collection: &'static Collection) -> Self {
        Self {
            collection,
            conditions: Vec::new(),
            order: Field::Sequence,
            descending: false,
            limit: None,
            offset: 0,
        }
    }

    /// Adds a condition.
    #[must_use]
    pub fn filter(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Newest first.
    #[must_use]
    pub fn newest_first(mut self) -> Self {
        self.descending = true;
        self
    }

    /// How many at the most.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// Sums over records.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// From where.
    pub collection: &'static Collection,
    /// Which records.
    pub conditions: Vec<Condition>,
    /// Attributes whose values make a group.
    pub group_by: Vec<&'static str>,
    /// Integer attributes to add up; `Null` counts as 0.
    pub sum: Vec<&'static str>,
}

/// One group of an [`Aggregate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The values of the group's attributes, in the order asked for.
    pub by: Vec<Attribute>,
    /// How many records it has.
    pub count: u64,
    /// The sums, in the order asked for.
    pub sums: Vec<i64>,
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
