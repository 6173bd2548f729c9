//! Mistakes in the declaration of an HTTP tool.

use std::sync::Arc;

use crate::ParametersError;

/// An HTTP tool that can't be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tool `{tool}`: {kind}")]
pub struct HttpToolError {
    /// The tool.
    pub tool: Arc<str>,
    /// What is wrong with it.
    pub kind: HttpToolErrorKind,
}

/// What is wrong with the declaration of an HTTP tool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpToolErrorKind {
    /// The name is not one that providers take.
    #[error("a tool's name has 1 to 64 letters (a to z), digits, `_` and `-`")]
    InvalidName,
    /// There is no description.
    #[error("a model chooses tools by their descriptions: write a `description`")]
    NoDescription,
    /// The parameters have a mistake.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// An environment variable is not set.
    #[error(
        "the environment variable `{name}`, used in {place}, is not set: set it, or write $${{{name}}} for the plain text"
    )]
    UnsetVariable {
        /// The variable.
        name: String,
        /// Where it is used.
        place: String,
    },
    /// `${` without a name and a closing brace.
    #[error(
        "{place} has `${{` without a name and `}}`: write `${{NAME}}`, or `$${{` for the plain text"
    )]
    UnclosedVariable {
        /// Where.
        place: String,
    },
    /// A placeholder that is no parameter.
    #[error("{place} has a place for `{name}`, which is not a parameter{hint}")]
    UnknownPlaceholder {
        /// The placeholder.
        name: String,
        /// Where.
        place: String,
        /// The parameter that was probably meant.
        hint: String,
    },
    /// An argument would decide which server is asked.
    #[error(
        "`{{{name}}}` stands in the host of `url`: a model must not choose the server; \
             placeholders can stand in the path and the query"
    )]
    PlaceholderInHost {
        /// The placeholder.
        name: String,
    },
    /// The address is not one.
    #[error("`url` is not an address to call: {reason}")]
    InvalidUrl {
        /// Why, and what to write.
        reason: String,
    },
    /// A header that is not one, or that is not the tool's to set.
    #[error("header `{name}`: {reason}")]
    InvalidHeader {
        /// The header.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// A body where the method has none.
    #[error("a request with this method has no body: take `body` out, or use POST, PUT or PATCH")]
    BodyNotAllowed,
    /// A parameter that nothing is done with.
    #[error(
        "the parameter `{name}` is not used in `url`, `headers`, `query` or `body`: \
             use it as `{{{name}}}`, or take it out"
    )]
    UnusedParameter {
        /// The parameter.
        name: String,
    },
    /// The path of the result is empty.
    #[error("`result` is empty: write a path such as `data.items`, or take it out")]
    EmptyResult,
}
