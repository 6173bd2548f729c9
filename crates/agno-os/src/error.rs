//! What keeps a server from serving.

use std::sync::Arc;

use agno_core::db::DbError;

/// What keeps a server from serving.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}; choose another address or stop what uses it")]
    Listen {
        /// The address.
        address: Arc<str>,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The listener failed.
    #[error("serving failed: {0}")]
    Io(#[from] std::io::Error),
    /// Two components have the same id.
    #[error("two agents have the id `{0}`: give one of them another id")]
    DuplicateId(Arc<str>),
    /// The database failed while interrupted runs were looked for.
    #[error("can't look for interrupted runs: {0}")]
    Recovery(#[from] DbError),
}
