//! What a backend takes, checked before anything is queued or sent to a driver.
//!
//! Every backend uses the same rules, so that a program which works over memory does not fail over
//! another database: names that fit any SQL, sizes, and no NUL characters in what is compared
//! (PostgreSQL can't store them and SQLite's `LIKE` stops at them).

use agno_core::db::{Aggregate, Attribute, Collection, Condition, DbError, Field, Test, Write};

/// The longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 4 * 1024;
/// The longest text of one attribute, in bytes.
pub const MAX_ATTRIBUTE_BYTES: usize = 1024 * 1024;
/// The longest body of a record or a journal entry, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes that a batch can hold.
pub const MAX_BATCH_BYTES: usize = 256 * 1024 * 1024;
/// The most writes in a batch.
pub const MAX_BATCH_WRITES: usize = 100_000;
/// The most values that the conditions of one read or delete can name.
pub const MAX_CONDITION_VALUES: usize = 10_000;

/// The longest text that can be looked for within texts, in bytes.
pub const MAX_CONTAINS_BYTES: usize = 10_000;

/// Checks a batch before it is queued.
pub(crate) fn check_batch(batch: &[Write]) -> Result<(), DbError> {
    if batch.len() > MAX_BATCH_WRITES {
        return Err(too_large(
            "the batch",
            "writes",
            batch.len(),
            MAX_BATCH_WRITES,
        ));
    }
    let mut bytes = 0_usize;
    for write in batch {
        bytes = bytes.saturating_add(check_write(write)?);
    }
    if bytes > MAX_BATCH_BYTES {
        return Err(too_large("the batch", "bytes", bytes, MAX_BATCH_BYTES));
    }
    Ok(())
}

/// Checks one write and tells how many bytes it holds.
fn check_write(write: &Write) -> Result<usize, DbError> {
    match write {
        Write::Put {
            collection,
            key,
            attributes,
            body,
            time,
            ..
        } => {
            let expected = collection.attributes.len();
            if attributes.len() != expected {
                return Err(invalid(format!(
                    "record `{key}` has {} attributes, but {} has {expected}: give all of them, \
                     in the collection's order",
                    attributes.len(),
                    collection.name
                )));
            }
            check_key(key)?;
            let mut bytes = key.len() + check_body(body, collection.name, key)?;
            for (attribute, spec) in attributes.iter().zip(collection.attributes) {
                bytes += check_value(attribute, spec.name)?;
            }
            check_number(time.0, "the time")?;
            Ok(bytes)
        }
        Write::Touch { key, time, .. } => {
            check_key(key)?;
            check_number(time.0, "the time")?;
            Ok(key.len())
        }
        Write::Delete {
            collection,
            conditions,
        } => {
            if conditions.is_empty() {
                return Err(invalid(format!(
                    "a delete in {} has no condition: name what to delete",
                    collection.name
                )));
            }
            check_conditions(collection, conditions)?;
            Ok(0)
        }
        Write::Append {
            run,
            sequence,
            entries,
            body,
        } => {
            if *entries == 0 || sequence.checked_add(*entries).is_none() {
                return Err(invalid(format!(
                    "{entries} entries can't be appended at {sequence} to the journal of run \
                     {run}: append one at least and no more than 2^32 in all"
                )));
            }
            if body.len() > MAX_BODY_BYTES {
                return Err(too_large(
                    &format!("an entry of the journal of run {run}"),
                    "bytes",
                    body.len(),
                    MAX_BODY_BYTES,
                ));
            }
            Ok(body.len())
        }
        Write::DeleteJournal { .. } => Ok(0),
    }
}

fn check_key(key: &str) -> Result<(), DbError> {
    if key.len() > MAX_KEY_BYTES {
        return Err(too_large("a key", "bytes", key.len(), MAX_KEY_BYTES));
    }
    check_text(key, "a key")
}

fn check_body(body: &str, collection: &str, key: &str) -> Result<usize, DbError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(too_large(
            &format!("the body of `{key}` in {collection}"),
            "bytes",
            body.len(),
            MAX_BODY_BYTES,
        ));
    }
    Ok(body.len())
}

/// Checks a value that is stored in an attribute and tells its size.
fn check_value(value: &Attribute, name: &str) -> Result<usize, DbError> {
    let Attribute::Text(text) = value else {
        return Ok(8);
    };
    if text.len() > MAX_ATTRIBUTE_BYTES {
        return Err(too_large(
            &format!("the attribute `{name}`"),
            "bytes",
            text.len(),
            MAX_ATTRIBUTE_BYTES,
        ));
    }
    check_text(text, name)?;
    Ok(text.len())
}

