//! Reads.

use std::sync::Arc;

use agno_core::RunId;
use agno_core::Timestamp;
use agno_core::db::{
    Aggregate, Attribute, Condition, DbError, Field, Group, JournalEntry, Query, Record, Test,
};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, Row, Rows};
use tokio::runtime::Handle;

use super::error::{damaged, failure};
use super::inner::Inner;
use super::schema::{READ_JOURNAL, Table};
use super::select::Selection;
use crate::limits::invalid;

/// The most records that a query reads on the caller's thread.
const FEW_RECORDS: u32 = 64;

/// Runs a long read on a blocking thread, where there is a runtime to give one.
pub(super) async fn offload<T: Send + 'static>(
    inner: Arc<Inner>,
    read: impl FnOnce(&Inner) -> Result<T, DbError> + Send + 'static,
) -> Result<T, DbError> {
    let stopped = |_| DbError::Backend("the program is ending: the read was given up".into());
    if Handle::try_current().is_err() {
        return read(&inner);
    }
    let permit = Arc::clone(&inner.long_reads)
        .acquire_owned()
        .await
        .map_err(|_| DbError::Backend("the database is closed: open it again".into()))?;
    let task = tokio::task::spawn_blocking(move || {
        let result = read(&inner);
        drop(permit);
        result
    });
    task.await.map_err(stopped)?
}

/// Whether a query reads only a few rows, so that a thread would cost more than it saves: a small
/// page in the order of an index, selected by values that have one.
pub(super) fn is_small(query: &Query) -> bool {
    let has_index = |condition: &Condition| {
        matches!(condition.test, Test::Equals(_))
            && match condition.field {
                Field::Key => true,
                Field::Attribute(name) => query
                    .collection
                    .attributes
                    .iter()
                    .any(|spec| spec.name == name && spec.indexed),
                _ => false,
            }
    };
    query.limit.is_some_and(|limit| limit <= FEW_RECORDS)
        && query.offset <= u64::from(FEW_RECORDS)
        && matches!(query.order, Field::Sequence)
        && query.conditions.iter().all(has_index)
}

impl Inner {
    pub(super) fn get(&self, table: &Table, key: &str) -> Result<Option<Record>, DbError> {
        self.read(|connection| {
            let fail = |error| failure(&self.name, &error);
            let mut statement = connection.prepare_cached(&table.get).map_err(fail)?;
            statement.raw_bind_parameter(1, key).map_err(fail)?;
            let mut rows = statement.raw_query();
            match rows.next().map_err(fail)? {
                Some(row) => self.record(table, row).map(Some),
                None => Ok(None),
            }
        })
    }

    pub(super) fn query(&self, query: &Query) -> Result<Vec<Record>, DbError> {
        let table = self.table(query.collection)?;
        let selection = Selection::records(&table, query);
        self.select(&selection, |rows| {
            self.all(rows, |row| self.record(&table, row))
        })
    }

    pub(super) fn count(&self, table: &Table, conditions: &[Condition]) -> Result<u64, DbError> {
        let selection = Selection::count(table, conditions);
        let counts = self.select(&selection, |rows| {
            self.all(rows, |row| self.column::<Number>(table, row, 0))
        })?;
        Ok(counts.first().map_or(0, |count| count.0))
    }

    pub(super) fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<Group>, DbError> {
        let table = self.table(aggregate.collection)?;
        let selection = Selection::groups(&table, aggregate);
        let groups = aggregate.group_by.len();
        self.select(&selection, |rows| {
            self.all(rows, |row| {
                let by = (0..groups).map(|column| {
                    self.column::<Stored>(&table, row, column)
                        .map(|stored| stored.0)
                });
                let sums = (0..aggregate.sum.len())
                    .map(|column| self.column(&table, row, groups + 1 + column));
                Ok(Group {
                    by: by.collect::<Result<_, _>>()?,
                    count: self.column::<Number>(&table, row, groups)?.0,
                    sums: sums.collect::<Result<_, _>>()?,
                })
            })
        })
    }

