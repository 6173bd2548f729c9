//! The address schemes that this crate brings: `memory` and `sqlite`.

use std::sync::Arc;

use agno_core::db::Db;
use agno_core::{DATABASE_SCHEMES, DatabaseScheme, ResolveError, linkme};

use crate::{MemoryDb, Sqlite};

#[linkme::distributed_slice(DATABASE_SCHEMES)]
#[linkme(crate = linkme)]
static MEMORY: DatabaseScheme = DatabaseScheme {
    name: "memory",
    open: open_memory,
};

#[linkme::distributed_slice(DATABASE_SCHEMES)]
#[linkme(crate = linkme)]
static SQLITE: DatabaseScheme = DatabaseScheme {
    name: "sqlite",
    open: open_sqlite,
};

fn open_memory(address: &str) -> Result<Arc<dyn Db>, ResolveError> {
    match address {
        "memory" | "memory:" => Ok(MemoryDb::new().into()),
        other => Err(ResolveError::new(format!(
            "`{other}` has more than the scheme: write `memory:`, which takes no options"
        ))),
    }
}

fn open_sqlite(address: &str) -> Result<Arc<dyn Db>, ResolveError> {
    match Sqlite::open(address) {
        Ok(sqlite) => Ok(sqlite.into()),
        Err(error) => Err(ResolveError::new(error.to_string())),
    }
}
