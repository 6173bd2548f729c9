//! The tables that this process has used so far.

use std::sync::{Arc, PoisonError, RwLock};

use agno_core::db::{Collection, DbError};

use super::schema::Table;
use crate::limits;

/// Tables that are known to exist. There are a few dozen at most, so that a search by address is
/// quicker than hashing a name.
#[derive(Debug, Default)]
pub(super) struct Tables(RwLock<Vec<Arc<Table>>>);

impl Tables {
    /// The table of a collection that was used before.
    pub(super) fn find(
        &self,
        collection: &'static Collection,
    ) -> Result<Option<Arc<Table>>, DbError> {
        let tables = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let same = |table: &&Arc<Table>| std::ptr::eq(table.collection, collection);
        if let Some(table) = tables.iter().find(same) {
            return Ok(Some(Arc::clone(table)));
        }
        // A constant has no single address; then the name decides.
        match tables
            .iter()
            .find(|table| table.collection.name == collection.name)
        {
            Some(table) if table.collection == collection => Ok(Some(Arc::clone(table))),
            Some(_) => Err(limits::declared_twice(collection.name)),
            None => Ok(None),
        }
    }

    /// The table of a collection that must have been used before.
    pub(super) fn get(&self, collection: &'static Collection) -> Result<Arc<Table>, DbError> {
        self.find(collection)?.ok_or_else(|| {
            DbError::Backend(
                format!(
                    "the table of {} was not created: please report this",
                    collection.name
                )
                .into(),
            )
        })
    }

    /// Adds a table that exists now.
    pub(super) fn add(&self, table: Arc<Table>) {
        let mut tables = self.0.write().unwrap_or_else(PoisonError::into_inner);
        tables.push(table);
    }
}
