//! The connections of one database and what its parts share.
//!
//! One connection writes, a few read: in WAL mode readers neither wait for the writer nor hold it
//! up. A database in memory has one connection for both.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agno_core::db::{Collection, DbError, Durability};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::checkpoint::Checkpoints;
use super::commit::Queue;
use super::error::{failure, no_permission, open_failure};
use super::options::Place;
use super::schema::{self, Table};
use super::tables::Tables;
use crate::lease::LocalLeases;
use crate::limits;

/// How long a blocking thread waits for another process that is writing.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How many reading connections are kept open.
const IDLE_READERS: usize = 4;
/// How many long reads run at once; more wait without a thread.
const LONG_READS: usize = 8;
/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 128;

/// An open database.
pub(super) struct Inner {
    pub(super) id: Arc<str>,
    /// The name in errors: the path.
    pub(super) name: Box<str>,
    pub(super) durability: Durability,
    /// The file, absolute; none in memory.
    pub(super) path: Option<PathBuf>,
    pub(super) tables: Tables,
    pub(super) queue: Queue,
    pub(super) leases: Arc<LocalLeases>,
    pub(super) checkpoints: Checkpoints,
    pub(super) long_reads: Arc<Semaphore>,
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
}

impl Inner {
    /// Opens the connection that writes and prepares the file.
    pub(super) fn open(
        place: Place,
        id: Arc<str>,
        durability: Durability,
    ) -> Result<Self, DbError> {
        let (mut writer, path, durability) = match place {
            Place::Memory => {
                let memory = Connection::open_in_memory();
                let writer = memory
                    .and_then(|memory| keep_plans(&memory).map(|()| memory))
                    .map_err(|error| failure(":memory:", &error))?;
                (writer, None, Durability::Memory)
            }
            Place::File(path) => {
                let writer = open_file(&path, durability)?;
                // Leases and readers must mean the same file after a change of folder.
                let path = path.canonicalize().unwrap_or(path);
                (writer, Some(path), durability)
            }
        };
        let name: Box<str> = match &path {
            Some(path) => path.to_string_lossy().into(),
            None => ":memory:".into(),
        };
        writer.set_prepared_statement_cache_capacity(STATEMENTS);
        schema::prepare(&writer, &name)?;
        let checkpoints = Checkpoints::watch(&mut writer, path.is_some())
            .map_err(|error| failure(&name, &error))?;
        Ok(Self {
            id,
            name,
            durability,
            path,
            tables: Tables::default(),
            queue: Queue::default(),
            leases: Arc::default(),
            checkpoints,
            long_reads: Arc::new(Semaphore::new(LONG_READS)),
            readers: Mutex::default(),
            writer: Mutex::new(writer),
        })
    }

    /// The connection that writes. Only a committer and the creation of tables use it, so that it
    /// is free or soon will be.
    pub(super) fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The table of a collection, created or brought up to date at its first use.
    pub(super) fn table(&self, collection: &'static Collection) -> Result<Arc<Table>, DbError> {
        if let Some(table) = self.tables.find(collection)? {
            return Ok(table);
        }
        limits::check_collection(collection)?;
        let writer = self.writer();
        // Another thread may have come first.
        if let Some(table) = self.tables.find(collection)? {
            return Ok(table);
        }
        let table = Arc::new(Table::new(collection));
        writer
            .busy_timeout(PATIENCE)
            .and_then(|()| table.create(&writer))
            .map_err(|error| failure(&self.name, &error))?;
        self.tables.add(Arc::clone(&table));
        Ok(table)
    }

    /// Reads over a connection that sees everything that was committed before.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let Some(path) = &self.path else {
            return read(&self.writer());
        };
        let idle = self.readers().pop();
        let reader = match idle {
            Some(reader) => reader,
            None => open_reader(path).map_err(|error| failure(&self.name, &error))?,
        };
        let result = read(&reader);
        let mut readers = self.readers();
        // A connection within a transaction would go on seeing the past.
        if readers.len() < IDLE_READERS && reader.is_autocommit() {
            readers.push(reader);
        }
        result
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_file(path: &Path, durability: Durability) -> Result<Connection, DbError> {
    let fail = |error| open_failure(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
    connection.busy_timeout(PATIENCE).map_err(fail)?;
    // The first statement that reads the file: here it shows whether it is a database.
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(fail)?;
    if connection.is_readonly("main").map_err(fail)? {
        return Err(DbError::Open(no_permission(path).into()));
    }
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(fail)?;
    if mode != "wal" {
        return Err(DbError::Open(
            format!(
                "`{}` can't have a write-ahead log (journal mode {mode}): put it on a local disk",
                path.display()
            )
            .into(),
        ));
    }
    let synchronous = match durability {
        Durability::Machine => "FULL",
        Durability::Memory | Durability::Process => "NORMAL",
    };
    keep_plans(&connection).map_err(fail)?;
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA fullfsync = ON; PRAGMA temp_store = \
             MEMORY; PRAGMA cache_size = -4096;"
        ))
        .map_err(fail)?;
    Ok(connection)
}

/// Prepares each statement once. Otherwise SQLite plans some again whenever a value is bound, which
/// costs more than running them.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    keep_plans(&connection)?;
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024;",
    )?;
    Ok(connection)
}
