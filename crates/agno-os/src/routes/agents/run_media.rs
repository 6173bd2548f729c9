//! Images, audio, video and files of a run: uploads, and media objects in JSON.

use agno_core::{Media, MediaKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::http::error::ApiError;
use crate::http::form::{File, Form};

/// Fields with media objects.
const OBJECTS: [(&str, MediaKind); 4] = [
    ("images", MediaKind::Image),
    ("audio", MediaKind::Audio),
    ("videos", MediaKind::Video),
    ("input_files", MediaKind::File),
];

/// Media types of documents, with the extensions of files that are uploaded without a type.
const DOCUMENTS: [(&str, &[&str]); 19] = [
    ("application/pdf", &["pdf"]),
    ("application/json", &["json"]),
    ("application/xml", &[]),
    ("application/rtf", &["rtf"]),
    ("application/x-javascript", &[]),
    ("application/x-python", &[]),
    ("application/msword", &["doc"]),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["docx"],
    ),
    ("application/vnd.ms-excel", &["xls"]),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &["xlsx"],
    ),
    ("application/vnd.ms-powerpoint", &["ppt"]),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &["pptx"],
    ),
    ("text/plain", &["txt", "log"]),
    ("text/markdown", &["md", "markdown"]),
    ("text/html", &["html", "htm"]),
    ("text/css", &["css"]),
    ("text/csv", &["csv"]),
    ("text/xml", &["xml"]),
    ("text/x-python", &["py"]),
];

/// Media types of pictures, sound and video by extension.
const BY_EXTENSION: [(&str, &str); 17] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("bmp", "image/bmp"),
    ("tiff", "image/tiff"),
    ("avif", "image/avif"),
    ("wav", "audio/wav"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("flac", "audio/flac"),
    ("m4a", "audio/mp4"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("mov", "video/quicktime"),
    ("mkv", "video/x-matroska"),
];

/// All media of a form.
pub(super) fn read(form: &mut Form) -> Result<Vec<Media>, ApiError> {
    let mut media = Vec::new();
    for (name, kind) in OBJECTS {
        let Some(field) = form.get(name) else {
            continue;
        };
        match field.json()? {
            Value::Array(objects) => {
                for object in &objects {
                    media.push(from_object(name, kind, object)?);
                }
            }
            object @ Value::Object(_) => media.push(from_object(name, kind, &object)?),
            _ => return Err(wrong(name, "expected a JSON array of media objects")),
        }
    }
    for file in form.files("files") {
        media.push(from_upload(file)?);
    }
    Ok(media)
}

fn wrong(name: &str, problem: &str) -> ApiError {
    ApiError::unprocessable(format!("Invalid {name}: {problem}"))
}

/// A media object: `url`, or `content` in base64, or the `id` or `external` of a provider's file.
fn from_object(name: &str, kind: MediaKind, object: &Value) -> Result<Media, ApiError> {
    let text = |key: &str| {
        object
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    if text("filepath").is_some() {
        // The path would be one of this machine.
        return Err(wrong(
            name,
            "`filepath` is not accepted; send `content` or `url`",
        ));
    }
    let mime_type = text("mime_type").map(str::to_owned).or_else(|| {
        let extension = text("format")?;
        by_extension(extension).map(|(mime, _)| mime.to_owned())
    });
    let mut media = match (text("url"), text("content"), text("external")) {
        (Some(url), ..) => Media::url(kind, url),
        (_, Some(content), _) => {
            let data = content
                .split_once("base64,")
                .map_or(content, |(_, data)| data);
            if STANDARD.decode(data).is_err() {
                return Err(wrong(name, "`content` is not base64"));
            }
            Media::new(kind, agno_core::MediaSource::Base64(data.into()))
        }
        (_, _, Some(id)) => Media::new(kind, agno_core::MediaSource::ProviderFile(id.into())),
        _ => return Err(wrong(name, "a media object needs `url` or `content`")),
    };
    media.mime_type = mime_type.map(Into::into);
    media.name = text("filename").or_else(|| text("name")).map(Into::into);
    media.detail = text("detail").map(Into::into);
    Ok(media)
}

fn by_extension(extension: &str) -> Option<(&'static str, MediaKind)> {
    let extension = extension.to_ascii_lowercase();
    let found = BY_EXTENSION.iter().find(|(known, _)| *known == extension);
    if let Some((_, mime)) = found {
        return Some((mime, kind_of(mime)?));
    }
    DOCUMENTS
        .iter()
        .find(|(_, extensions)| extensions.contains(&extension.as_str()))
        .map(|(mime, _)| (*mime, MediaKind::File))
}

fn kind_of(mime: &str) -> Option<MediaKind> {
    match mime.split_once('/')?.0 {
        "image" => Some(MediaKind::Image),
        "audio" => Some(MediaKind::Audio),
        "video" => Some(MediaKind::Video),
        _ => DOCUMENTS
            .iter()
            .any(|(known, _)| *known == mime)
            .then_some(MediaKind::File),
    }
}

fn from_upload(file: File) -> Result<Media, ApiError> {
    let mime = file
        .mime_type
        .as_deref()
        .and_then(|mime| mime.split(';').next())
        .map(|mime| mime.trim().to_ascii_lowercase());
    let known = mime
        .as_deref()
        .and_then(|mime| Some((mime, kind_of(mime)?)))
        .or_else(|| {
            let extension = file.name.as_deref()?.rsplit_once('.')?.1;
            by_extension(extension)
        });
    let Some((mime, kind)) = known else {
        return Err(ApiError::bad_request("Unsupported file type"));
    };
    let mut media = Media::base64(kind, mime, STANDARD.encode(&file.data));
    media.name = file.name.map(Into::into);
    Ok(media)
}