fn check_text(text: &str, what: &str) -> Result<(), DbError> {
    if text.contains('\0') {
        return Err(invalid(format!(
            "{what} contains a NUL character, which databases can't compare: remove it"
        )));
    }
    Ok(())
}

/// Checks the conditions of a read or a delete.
pub(crate) fn check_conditions(
    collection: &Collection,
    conditions: &[Condition],
) -> Result<(), DbError> {
    let mut values = 0;
    for condition in conditions {
        check_field(collection, condition.field)?;
        match &condition.test {
            Test::Equals(value)
            | Test::Differs(value)
            | Test::AtLeast(value)
            | Test::AtMost(value) => {
                check_compared(value)?;
                values += 1;
            }
            Test::OneOf(all) => {
                all.iter().try_for_each(check_compared)?;
                values += all.len();
            }
            Test::Contains(text) => {
                check_text(text, "the text to look for")?;
                if text.len() > MAX_CONTAINS_BYTES {
                    return Err(too_large(
                        "the text to look for",
                        "bytes",
                        text.len(),
                        MAX_CONTAINS_BYTES,
                    ));
                }
                values += 1;
            }
        }
    }
    if values > MAX_CONDITION_VALUES {
        return Err(too_large(
            "the condition",
            "values",
            values,
            MAX_CONDITION_VALUES,
        ));
    }
    Ok(())
}

fn check_compared(value: &Attribute) -> Result<(), DbError> {
    match value {
        Attribute::Text(text) => check_text(text, "a value to compare with"),
        _ => Ok(()),
    }
}

/// Checks that a field exists in the collection.
pub(crate) fn check_field(collection: &Collection, field: Field) -> Result<(), DbError> {
    match field {
        Field::Attribute(name) => attribute_index(collection, name).map(|_| ()),
        _ => Ok(()),
    }
}

/// Checks what an aggregate names.
pub(crate) fn check_aggregate(aggregate: &Aggregate) -> Result<(), DbError> {
    check_conditions(aggregate.collection, &aggregate.conditions)?;
    for name in aggregate.group_by.iter().chain(&aggregate.sum) {
        attribute_index(aggregate.collection, name)?;
    }
    Ok(())
}

/// Where in a record the attribute is.
pub(crate) fn attribute_index(collection: &Collection, name: &str) -> Result<usize, DbError> {
    collection
        .attributes
        .iter()
        .position(|spec| spec.name == name)
        .ok_or_else(|| {
            let known: Vec<_> = collection.attributes.iter().map(|spec| spec.name).collect();
            invalid(format!(
                "{} has no attribute `{name}`; it has: {}",
                collection.name,
                known.join(", ")
            ))
        })
}

/// Checks the names of a collection, once, before tables are named after it.
pub(crate) fn check_collection(collection: &Collection) -> Result<(), DbError> {
    let reserved = ["agno_", "sqlite_", "pg_"];
    let is_reserved = reserved
        .iter()
        .any(|start| collection.name.starts_with(start));
    if !is_name(collection.name) || is_reserved {
        return Err(invalid(format!(
            "`{}` can't be a collection: use lower-case letters, digits and `_`, starting with a \
             letter, and not with {}",
            collection.name,
            reserved.join(", ")
        )));
    }
    for (index, spec) in collection.attributes.iter().enumerate() {
        let repeated = collection
            .attributes
            .iter()
            .take(index)
            .any(|other| other.name == spec.name);
        if !is_name(spec.name) || repeated {
            return Err(invalid(format!(
                "`{}` can't be an attribute of {}: use lower-case letters, digits and `_`, \
                 starting with a letter, and each name once",
                spec.name, collection.name
            )));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    name.len() <= 48
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The error for two collections of one name that differ.
pub(crate) fn declared_twice(name: &str) -> DbError {
    invalid(format!(
        "two different collections are called `{name}`: rename one of them"
    ))
}

fn check_number(number: u64, what: &str) -> Result<(), DbError> {
    if i64::try_from(number).is_err() {
        return Err(invalid(format!(
            "{what} {number} is too large: the most is 2^63 - 1"
        )));
    }
    Ok(())
}

pub(crate) fn invalid(message: impl Into<std::sync::Arc<str>>) -> DbError {
    DbError::InvalidQuery(message.into())
}

fn too_large(what: &str, unit: &str, size: usize, limit: usize) -> DbError {
    DbError::TooLarge(format!("{what} has {size} {unit}, but {limit} is the most: split it").into())
}
