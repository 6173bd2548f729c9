//! JSON bodies.

use axum::extract::Request;
use serde_json::{Map, Value};

use super::body;
use super::error::{ApiError, FieldError};

/// The body as a JSON object. An empty body is an empty object.
pub(crate) async fn object(request: Request, limit: usize) -> Result<Map<String, Value>, ApiError> {
    let body = body::read(request, limit).await?;
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(FieldError::new(
            "model_attributes_type",
            "body",
            "",
            "Input should be a valid dictionary or object to extract fields from",
            other,
        )
        .into()),
        Err(error) => Err(FieldError::new(
            "json_invalid",
            "body",
            &error.column().to_string(),
            format!("JSON decode error: {error}"),
            Value::Null,
        )
        .into()),
    }
}

/// The fields of a JSON object, taken out one by one.
#[derive(Debug)]
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl Fields {
    /// Text, if it is there and not `null`.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => {
                let message = "Input should be a valid string";
                Err(FieldError::new("string_type", "body", name, message, other).into())
            }
        }
    }

    /// An object, if it is there and not `null`.
    pub(crate) fn object(&mut self, name: &str) -> Result<Option<Map<String, Value>>, ApiError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(other) => {
                let message = "Input should be a valid dictionary";
                Err(FieldError::new("dict_type", "body", name, message, other).into())
            }
        }
    }

    /// A list of texts that must be there.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Vec<String>, ApiError> {
        let Some(value) = self.0.remove(name) else {
            return Err(FieldError::missing("body", name).into());
        };
        serde_json::from_value(value.clone()).map_err(|_| {
            let message = "Input should be a valid list of strings";
            FieldError::new("list_type", "body", name, message, value).into()
        })
    }

    /// Text that must be there.
    pub(crate) fn required(&mut self, name: &str) -> Result<String, ApiError> {
        self.text(name)?
            .ok_or_else(|| FieldError::missing("body", name).into())
    }
}
