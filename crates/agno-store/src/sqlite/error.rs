//! SQLite's errors as the errors of a database, with the next step.

use std::path::Path;

use agno_core::db::DbError;
use rusqlite::ErrorCode;

/// What went wrong while a database that was opened is used.
pub(super) fn failure(name: &str, error: &rusqlite::Error) -> DbError {
    let step = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full: free some space",
        Some(ErrorCode::ReadOnly) => "it became read-only: check its permissions",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process holds it for too long: find out which, and try again"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the file is damaged: restore it from a backup"
        }
        Some(ErrorCode::TooBig) => return DbError::TooLarge(format!("`{name}`: {error}").into()),
        _ => return DbError::Backend(format!("`{name}`: {error}").into()),
    };
    DbError::Backend(format!("`{name}`: {step} ({error})").into())
}

/// A row that holds what this crate never writes.
pub(super) fn damaged(name: &str, table: &str, error: &dyn std::fmt::Display) -> DbError {
    DbError::Backend(
        format!("`{name}`: a row of {table} is damaged ({error}): restore the file from a backup")
            .into(),
    )
}

/// What kept a file from being opened.
pub(super) fn open_failure(path: &Path, error: &rusqlite::Error) -> DbError {
    let shown = path.display();
    let message = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            format!("`{shown}` is not an SQLite database: name another file")
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            format!("`{shown}` is damaged ({error}): restore it from a backup")
        }
        Some(ErrorCode::ReadOnly) => no_permission(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("`{shown}` is locked by another process ({error}): end it or name another file")
        }
        _ => explain_path(path)
            .unwrap_or_else(|| format!("`{shown}` can't be opened ({error}): name another file")),
    };
    DbError::Open(message.into())
}

/// What a look at the path itself says about why it can't be opened.
fn explain_path(path: &Path) -> Option<String> {
    let shown = path.display();
    if path.is_dir() {
        return Some(format!(
            "`{shown}` is a folder: name a file in it, such as `{}`",
            path.join("agno.db").display()
        ));
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Some(format!(
            "`{shown}` can't be created because the folder `{}` does not exist: create it",
            folder.display()
        ));
    }
    match std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
    {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Some(no_permission(path))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(no_permission(folder)),
        _ => None,
    }
}

pub(super) fn no_permission(path: &Path) -> String {
    format!(
        "this process has no permission to write `{}`: change its permissions or name another file",
        path.display()
    )
}
