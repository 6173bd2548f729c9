//! Tables, and how they follow what the program declares.
//!
//! Each collection has a table of its own, created when the collection is first used. Built-in
//! columns start with `_`, so that attributes can have any name. Attribute columns have no declared
//! type: SQLite then stores and compares exactly what it is given (text that looks like a number
//! stays text). `_sequence` is the row id, which every index of SQLite ends with: an index on
//! `session` answers "the last N of this session" by reading a range of itself.
//!
//! The journal is an ordinary row-id table with an index, because its rows are large: runs that
//! commit together fill the same pages, where a table clustered by run would write two pages for
//! each of them.

use std::fmt::Write as _;

use agno_core::db::{Collection, DbError};
use rusqlite::{Connection, OptionalExtension as _};

use super::error::failure;

/// The layout of the tables that this version writes. It grows when an older version could no
/// longer read or write the file.
pub(super) const SCHEMA_VERSION: i64 = 1;

const BASE: &str = "
CREATE TABLE IF NOT EXISTS agno_schema_versions (
    component TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agno_sequences (
    collection TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agno_journal (
    id INTEGER PRIMARY KEY,
    run BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS agno_journal_by_run ON agno_journal (run, sequence, entries);
INSERT OR IGNORE INTO agno_schema_versions VALUES ('store', 1);
";

/// Tells how many entries a journal has: run. No row: none.
///
/// Apart from [`APPEND`], because an insert that reads its own table goes through a temporary one.
pub(super) const JOURNAL_LENGTH: &str = "
SELECT sequence + entries FROM agno_journal WHERE run = ?1 ORDER BY sequence DESC LIMIT 1";
/// Appends to a journal: run, sequence, entries, body.
pub(super) const APPEND: &str = "
INSERT INTO agno_journal (run, sequence, entries, body) VALUES (?1, ?2, ?3, ?4)";
/// Deletes a journal: run.
pub(super) const DELETE_JOURNAL: &str = "DELETE FROM agno_journal WHERE run = ?1";
/// Reads a journal: run, first entry wanted.
pub(super) const READ_JOURNAL: &str = "
SELECT sequence, entries, body FROM agno_journal
WHERE run = ?1
  AND sequence >= coalesce((SELECT max(sequence) FROM agno_journal
                            WHERE run = ?1 AND sequence <= ?2), 0)
  AND sequence + entries > ?2
ORDER BY sequence";

/// A collection's table and the statements that are the same for every use.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) collection: &'static Collection,
    /// Key, time, body, attributes. Does nothing if the key exists.
    pub(super) insert: String,
    /// As `update`. Does nothing unless all indexed attributes stay as they are,
    /// and leaves the indexes alone: SQLite would write an entry again even if it is the same.
    pub(super) update_in_place: Option<String>,
    /// Key, time, body, attributes, and the version it must have or null.
    pub(super) update: String,
    /// Key, time.
    pub(super) touch: String,
    /// Key.
    pub(super) get: String,
    /// Remembers the last sequence, so that deleted ones are not given out again.
    pub(super) keep_sequence: String,
    /// `SELECT` with the columns that a record is read from, up to and with `FROM table`.
    pub(super) select: String,
}

impl Table {
    pub(super) fn new(collection: &'static Collection) -> Self {
        let name = collection.name;
        let mut columns = String::new();
        let mut values = String::new();
        let mut assignments = String::new();
        let mut assignments_in_place = String::new();
        let mut unchanged = String::new();
        for (index, spec) in collection.attributes.iter().enumerate() {
            let parameter = index + 4;
            // Writing to a String can't fail.
            let _ = write!(columns, ", \"{}\"", spec.name);
            let _ = write!(values, ", ?{parameter}");
            let assignment = format!(", \"{}\" = ?{parameter}", spec.name);
            assignments.push_str(&assignment);
            if spec.indexed {
                // `+` keeps the planner from searching by the attribute instead of the key.
                let _ = write!(unchanged, " AND +\"{}\" IS ?{parameter}", spec.name);
            } else {
                assignments_in_place.push_str(&assignment);
            }
        }
        let version = collection.attributes.len() + 4;
        let update = |assignments: &str| {
            format!(
                "UPDATE \"{name}\" SET _version = _version + 1, _updated = ?2, _body = \
                 ?3{assignments} WHERE _key = ?1 AND _version = coalesce(?{version}, _version)"
            )
        };
        let select = format!(
            "SELECT _key, _version, _sequence, _created, _updated, _body{columns} FROM \"{name}\""
        );
        Self {
            collection,
            insert: format!(
                "INSERT INTO \"{name}\" (_sequence, _version, _key, _created, _updated, \
                 _body{columns}) VALUES (1 + max(coalesce((SELECT max(_sequence) FROM \"{name}\"), \
                 0), coalesce((SELECT last FROM agno_sequences WHERE collection = '{name}'), 0)), \
                 1, ?1, ?2, ?2, ?3{values}) ON CONFLICT (_key) DO NOTHING"
            ),
            update_in_place: (!unchanged.is_empty())
                .then(|| update(&assignments_in_place) + &unchanged),
            update: update(&assignments),
            touch: format!("UPDATE \"{name}\" SET _updated = ?2 WHERE _key = ?1"),
            get: format!("{select} WHERE _key = ?1"),
            keep_sequence: format!(
                "INSERT INTO agno_sequences SELECT '{name}', coalesce(max(_sequence), 0) FROM \
                 \"{name}\" WHERE true ON CONFLICT (collection) DO UPDATE SET \
                 last = max(last, excluded.last)"
            ),
            select,
        }
    }

    /// Creates the table and its indexes, or adds what the collection has gained.
    pub(super) fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        let present = self.columns(connection)?;
        let missing = self
            .collection
            .attributes
            .iter()
            .any(|spec| !present.iter().any(|column| column == spec.name));
        if !present.is_empty() && !missing && self.has_indexes(connection)? {
            return Ok(());
        }
        let transaction = rusqlite::Transaction::new_unchecked(
            connection,
            rusqlite::TransactionBehavior::Immediate,
        )?;
        // Another process may have come first.
        let present = self.columns(&transaction)?;
        transaction.execute_batch(&self.changes(&present))?;
        transaction.commit()
    }

    fn columns(&self, connection: &Connection) -> rusqlite::Result<Vec<String>> {
        connection
            .prepare("SELECT name FROM pragma_table_info(?1)")?
            .query_map([self.collection.name], |row| row.get(0))?
            .collect()
    }

    fn has_indexes(&self, connection: &Connection) -> rusqlite::Result<bool> {
        let mut present = connection
            .prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = ?1")?;
        for index in self.indexes() {
            if present.query_row([&index.0], |row| row.get::<_, i64>(0))? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The names of the indexes with their columns.
    fn indexes(&self) -> impl Iterator<Item = (String, &'static str)> {
        let name = self.collection.name;
        self.collection
            .attributes
            .iter()
            .filter(|spec| spec.indexed)
            .map(move |spec| (format!("agno_{name}.{}", spec.name), spec.name))
    }

    /// The SQL that brings the table to what the collection declares.
    fn changes(&self, present: &[String]) -> String {
        let name = self.collection.name;
        let mut sql = String::new();
        if present.is_empty() {
            let _ = write!(
                sql,
                "CREATE TABLE \"{name}\" (_sequence INTEGER PRIMARY KEY, _version INTEGER NOT \
                 NULL, _created INTEGER NOT NULL, _updated INTEGER NOT NULL, _key TEXT NOT NULL \
                 UNIQUE"
            );
            for spec in self.collection.attributes {
                let _ = write!(sql, ", \"{}\"", spec.name);
            }
            sql.push_str(", _body TEXT NOT NULL);\n");
        } else {
            for spec in self.collection.attributes {
                if !present.iter().any(|column| column == spec.name) {
                    let _ = writeln!(sql, "ALTER TABLE \"{name}\" ADD COLUMN \"{}\";", spec.name);
                }
            }
        }
        for (index, column) in self.indexes() {
            // Records without the attribute cost the index nothing.
            let _ = writeln!(
                sql,
                "CREATE INDEX IF NOT EXISTS \"{index}\" ON \"{name}\" (\"{column}\") \
                 WHERE \"{column}\" IS NOT NULL;"
            );
        }
        sql
    }
}

/// Creates the tables that do not belong to a collection, or refuses a file of a newer layout.
pub(super) fn prepare(connection: &Connection, name: &str) -> Result<(), DbError> {
    let fail = |error| failure(name, &error);
    let known = connection
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE name = 'agno_schema_versions'",
            [],
            |_| Ok(()),
        )
        .optional()
        .map_err(fail)?;
    if known.is_none() {
        let transaction = rusqlite::Transaction::new_unchecked(
            connection,
            rusqlite::TransactionBehavior::Immediate,
        )
        .map_err(fail)?;
        transaction.execute_batch(BASE).map_err(fail)?;
        transaction.commit().map_err(fail)?;
    }
    let version: i64 = connection
        .query_row(
            "SELECT version FROM agno_schema_versions WHERE component = 'store'",
            [],
            |row| row.get(0),
        )
        .map_err(fail)?;
    if version > SCHEMA_VERSION {
        return Err(DbError::NewerSchema(
            format!(
                "`{name}` was written by a newer version of agno-rs (its schema is {version}, this \
                 program knows {SCHEMA_VERSION}): upgrade the program or name another file"
            )
            .into(),
        ));
    }
    Ok(())
}
