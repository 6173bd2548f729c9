//! Images, audio, video and files.

use agno_core::{Media, MediaKind, MediaSource, RunId};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use uuid::Uuid;

/// A piece of media of a message.
#[derive(Debug, Serialize)]
pub(crate) struct MediaView<'a> {
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

/// Far above any message's number, and apart from the numbers of requirements.
const FIRST_MEDIA: usize = 1 << 50;

/// The media of one kind among those of a message; `None` if there is none.
pub(crate) fn of_kind(
    media: &[Media],
    kind: MediaKind,
    run: RunId,
    message: usize,
) -> Option<Vec<MediaView<'_>>> {
    let views: Vec<_> = media
        .iter()
        .enumerate()
        .filter(|(_, one)| one.kind == kind)
        .map(|(index, one)| view(one, run.message_id(FIRST_MEDIA + (message << 12) + index)))
        .collect();
    (!views.is_empty()).then_some(views)
}

fn view(media: &Media, id: Uuid) -> MediaView<'_> {
    let mime_type = media.mime_type.as_deref();
    let subtype = mime_type
        .and_then(|mime| mime.split_once('/'))
        .map(|(_, subtype)| subtype);
    let extension = media
        .name
        .as_deref()
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, extension)| extension);
    let format = match media.kind {
        MediaKind::File => extension.or(subtype),
        _ => subtype.or(extension),
    };
    let mut view = MediaView {
        id,
        format,
        mime_type,
        filename: media
            .name
            .as_deref()
            .filter(|_| media.kind == MediaKind::File),
        url: None,
        external: None,
        content: None,
    };
    match &media.source {
        MediaSource::Url(url) => view.url = Some(url),
        MediaSource::ProviderFile(id) => view.external = Some(id),
        MediaSource::Base64(data) => view.content = Some(shown(media, data)),
        _ => {}
    }
    view
}

/// Files of text are shown as text, everything else in base64.
fn shown(media: &Media, data: &str) -> String {
    let is_text = media.kind == MediaKind::File
        && media
            .mime_type
            .as_deref()
            .is_some_and(|mime| mime.starts_with("text/") || mime == "application/json");
    let text = is_text
        .then(|| STANDARD.decode(data).ok())
        .flatten()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    text.unwrap_or_else(|| data.to_owned())
}
