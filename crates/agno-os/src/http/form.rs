//! Forms, `multipart/form-data` and `application/x-www-form-urlencoded`.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use url::form_urlencoded;

use super::body;
use super::error::{ApiError, FieldError};
use super::field::Field;

/// A form.
#[derive(Debug, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    files: Vec<File>,
    taken: Vec<String>,
}

/// An uploaded file.
#[derive(Debug)]
pub(crate) struct File {
    /// The field it came in.
    pub(crate) field: String,
    /// Its name.
    pub(crate) name: Option<String>,
    /// Its media type, as the client says.
    pub(crate) mime_type: Option<String>,
    /// Its bytes.
    pub(crate) data: Bytes,
}

impl Form {
    /// Reads the body of a request. A body of another kind is a form without fields, which then
    /// lacks what is required.
    pub(crate) async fn read(request: Request, limit: usize) -> Result<Self, ApiError> {
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let (parts, body) = request.into_parts();
        if kind.starts_with("multipart/form-data") {
            let request = Request::from_parts(parts.clone(), body);
            let body = body::read(request, limit).await?;
            Self::multipart(Request::from_parts(parts, Body::from(body))).await
        } else {
            let body = body::read(Request::from_parts(parts, body), limit).await?;
            if kind.starts_with("application/x-www-form-urlencoded") {
                Ok(Self::urlencoded(&body))
            } else {
                Ok(Self::default())
            }
        }
    }

    fn urlencoded(body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Self {
            fields,
            ..Self::default()
        }
    }

    async fn multipart(mut request: Request) -> Result<Self, ApiError> {
        let malformed = |error: String| {
            ApiError::bad_request(format!("There was an error parsing the body: {error}"))
        };
        // The body is within the limit already.
        DefaultBodyLimit::disable().apply(&mut request);
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|error| malformed(error.to_string()))?;
        let mut form = Self::default();
        while let Some(part) = parts
            .next_field()
            .await
            .map_err(|error| malformed(error.body_text()))?
        {
            let field = part.name().unwrap_or_default().to_owned();
            let name = part.file_name().map(ToOwned::to_owned);
            let mime_type = part.content_type().map(ToOwned::to_owned);
            let data = part
                .bytes()
                .await
                .map_err(|error| malformed(error.body_text()))?;
            if name.is_some() {
                form.files.push(File {
                    field,
                    name,
                    mime_type,
                    data,
                });
            } else {
                let text = String::from_utf8(data.into())
                    .map_err(|_| malformed(format!("the field `{field}` is not UTF-8")))?;
                form.fields.push((field, text));
            }
        }
        Ok(form)
    }

    /// The field of the given name, which counts as known from now on. One without text counts as
    /// absent.
    pub(crate) fn get<'a>(&'a mut self, name: &'a str) -> Option<Field<'a>> {
        self.taken.push(name.to_owned());
        let (_, text) = self
            .fields
            .iter()
            .rev()
            .find(|(known, text)| known == name && !text.is_empty())?;
        Some(Field {
            place: "body",
            name,
            text,
        })
    }

    /// The text of a field.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.get(name).map(|field| field.text.to_owned())
    }

    /// The text of a field that must be there; it may be empty.
    pub(crate) fn required(&mut self, name: &str) -> Result<String, ApiError> {
        self.taken.push(name.to_owned());
        self.fields
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, text)| text.clone())
            .ok_or_else(|| FieldError::missing("body", name).into())
    }

    /// A truth value.
    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        Ok(self.get(name).map(Field::boolean).transpose()?)
    }

    /// A whole number.
    pub(crate) fn integer(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        Ok(self.get(name).map(Field::integer).transpose()?)
    }

    /// The files of a field.
    pub(crate) fn files(&mut self, name: &str) -> Vec<File> {
        self.taken.push(name.to_owned());
        let (wanted, rest) = std::mem::take(&mut self.files)
            .into_iter()
            .partition(|file| file.field == name);
        self.files = rest;
        wanted
    }

    /// Fields and files that nobody asked for.
    pub(crate) fn unknown(&self) -> Vec<&str> {
        let names = self
            .fields
            .iter()
            .map(|(name, _)| name)
            .chain(self.files.iter().map(|file| &file.field));
        let mut unknown: Vec<&str> = names
            .filter(|name| !self.taken.contains(name))
            .map(String::as_str)
            .collect();
        unknown.dedup();
        unknown
    }
}
