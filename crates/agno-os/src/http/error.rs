//! Refusals, in the form that clients of Agno read: `{"detail": ...}`.

use agno_core::db::DbError;
use agno_runtime::Error;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::Value;

/// A refusal.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// With a text that says what is wrong.
    Text(StatusCode, String),
    /// Values of the request that are not what they have to be (422).
    Fields(Vec<FieldError>),
}

/// A value of the request that is not what it has to be, in the words of pydantic.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct FieldError(Box<FieldProblem>);

#[derive(Debug, Serialize)]
struct FieldProblem {
    r#type: &'static str,
    loc: [String; 2],
    msg: String,
    input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

impl FieldError {
    /// A wrong value at `place` (`body`, `query` or `path`).
    pub(crate) fn new(
        kind: &'static str,
        place: &str,
        name: &str,
        message: impl Into<String>,
        input: impl Into<Value>,
    ) -> Self {
        Self(Box::new(FieldProblem {
            r#type: kind,
            loc: [place.to_owned(), name.to_owned()],
            msg: message.into(),
            input: input.into(),
            ctx: None,
        }))
    }

    /// A value that must be there and is not.
    pub(crate) fn missing(place: &str, name: &str) -> Self {
        Self::new("missing", place, name, "Field required", Value::Null)
    }

    /// Adds what the check compared with.
    pub(crate) fn context(mut self, context: Value) -> Self {
        self.0.ctx = Some(context);
        self
    }
}

impl ApiError {
    /// 400 with a text.
    pub(crate) fn bad_request(text: impl Into<String>) -> Self {
        Self::Text(StatusCode::BAD_REQUEST, text.into())
    }

    /// 404 with a text.
    pub(crate) fn not_found(text: impl Into<String>) -> Self {
        Self::Text(StatusCode::NOT_FOUND, text.into())
    }

    /// 409 with a text.
    pub(crate) fn conflict(text: impl Into<String>) -> Self {
        Self::Text(StatusCode::CONFLICT, text.into())
    }

    /// 422 for one value.
    pub(crate) fn field(error: FieldError) -> Self {
        Self::Fields(vec![error])
    }

    /// 422 with a text.
    pub(crate) fn unprocessable(text: impl Into<String>) -> Self {
        Self::Text(StatusCode::UNPROCESSABLE_ENTITY, text.into())
    }
}

#[derive(Serialize)]
struct Detail<T> {
    detail: T,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Text(status, detail) => json(status, &Detail { detail }),
            Self::Fields(detail) => json(StatusCode::UNPROCESSABLE_ENTITY, &Detail { detail }),
        }
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Self::field(error)
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        let status = match &error {
            DbError::Conflict { .. } => StatusCode::CONFLICT,
            DbError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            DbError::InvalidQuery(_) => StatusCode::BAD_REQUEST,
            _ => {
                tracing::error!(%error, "the database failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self::Text(status, error.to_string())
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::Db(error) => return error.clone().into(),
            Error::UnknownSession(_) => return Self::not_found("Session not found"),
            Error::UnknownRun(_) => return Self::not_found("Run not found"),
            Error::WrongStatus { .. } | Error::Diverged { .. } => StatusCode::CONFLICT,
            Error::Undecided { .. }
            | Error::NoDatabase(_)
            | Error::Durability { .. }
            | Error::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            _ => {
                tracing::error!(%error, "a run failed outside of its model and tools");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self::Text(status, error.to_string())
    }
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(body) => (status, [(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            let body = r#"{"detail":"Internal server error (JSON)"}"#;
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            (status, [(CONTENT_TYPE, "application/json")], body).into_response()
        }
    }
}
