//! Batches as SQL statements.
//!
//! A group of batches shares one transaction. A batch that meets a conflict must leave nothing
//! behind, but a savepoint costs a copy of every page that the batch changes. It is set only where
//! a conflict can come after a change of the same batch; usually the expectation comes first and
//! nothing has to be taken back.

use agno_core::RunId;
use agno_core::db::{Attribute, DbError, Expect, Write};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use super::error::failure;
use super::schema::{APPEND, DELETE_JOURNAL, JOURNAL_LENGTH, Table};
use super::select::Selection;
use super::tables::Tables;

/// Applies batches over the writing connection.
#[derive(Debug)]
pub(super) struct Applier<'a> {
    pub(super) connection: &'a Connection,
    pub(super) tables: &'a Tables,
    /// The database's name in errors.
    pub(super) name: &'a str,
}

/// Why a batch was not applied.
enum Refusal {
    /// An expectation did not hold. The transaction is intact.
    Conflict(DbError),
    /// A statement failed. What it left behind is unknown.
    Failed(DbError),
}

impl From<Refusal> for DbError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Conflict(error) | Refusal::Failed(error) => error,
        }
    }
}

impl Applier<'_> {
    /// Starts a transaction that may write.
    pub(super) fn begin(&self) -> rusqlite::Result<()> {
        self.run("BEGIN IMMEDIATE")
    }

    /// Commits all batches in the transaction that was begun; each has its own result.
    pub(super) fn commit(&self, batches: &[Vec<Write>]) -> Vec<Result<(), DbError>> {
        if let [batch] = batches {
            return vec![self.finish_alone(batch)];
        }
        let mut results = Vec::with_capacity(batches.len());
        for batch in batches {
            match self.apply_in_group(batch) {
                Ok(()) => results.push(Ok(())),
                Err(Refusal::Conflict(error)) => results.push(Err(error)),
                // The whole transaction is lost; alone, each batch shows whether it is to blame.
                Err(Refusal::Failed(error)) => {
                    tracing::debug!(%error, "a group of batches is committed one by one");
                    self.roll_back();
                    return self.commit_each(batches);
                }
            }
        }
        if let Err(error) = self.run("COMMIT") {
            self.roll_back();
            let error = failure(self.name, &error);
            for result in &mut results {
                if result.is_ok() {
                    *result = Err(error.clone());
                }
            }
        }
        results
    }

    fn commit_each(&self, batches: &[Vec<Write>]) -> Vec<Result<(), DbError>> {
        let commit = |batch| match self.begin() {
            Ok(()) => self.finish_alone(batch),
            Err(error) => Err(failure(self.name, &error)),
        };
        batches.iter().map(|batch| commit(batch)).collect()
    }

    /// Applies and commits the only batch of the transaction that was begun.
    fn finish_alone(&self, batch: &[Write]) -> Result<(), DbError> {
        let applied = self.apply(batch).map_err(DbError::from);
        let result = applied.and_then(|()| {
            self.run("COMMIT")
                .map_err(|error| failure(self.name, &error))
        });
        if result.is_err() {
            self.roll_back();
        }
        result
    }

    /// Applies a batch so that a conflict leaves nothing of it behind.
    fn apply_in_group(&self, batch: &[Write]) -> Result<(), Refusal> {
        if !batch.iter().skip(1).any(can_conflict) {
            return self.apply(batch);
        }
        self.step("SAVEPOINT batch")?;
        let result = self.apply(batch);
        if matches!(result, Err(Refusal::Conflict(_))) {
            self.step("ROLLBACK TO batch")?;
        }
        if !matches!(result, Err(Refusal::Failed(_))) {
            self.step("RELEASE batch")?;
        }
        result
    }

    fn apply(&self, batch: &[Write]) -> Result<(), Refusal> {
        batch.iter().try_for_each(|write| self.apply_write(write))
    }

    fn apply_write(&self, write: &Write) -> Result<(), Refusal> {
        match write {
            Write::Put {
                collection, expect, ..
            } => {
                let table = self.tables.get(collection).map_err(Refusal::Failed)?;
                self.put(&table, write, *expect)
            }
            Write::Touch {
                collection,
                key,
                time,
            } => {
                let table = self.tables.get(collection).map_err(Refusal::Failed)?;
                let values: [&dyn ToSql; 2] = [&&**key, &time.0.cast_signed()];
                self.execute(&table.touch, &values).map(|_| ())
            }
            Write::Delete {
                collection,
                conditions,
            } => {
                let table = self.tables.get(collection).map_err(Refusal::Failed)?;
                self.execute(&table.keep_sequence, &[])?;
                let selection = Selection::delete(&table, conditions);
                let values: Vec<_> = selection
                    .values
                    .iter()
                    .map(|value| value as &dyn ToSql)
                    .collect();
                self.execute(&selection.sql, &values).map(|_| ())
            }
            Write::Append {
                run,
                sequence,
                entries,
                body,
            } => {
                let id = run.as_u128().to_be_bytes();
                if self.journal_length(&id)? != i64::from(*sequence) {
                    return Err(Refusal::Conflict(journal_conflict(*run)));
                }
                let values: [&dyn ToSql; 4] = [&&id[..], sequence, entries, &&**body];
                self.execute(APPEND, &values).map(|_| ())
            }
            Write::DeleteJournal { run } => {
                let id = run.as_u128().to_be_bytes();
                self.execute(DELETE_JOURNAL, &[&&id[..]]).map(|_| ())
            }
        }
    }

    fn put(&self, table: &Table, write: &Write, expect: Expect) -> Result<(), Refusal> {
        let done = match expect {
            Expect::Absent => self.insert(table, write)?,
            // A version that does not fit can't be that of any record.
            Expect::Version(version) => match i64::try_from(version) {
                Ok(version) => self.update(table, write, Some(version))?,
                Err(_) => false,
            },
            Expect::Anything => self.update(table, write, None)? || self.insert(table, write)?,
        };
        if done {
            return Ok(());
        }
        let Write::Put { key, .. } = write else {
            return Ok(());
        };
        Err(Refusal::Conflict(DbError::Conflict {
            collection: table.collection.name.into(),
            key: key.clone(),
        }))
    }

    fn insert(&self, table: &Table, write: &Write) -> Result<bool, Refusal> {
        self.put_with(&table.insert, write, None)
    }

    fn update(&self, table: &Table, write: &Write, version: Option<i64>) -> Result<bool, Refusal> {
        // Null: any version.
        let version = Some(Value::from(version));
        if let Some(in_place) = &table.update_in_place
            && self.put_with(in_place, write, version.clone())?
        {
            return Ok(true);
        }
        self.put_with(&table.update, write, version)
    }

    /// Executes one of a table's statements for a [`Write::Put`]. Tells whether it did anything.
    fn put_with(&self, sql: &str, write: &Write, last: Option<Value>) -> Result<bool, Refusal> {
        let Write::Put {
            key,
            attributes,
            body,
            time,
            ..
        } = write
        else {
            return Ok(false);
        };
        let run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.raw_bind_parameter(1, &**key)?;
            statement.raw_bind_parameter(2, time.0.cast_signed())?;
            statement.raw_bind_parameter(3, &**body)?;
            let mut parameter = 4;
            for attribute in attributes {
                statement.raw_bind_parameter(parameter, Stored(attribute))?;
                parameter += 1;
            }
            if let Some(last) = last {
                statement.raw_bind_parameter(parameter, last)?;
            }
            Ok(statement.raw_execute()? > 0)
        };
        run().map_err(|error| self.failed(&error))
    }

    fn journal_length(&self, run: &[u8]) -> Result<i64, Refusal> {
        let read = || {
            let mut statement = self.connection.prepare_cached(JOURNAL_LENGTH)?;
            statement.raw_bind_parameter(1, run)?;
            match statement.raw_query().next()? {
                Some(row) => row.get(0),
                None => Ok(0),
            }
        };
        read().map_err(|error| self.failed(&error))
    }

    fn execute(&self, sql: &str, values: &[&dyn ToSql]) -> Result<usize, Refusal> {
        let run = || {
            let mut statement: CachedStatement<'_> = self.connection.prepare_cached(sql)?;
            for (index, value) in values.iter().enumerate() {
                statement.raw_bind_parameter(index + 1, *value)?;
            }
            statement.raw_execute()
        };
        run().map_err(|error| self.failed(&error))
    }

    fn step(&self, sql: &str) -> Result<(), Refusal> {
        self.run(sql).map_err(|error| self.failed(&error))
    }

    fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    fn failed(&self, error: &rusqlite::Error) -> Refusal {
        Refusal::Failed(failure(self.name, error))
    }

    /// Ends the transaction. Some errors end it on their own; then there is nothing to do.
    fn roll_back(&self) {
        if self.connection.is_autocommit() {
            return;
        }
        if let Err(error) = self.run("ROLLBACK") {
            tracing::error!(%error, database = self.name, "a transaction can't be rolled back");
        }
    }
}

/// Whether the write can meet a conflict.
fn can_conflict(write: &Write) -> bool {
    match write {
        Write::Put { expect, .. } => *expect != Expect::Anything,
        Write::Append { .. } => true,
        _ => false,
    }
}

fn journal_conflict(run: RunId) -> DbError {
    DbError::Conflict {
        collection: "journal".into(),
        key: run.to_string().into(),
    }
}

/// An attribute as SQLite stores it.
struct Stored<'a>(&'a Attribute);

impl ToSql for Stored<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Attribute::Null => ToSqlOutput::Owned(Value::Null),
            Attribute::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Attribute::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}
