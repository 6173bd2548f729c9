//! One error for programs, so that `?` works on everything that this crate gives.

use agno_core::db::DbError;
use agno_core::{ResolveError, ToolError};
use agno_runtime::BuildError;

/// What can go wrong. Each is one line and says what to do next; secrets never appear.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A run has no answer, or could not begin.
    #[error(transparent)]
    Run(#[from] agno_runtime::Error),
    /// An agent can't be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A model or a database can't be had by its name.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// A tool failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// An agents file has mistakes.
    #[cfg(feature = "declarative")]
    #[error(transparent)]
    Config(#[from] Box<crate::declarative::Diagnostics>),
    /// A server can't serve.
    #[cfg(feature = "os")]
    #[error(transparent)]
    Serve(#[from] agno_os::ServeError),
    /// The system refused something, such as an address to listen on.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A value is not the JSON that it has to be.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

#[cfg(feature = "declarative")]
impl From<crate::declarative::Diagnostics> for Error {
    fn from(mistakes: crate::declarative::Diagnostics) -> Self {
        Self::Config(Box::new(mistakes))
    }
}
