//! How a database is named and opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agno_core::db::{DbError, Durability};

use super::Sqlite;

/// Options of a SQLite database; see [`Sqlite::options`].
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    pub(super) id: Option<Arc<str>>,
    pub(super) durability: Durability,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            id: None,
            durability: Durability::Process,
        }
    }
}

impl SqliteOptions {
    /// The name that clients see. Default: the file's name without its extension and `-db`, such
    /// as `agno-db` for `agno.db`.
    #[must_use]
    pub fn id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// What a finished write survives. Default: [`Durability::Process`].
    ///
    /// [`Durability::Machine`] waits for the disk in every group of commits, which costs 0.2 ms
    /// to several ms. [`Durability::Memory`] is for `:memory:` only, which has no other.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Opens the database, creating the file if there is none.
    ///
    /// The address is a path or `sqlite:path`, `sqlite://path` or `sqlite:///absolute/path`. After
    /// the scheme, the path can be followed by options: `?durability=machine&id=main`. `:memory:`
    /// is a private database that lasts as long as this value and its clones.
    ///
    /// # Errors
    /// [`DbError::Open`] if the file can't be opened or is of another kind,
    /// [`DbError::NewerSchema`] if a newer version wrote it.
    pub fn open(self, address: impl AsRef<Path>) -> Result<Sqlite, DbError> {
        self.open_path(address.as_ref())
    }

    fn open_path(self, address: &Path) -> Result<Sqlite, DbError> {
        let (options, place) = match address
            .to_str()
            .and_then(|text| text.strip_prefix("sqlite:"))
        {
            Some(rest) => self.read_address(rest)?,
            None if address == Path::new(MEMORY) => (self, Place::Memory),
            None => (self, Place::File(address.to_owned())),
        };
        match (&place, options.durability) {
            (Place::File(path), Durability::Memory) => Err(DbError::Open(
                format!(
                    "durability `memory` does not fit the file `{}`: choose `process` or \
                     `machine`, or open `:memory:`",
                    path.display()
                )
                .into(),
            )),
            (Place::Memory, Durability::Machine) => Err(DbError::Open(
                "`:memory:` can't survive a lost machine: name a file".into(),
            )),
            _ => Sqlite::open_at(place, options),
        }
    }

    /// Reads what follows `sqlite:`.
    fn read_address(mut self, rest: &str) -> Result<(Self, Place), DbError> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        for option in query.split('&').filter(|option| !option.is_empty()) {
            self = match option.split_once('=') {
                Some(("id", id)) if !id.is_empty() => self.id(id),
                Some(("durability", "process")) => self.durability(Durability::Process),
                Some(("durability", "machine")) => self.durability(Durability::Machine),
                _ => {
                    return Err(DbError::Open(
                        format!(
                            "unknown option `{option}` in `sqlite:{rest}`: use \
                             `durability=process`, `durability=machine` or `id=name`"
                        )
                        .into(),
                    ));
                }
            };
        }
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            "" => Err(DbError::Open(
                "`sqlite:` names no file: write `sqlite:agno.db` or `sqlite::memory:`".into(),
            )),
            MEMORY => Ok((self, Place::Memory)),
            path => Ok((self, Place::File(path.into()))),
        }
    }
}

const MEMORY: &str = ":memory:";

/// Where a database is.
#[derive(Debug)]
pub(super) enum Place {
    Memory,
    File(PathBuf),
}

impl Place {
    /// The name that clients see if none was chosen.
    pub(super) fn default_id(&self) -> Arc<str> {
        match self {
            Self::Memory => "memory-db".into(),
            Self::File(path) => match path.file_stem().map(|stem| stem.to_string_lossy()) {
                Some(stem) => format!("{stem}-db").into(),
                None => "sqlite-db".into(),
            },
        }
    }
}
