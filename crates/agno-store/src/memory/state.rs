//! All collections and journals, and batches that take effect as a whole.
//!
//! A batch is applied write by write; each leaves behind what undoes it, for the case that a later
//! one meets a conflict.

use std::collections::HashMap;
use std::sync::Arc;

use agno_core::RunId;
use agno_core::Timestamp;
use agno_core::db::{
    Attribute, Collection, Condition, DbError, Expect, JournalEntry, Record, Write,
};

use super::table::Table;
use crate::limits;

/// What the database holds.
#[derive(Default)]
pub(super) struct State {
    tables: Vec<Table>,
    journals: HashMap<RunId, Vec<JournalEntry>>,
}

/// Takes back one step of a batch.
enum Undo {
    /// Removes the record that was created.
    Created { table: usize, sequence: u64 },
    /// Puts back the record that was replaced or deleted.
    Changed { table: usize, record: Record },
    /// Removes the last entry.
    Appended(RunId),
    /// Puts back the journal.
    JournalDeleted(RunId, Vec<JournalEntry>),
}

impl State {
    /// The records of a collection.
    pub(super) fn table(&mut self, collection: &'static Collection) -> Result<&mut Table, DbError> {
        let index = self.table_index(collection)?;
        self.at(index)
    }

    fn at(&mut self, index: usize) -> Result<&mut Table, DbError> {
        self.tables
            .get_mut(index)
            .ok_or_else(|| DbError::Backend("a table is missing: please report this".into()))
    }

    fn table_index(&mut self, collection: &'static Collection) -> Result<usize, DbError> {
        let known = self
            .tables
            .iter()
            .position(|table| table.collection().name == collection.name);
        if let Some(index) = known {
            let declared = self.at(index)?.collection();
            if !std::ptr::eq(declared, collection) && declared != collection {
                return Err(limits::declared_twice(collection.name));
            }
            return Ok(index);
        }
        limits::check_collection(collection)?;
        self.tables.push(Table::new(collection));
        Ok(self.tables.len() - 1)
    }

    /// The rows of a run's journal that hold or follow entry `from`.
    pub(super) fn journal(&self, run: RunId, from: u32) -> Vec<JournalEntry> {
        let rows = self.journals.get(&run).map_or(&[][..], Vec::as_slice);
        let start = rows.partition_point(|row| end(row) <= from);
        rows.iter().skip(start).cloned().collect()
    }

    /// Applies a batch, or none of it.
    pub(super) fn apply(&mut self, batch: Vec<Write>) -> Result<(), DbError> {
        let mut undo = Vec::new();
        let mut result = Ok(());
        for write in batch {
            result = self.step(write, &mut undo);
            if result.is_err() {
                while let Some(step) = undo.pop() {
                    self.take_back(step)?;
                }
                break;
            }
        }
        result
    }

    fn step(&mut self, write: Write, undo: &mut Vec<Undo>) -> Result<(), DbError> {
        match write {
            Write::Put {
                collection,
                key,
                attributes,
                body,
                time,
                expect,
            } => self.put(collection, (key, attributes, body), time, expect, undo),
            Write::Touch {
                collection,
                key,
                time,
            } => self.touch(collection, &key, time, undo),
            Write::Delete {
                collection,
                conditions,
            } => self.delete(collection, &conditions, undo),
            Write::Append {
                run,
                sequence,
                entries,
                body,
            } => {
                let entry = JournalEntry {
                    sequence,
                    entries,
                    body,
                };
                self.append(run, entry, undo)
            }
            Write::DeleteJournal { run } => {
                if let Some(rows) = self.journals.remove(&run) {
                    undo.push(Undo::JournalDeleted(run, rows));
                }
                Ok(())
            }
        }
    }

    fn put(
        &mut self,
        collection: &'static Collection,
        (key, attributes, body): (Arc<str>, Vec<Attribute>, Arc<str>),
        time: Timestamp,
        expect: Expect,
        undo: &mut Vec<Undo>,
    ) -> Result<(), DbError> {
        let index = self.table_index(collection)?;
        let table = self.at(index)?;
        if !table.meets(&key, expect) {
            return Err(DbError::Conflict {
                collection: collection.name.into(),
                key,
            });
        }
        let (version, sequence, created) = match table.get(&key) {
            Some(record) => (record.version + 1, record.sequence, record.created),
            None => (1, table.next_sequence(), time),
        };
        let before = table.insert(Record {
            key,
            version,
            sequence,
            created,
            updated: time,
            attributes,
            body,
        });
        undo.push(match before {
            Some(record) => Undo::Changed {
                table: index,
                record,
            },
            None => Undo::Created {
                table: index,
                sequence,
            },
        });
        Ok(())
    }

    fn touch(
        &mut self,
        collection: &'static Collection,
        key: &str,
        time: Timestamp,
        undo: &mut Vec<Undo>,
    ) -> Result<(), DbError> {
        let index = self.table_index(collection)?;
        let table = self.at(index)?;
        if let Some(record) = table.get(key) {
            let mut touched = record.clone();
            touched.updated = time;
            if let Some(record) = table.insert(touched) {
                undo.push(Undo::Changed {
                    table: index,
                    record,
                });
            }
        }
        Ok(())
    }

    fn delete(
        &mut self,
        collection: &'static Collection,
        conditions: &[Condition],
        undo: &mut Vec<Undo>,
    ) -> Result<(), DbError> {
        let index = self.table_index(collection)?;
        let table = self.at(index)?;
        let sequences: Vec<_> = table
            .select(conditions)?
            .map(|record| record.sequence)
            .collect();
        for sequence in sequences {
            if let Some(record) = table.remove(sequence) {
                undo.push(Undo::Changed {
                    table: index,
                    record,
                });
            }
        }
        Ok(())
    }

    fn append(
        &mut self,
        run: RunId,
        entry: JournalEntry,
        undo: &mut Vec<Undo>,
    ) -> Result<(), DbError> {
        let length = self
            .journals
            .get(&run)
            .and_then(|rows| rows.last())
            .map_or(0, end);
        if length != entry.sequence {
            return Err(DbError::Conflict {
                collection: "journal".into(),
                key: run.to_string().into(),
            });
        }
        self.journals.entry(run).or_default().push(entry);
        undo.push(Undo::Appended(run));
        Ok(())
    }

    fn take_back(&mut self, step: Undo) -> Result<(), DbError> {
        match step {
            Undo::Created { table, sequence } => {
                self.at(table)?.remove(sequence);
            }
            Undo::Changed { table, record } => {
                self.at(table)?.insert(record);
            }
            Undo::Appended(run) => {
                if let Some(rows) = self.journals.get_mut(&run) {
                    rows.pop();
                    if rows.is_empty() {
                        self.journals.remove(&run);
                    }
                }
            }
            Undo::JournalDeleted(run, rows) => {
                self.journals.insert(run, rows);
            }
        }
        Ok(())
    }
}

/// The number of the entry that follows a row. It is checked not to overflow when it is written.
const fn end(row: &JournalEntry) -> u32 {
    row.sequence.saturating_add(row.entries)
}
