//! Images, audio, video and files.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a piece of media is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MediaKind {
    /// A still picture.
    Image,
    /// Sound.
    Audio,
    /// A moving picture.
    Video,
    /// Any other document, such as a PDF.
    File,
}

/// Where the bytes of a piece of media are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MediaSource {
    /// At an address that the provider fetches.
    Url(Arc<str>),
    /// Here, in standard base64.
    Base64(Arc<str>),
    /// Stored with the provider under this id.
    ProviderFile(Arc<str>),
}

/// One image, audio clip, video or file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Where its bytes are.
    pub source: MediaSource,
    /// Its media type, such as `image/png`, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<Arc<str>>,
    /// Its file name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Arc<str>>,
    /// How closely a model should look at an image: `low`, `high` or `auto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Arc<str>>,
}

impl Media {
    /// Media of the given kind at an address.
    pub fn url(kind: MediaKind, url: impl Into<Arc<str>>) -> Self {
        Self::new(kind, MediaSource::Url(url.into()))
    }

    /// Media of the given kind and media type in base64.
    pub fn base64(
        kind: MediaKind,
        mime_type: impl Into<Arc<str>>,
        data: impl Into<Arc<str>>,
    ) -> Self {
        Self {
            mime_type: Some(mime_type.into()),
            ..Self::new(kind, MediaSource::Base64(data.into()))
        }
    }

    /// Media with nothing known but its kind and source.
    pub fn new(kind: MediaKind, source: MediaSource) -> Self {
        Self {
            kind,
            source,
            mime_type: None,
            name: None,
            detail: None,
        }
    }
}