    pub(super) fn journals(
        &self,
        runs: &[RunId],
        from: u32,
    ) -> Result<Vec<Vec<JournalEntry>>, DbError> {
        self.read(|connection| {
            let fail = |error| failure(&self.name, &error);
            // Several journals are read as of one moment.
            let transaction = match runs.len() {
                0 | 1 => None,
                _ => Some(connection.unchecked_transaction().map_err(fail)?),
            };
            let mut statement = connection.prepare_cached(READ_JOURNAL).map_err(fail)?;
            let mut journals = Vec::with_capacity(runs.len());
            for run in runs {
                let id = run.as_u128().to_be_bytes();
                statement.raw_bind_parameter(1, &id[..]).map_err(fail)?;
                statement.raw_bind_parameter(2, from).map_err(fail)?;
                journals.push(self.all(statement.raw_query(), |row| self.entry(row))?);
            }
            drop(statement);
            if let Some(transaction) = transaction {
                transaction.finish().map_err(fail)?;
            }
            Ok(journals)
        })
    }

    /// Runs a statement over its rows.
    fn select<T>(
        &self,
        selection: &Selection<'_>,
        read: impl FnOnce(Rows<'_>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        self.read(|connection: &Connection| {
            let fail = |error| failure(&self.name, &error);
            let mut statement = connection.prepare_cached(&selection.sql).map_err(fail)?;
            for (index, value) in selection.values.iter().enumerate() {
                statement
                    .raw_bind_parameter(index + 1, value)
                    .map_err(fail)?;
            }
            read(statement.raw_query())
        })
    }

    fn all<T>(
        &self,
        mut rows: Rows<'_>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(|error| self.row_failure(&error))? {
            all.push(read(row)?);
        }
        Ok(all)
    }

    fn row_failure(&self, error: &rusqlite::Error) -> DbError {
        if error.to_string().contains("integer overflow") {
            return invalid("a sum is larger than 2^63 - 1: select fewer records");
        }
        failure(&self.name, error)
    }

    fn record(&self, table: &Table, row: &Row<'_>) -> Result<Record, DbError> {
        let attributes = (0..table.collection.attributes.len()).map(|index| {
            self.column::<Stored>(table, row, 6 + index)
                .map(|stored| stored.0)
        });
        Ok(Record {
            key: self.column::<Text>(table, row, 0)?.0,
            version: self.column::<Number>(table, row, 1)?.0,
            sequence: self.column::<Number>(table, row, 2)?.0,
            created: Timestamp(self.column::<Number>(table, row, 3)?.0),
            updated: Timestamp(self.column::<Number>(table, row, 4)?.0),
            body: self.column::<Text>(table, row, 5)?.0,
            attributes: attributes.collect::<Result<_, _>>()?,
        })
    }

    fn entry(&self, row: &Row<'_>) -> Result<JournalEntry, DbError> {
        let fail = |error| damaged(&self.name, "the journal", &error);
        Ok(JournalEntry {
            sequence: row.get(0).map_err(fail)?,
            entries: row.get(1).map_err(fail)?,
            body: row.get::<_, Text>(2).map_err(fail)?.0,
        })
    }

    fn column<T: FromSql>(
        &self,
        table: &Table,
        row: &Row<'_>,
        column: usize,
    ) -> Result<T, DbError> {
        row.get(column)
            .map_err(|error| damaged(&self.name, table.collection.name, &error))
    }
}

/// Text, read without a copy in between.
struct Text(Arc<str>);

impl FromSql for Text {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(|text| Self(text.into()))
    }
}

/// A number that is not negative.
struct Number(u64);

impl FromSql for Number {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number)
            .map(Self)
            .map_err(|_| FromSqlError::OutOfRange(number))
    }
}

/// An attribute.
struct Stored(Attribute);

impl FromSql for Stored {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(match value {
            ValueRef::Null => Attribute::Null,
            ValueRef::Integer(number) => Attribute::Integer(number),
            ValueRef::Text(_) => Attribute::Text(value.as_str()?.into()),
            ValueRef::Real(_) | ValueRef::Blob(_) => return Err(FromSqlError::InvalidType),
        }))
    }
}
