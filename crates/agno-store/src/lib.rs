//! Databases behind the `Db` trait: memory and SQLite.
//!
//! ```
//! use std::sync::Arc;
//! use agno_core::db::{Db, Durability};
//! use agno_store::{MemoryDb, Sqlite};
//!
//! let memory: Arc<dyn Db> = MemoryDb::new().into();
//! let folder = tempfile::tempdir()?;
//! let sqlite: Arc<dyn Db> = Sqlite::options()
//!     .durability(Durability::Machine)
//!     .open(folder.path().join("agno.db"))?
//!     .into();
//! assert_eq!((memory.id(), sqlite.id()), ("memory", "agno-db"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Linking this crate registers the address schemes `memory` and `sqlite`, so that
//! `agno_core::open_database("sqlite:agno.db")` works. A backend written elsewhere proves itself
//! with [`conformance`].

pub mod conformance;
mod lease;
mod limits;
mod memory;
mod schemes;
mod sqlite;

pub use limits::{
    MAX_ATTRIBUTE_BYTES, MAX_BATCH_BYTES, MAX_BATCH_WRITES, MAX_BODY_BYTES, MAX_CONDITION_VALUES,
    MAX_CONTAINS_BYTES, MAX_KEY_BYTES,
};
pub use memory::MemoryDb;
pub use sqlite::{Sqlite, SqliteOptions};
