//! Names that are turned into models and databases.
//!
//! Crates that bring a provider or a database register it at link time, so that
//! `.model("openai:gpt-4o")` needs no init call, the runtime knows no vendor, and a third party can
//! add its own:
//!
//! ```
//! use std::sync::Arc;
//! use agno_core::{MODEL_RESOLVERS, Model, ModelResolver, ResolveError, linkme};
//!
//! fn resolve(name: &str) -> Option<Result<Arc<dyn Model>, ResolveError>> {
//!     name.starts_with("acme:").then(|| Err(ResolveError::new("acme has no models yet")))
//! }
//!
//! #[linkme::distributed_slice(MODEL_RESOLVERS)]
//! static ACME: ModelResolver = resolve;
//! # assert!(agno_core::resolve_model("acme:1").is_err());
//! ```

use std::sync::Arc;

use crate::Model;
use crate::db::Db;

/// Turns a name such as `openai:gpt-4o` into a model; `None` if the name is another's.
pub type ModelResolver = fn(&str) -> Option<Result<Arc<dyn Model>, ResolveError>>;

/// All resolvers that are linked into the program.
#[linkme::distributed_slice]
pub static MODEL_RESOLVERS: [ModelResolver];

/// A kind of database, named by the scheme of its address.
#[derive(Debug)]
pub struct DatabaseScheme {
    /// The scheme, such as `sqlite`.
    pub name: &'static str,
    /// Opens the database at an address of this scheme. The address is whole.
    pub open: fn(&str) -> Result<Arc<dyn Db>, ResolveError>,
}

/// All kinds of databases that are linked into the program.
#[linkme::distributed_slice]
pub static DATABASE_SCHEMES: [DatabaseScheme];

/// A name that means nothing, or whose model or database can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ResolveError {
    message: Arc<str>,
    is_unknown_name: bool,
}

impl ResolveError {
    /// An error with a message that says what to do next.
    pub fn new(message: impl Into<Arc<str>>) -> Self {
        Self {
            message: message.into(),
            is_unknown_name: false,
        }
    }

    /// An error about a name that the resolver does not know but has something to say about, such
    /// as which names are near it. Another resolver may know the name and goes first.
    pub fn unknown_name(message: impl Into<Arc<str>>) -> Self {
        Self {
            is_unknown_name: true,
            ..Self::new(message)
        }
    }
}

/// A model, or the name of one.
#[derive(Clone, Debug)]
pub enum ModelSource {
    /// The model itself.
    Instance(Arc<dyn Model>),
    /// A name such as `openai:gpt-4o`.
    Named(Arc<str>),
}

impl ModelSource {
    /// The model.
    ///
    /// # Errors
    /// If the name means nothing.
    pub fn resolve(&self) -> Result<Arc<dyn Model>, ResolveError> {
        match self {
            Self::Instance(model) => Ok(Arc::clone(model)),
            Self::Named(name) => resolve_model(name),
        }
    }
}

impl From<&str> for ModelSource {
    fn from(name: &str) -> Self {
        Self::Named(name.into())
    }
}

impl From<String> for ModelSource {
    fn from(name: String) -> Self {
        Self::Named(name.into())
    }
}

impl From<Arc<dyn Model>> for ModelSource {
    fn from(model: Arc<dyn Model>) -> Self {
        Self::Instance(model)
    }
}

impl<M: Model> From<M> for ModelSource {
    fn from(model: M) -> Self {
        Self::Instance(Arc::new(model))
    }
}

impl<M: Model> From<Arc<M>> for ModelSource {
    fn from(model: Arc<M>) -> Self {
        Self::Instance(model)
    }
}

/// The model of the given name.
///
/// # Errors
/// If no linked provider knows the name, or the provider can't make the model.
pub fn resolve_model(name: &str) -> Result<Arc<dyn Model>, ResolveError> {
    let mut hint = None;
    for resolve in MODEL_RESOLVERS {
        match resolve(name) {
            Some(Err(error)) if error.is_unknown_name => hint = hint.or(Some(error)),
            Some(resolved) => return resolved,
            None => {}
        }
    }
    Err(hint.unwrap_or_else(|| {
        ResolveError::new(format!(
            "unknown model `{name}`: write `provider:model`, such as `openai:gpt-4o`"
        ))
    }))
}

/// The database at the given address, such as `sqlite:agno.db`.
///
/// # Errors
/// If no linked backend knows the scheme, or the database can't be opened.
pub fn open_database(address: &str) -> Result<Arc<dyn Db>, ResolveError> {
    let scheme = address
        .split_once(':')
        .map_or(address, |(scheme, _)| scheme);
    match DATABASE_SCHEMES.iter().find(|known| known.name == scheme) {
        Some(known) => (known.open)(address),
        None => Err(ResolveError::new(format!(
            "unknown database `{scheme}` in `{}`: this program knows {}",
            redact_password(address),
            DATABASE_SCHEMES
                .iter()
                .map(|known| known.name)
                .collect::<Vec<_>>()
                .join(", ")
        ))),
    }
}

/// The address without the password of `scheme://user:password@host`.
fn redact_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::redact_password;

    #[test]
    fn an_error_never_shows_a_password() {
        assert_eq!(
            redact_password("postgres://me:secret@host/db"),
            "postgres://…@host/db"
        );
        assert_eq!(redact_password("sqlite:agno.db"), "sqlite:agno.db");
    }
}
