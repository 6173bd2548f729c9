//! Errors of models, classified by what the caller can do about them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What went wrong with a model call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModelErrorKind {
    /// The provider asks to slow down (HTTP 429).
    RateLimited,
    /// The provider failed or is overloaded (HTTP 5xx, 529).
    Unavailable,
    /// The connection failed, was cut, or timed out.
    Connection,
    /// The request is wrong (HTTP 400, 404, 422).
    InvalidRequest,
    /// The key is missing, wrong or lacks a right (HTTP 401, 403).
    Authentication,
    /// The conversation does not fit the model's context window.
    ContextTooLong,
    /// The provider's content policy stopped the request or the answer.
    ContentFiltered,
    /// The answer is not what the protocol says.
    Malformed,
    /// Live requests are switched off in this process.
    LiveRequestsDisabled,
}

/// What a caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Ask again, not before the given number of milliseconds if the provider named one.
    Retry {
        /// Milliseconds to wait, if the provider said so.
        after_ms: Option<u64>,
    },
    /// Change the request.
    FixRequest,
    /// Provide a valid key.
    Authenticate,
    /// Send less.
    Shorten,
    /// Nothing helps.
    GiveUp,
}

/// A failed model call. Its `Display` is one line; secrets never reach it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub struct ModelError {
    /// The class of the error.
    pub kind: ModelErrorKind,
    /// What went wrong and what to do next, for people.
    pub message: Arc<str>,
    /// The provider's HTTP status, if it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The provider's answer as it came, cut to 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Arc<str>>,
    /// The provider's own code for the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Arc<str>>,
    /// How long the provider asks to wait, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Text that had arrived before a stream failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_text: Option<Arc<str>>,
}

impl ModelError {
    /// An error with a class and a message.
    pub fn new(kind: ModelErrorKind, message: impl Into<Arc<str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            body: None,
            code: None,
            retry_after_ms: None,
            partial_text: None,
        }
    }

    /// What the caller can do.
    pub const fn recovery(&self) -> Recovery {
        match self.kind {
            ModelErrorKind::RateLimited
            | ModelErrorKind::Unavailable
            | ModelErrorKind::Connection
            | ModelErrorKind::Malformed => Recovery::Retry {
                after_ms: self.retry_after_ms,
            },
            ModelErrorKind::InvalidRequest | ModelErrorKind::LiveRequestsDisabled => {
                Recovery::FixRequest
            }
            ModelErrorKind::Authentication => Recovery::Authenticate,
            ModelErrorKind::ContextTooLong => Recovery::Shorten,
            ModelErrorKind::ContentFiltered => Recovery::GiveUp,
        }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{} (HTTP {status})", self.message),
            None => f.write_str(&self.message),
        }
    }
}
