//! The query of a request.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use url::form_urlencoded;

use super::error::{ApiError, FieldError};
use super::field::Field;

/// The parameters of a query, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.uri.query().map(Self::parse).unwrap_or_default())
    }
}

impl Query {
    fn parse(query: &str) -> Self {
        Self(
            form_urlencoded::parse(query.as_bytes())
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The parameter of the given name. One without text counts as absent.
    pub(crate) fn get<'a>(&'a self, name: &'a str) -> Option<Field<'a>> {
        let (_, text) = self
            .0
            .iter()
            .rev()
            .find(|(known, text)| known == name && !text.is_empty())?;
        Some(Field {
            place: "query",
            name,
            text,
        })
    }

    /// The text of a parameter.
    pub(crate) fn text<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.get(name).map(|field| field.text)
    }

    /// All parameters of the given name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, text)| known == name && !text.is_empty())
            .map(|(_, text)| text.as_str())
    }

    /// The text of a parameter that must be there.
    pub(crate) fn required<'a>(&'a self, name: &'a str) -> Result<&'a str, ApiError> {
        self.text(name)
            .ok_or_else(|| FieldError::missing("query", name).into())
    }
}
