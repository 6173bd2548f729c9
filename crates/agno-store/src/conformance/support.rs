//! The collection that the checks use, and how they tell what they found.

use std::fmt::Debug;
use std::sync::Arc;

use agno_core::Timestamp;
use agno_core::db::{
    Attribute, AttributeSpec, Collection, Db, DbError, Expect, Query, Record, Write,
};

/// Three attributes, of which the last has no index.
pub(super) static ITEMS: Collection = Collection {
    name: "conformance_items",
    attributes: &[
        AttributeSpec {
            name: "owner",
            indexed: true,
        },
        AttributeSpec {
            name: "amount",
            indexed: true,
        },
        AttributeSpec {
            name: "version",
            indexed: false,
        },
    ],
};

/// A collection without attributes.
pub(super) static PLAIN: Collection = Collection {
    name: "conformance_plain",
    attributes: &[],
};

/// What a check found.
#[derive(Debug)]
pub(super) struct Problem(String);

impl From<Problem> for String {
    fn from(problem: Problem) -> Self {
        problem.0
    }
}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        Self(format!("unexpected error: {error}"))
    }
}

impl From<tokio::task::JoinError> for Problem {
    fn from(error: tokio::task::JoinError) -> Self {
        Self(format!("a task ended early: {error}"))
    }
}

pub(super) type Checked = Result<(), Problem>;

/// Fails unless both are equal.
pub(super) fn same<T: PartialEq + Debug>(what: &str, found: &T, wanted: &T) -> Checked {
    if found == wanted {
        return Ok(());
    }
    Err(Problem(format!(
        "{what}: found {found:?}, wanted {wanted:?}"
    )))
}

/// Fails unless it holds.
pub(super) fn holds(what: &str, holds: bool) -> Checked {
    if holds {
        return Ok(());
    }
    Err(Problem(format!("not so: {what}")))
}

/// Fails unless the result is a conflict about this record.
pub(super) fn conflict(result: Result<(), DbError>, collection: &str, key: &str) -> Checked {
    let wanted = DbError::Conflict {
        collection: collection.into(),
        key: key.into(),
    };
    same("a conflict", &result, &Err(wanted))
}

/// A value that is text.
pub(super) fn text(value: &str) -> Attribute {
    value.into()
}

/// A value that is a number.
pub(super) fn number(value: i64) -> Attribute {
    value.into()
}

/// A put of an item with these attributes.
pub(super) fn item(key: &str, attributes: [Attribute; 3]) -> Write {
    Write::Put {
        collection: &ITEMS,
        key: key.into(),
        attributes: attributes.into(),
        body: format!("{{\"key\":\"{key}\"}}").into(),
        time: Timestamp(1_000),
        expect: Expect::Anything,
    }
}

/// A put of an item without attributes that are set.
pub(super) fn bare(key: &str, body: &str, expect: Expect) -> Write {
    put_at(key, body, expect, 1_000)
}

/// A put of an item at a time.
pub(super) fn put_at(key: &str, body: &str, expect: Expect, time: u64) -> Write {
    Write::Put {
        collection: &ITEMS,
        key: key.into(),
        attributes: vec![Attribute::Null; 3],
        body: body.into(),
        time: Timestamp(time),
        expect,
    }
}

/// Writes a batch and waits for it.
pub(super) async fn write(db: &Arc<dyn Db>, batch: Vec<Write>) -> Result<(), DbError> {
    db.write(batch).done().await
}

/// The item that must be there.
pub(super) async fn existing(db: &Arc<dyn Db>, key: &str) -> Result<Record, Problem> {
    let record = db.get(&ITEMS, key).await?;
    record.ok_or_else(|| Problem(format!("`{key}` is missing")))
}

/// The keys of the items that a query gives.
pub(super) async fn keys(db: &Arc<dyn Db>, query: Query) -> Result<Vec<String>, DbError> {
    let records = db.query(query).await?;
    Ok(records
        .iter()
        .map(|record| record.key.to_string())
        .collect())
}
