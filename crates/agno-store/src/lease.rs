//! Leases: in one process by a set of names, between processes by locks on files.
//!
//! The operating system gives a file lock back when its process ends in whatever way, so there is
//! nothing to expire and no clock to trust. The files stay: deleting one while another process is
//! about to lock it would let both have the lease.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use agno_core::db::{DbError, Lease};

use crate::limits::invalid;

/// The longest name of a lease, in bytes: with the database's name it must fit a file name.
const MAX_NAME_BYTES: usize = 60;

/// The leases that are held in this process.
#[derive(Debug, Default)]
pub(crate) struct LocalLeases(Mutex<HashSet<Arc<str>>>);

impl LocalLeases {
    /// Takes a lease, if nobody in this process holds it.
    pub(crate) fn take(self: &Arc<Self>, name: &str) -> Result<Option<Lease>, DbError> {
        check_name(name)?;
        Ok(self.hold(name).map(Lease::new))
    }

    fn hold(self: &Arc<Self>, name: &str) -> Option<LocalLease> {
        let name: Arc<str> = name.into();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(Arc::clone(&name)).then(|| LocalLease {
            leases: Arc::clone(self),
            name,
        })
    }
}

/// Frees its name when dropped.
struct LocalLease {
    leases: Arc<LocalLeases>,
    name: Arc<str>,
}

impl Drop for LocalLease {
    fn drop(&mut self) {
        let mut held = self.leases.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(&self.name);
    }
}

/// Takes a lease by locking a file beside `database`.
pub(crate) fn take_file_lease(
    local: &Arc<LocalLeases>,
    database: &Path,
    name: &str,
) -> Result<Option<Lease>, DbError> {
    check_name(name)?;
    let Some(held) = local.hold(name) else {
        return Ok(None);
    };
    let path = lock_path(database, name);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| file_error(&path, &error))?;
    match file.try_lock() {
        // The fields are dropped in order: the file's lock goes before the name is free again.
        Ok(()) => Ok(Some(Lease::new(FileLease {
            _file: file,
            _held: held,
        }))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(file_error(&path, &error)),
    }
}

struct FileLease {
    _file: File,
    _held: LocalLease,
}

fn check_name(name: &str) -> Result<(), DbError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(fits) {
        return Err(invalid(format!(
            "`{name}` can't be the name of a lease: use 1 to {MAX_NAME_BYTES} ASCII letters, \
             digits, `-`, `_` and `.`"
        )));
    }
    Ok(())
}

fn lock_path(database: &Path, name: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(format!("-{name}.lock"));
    path.into()
}

fn file_error(path: &Path, error: &std::io::Error) -> DbError {
    DbError::Backend(
        format!(
            "the lock file `{}` can't be used ({error}): give this process write permission for \
             it and its folder",
            path.display()
        )
        .into(),
    )
}
