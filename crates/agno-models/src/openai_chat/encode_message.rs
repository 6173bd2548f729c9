//! Messages as the wire has them.

use agno_core::{
    AssistantMessage, Media, MediaKind, MediaSource, Message, ModelError, ModelErrorKind,
    ModelRequest, ToolMessage,
};

use super::dialect::{Dialect, FileParts, ReasoningHistory, SystemRole, ToolMedia};
use super::json::{Array, Object, escaped};
use super::provider_data::ReplyData;

/// Writes all messages.
pub(super) fn messages(
    mut array: Array<'_>,
    request: &ModelRequest,
    dialect: &Dialect,
) -> Result<(), ModelError> {
    let messages = request.thread.messages();
    for (position, message) in messages.iter().enumerate() {
        match &**message {
            Message::System(message) => {
                let mut object = array.object();
                object.text(
                    "role",
                    match dialect.system_role {
                        SystemRole::System => "system",
                        SystemRole::Developer => "developer",
                    },
                );
                object.text("content", &message.text);
                object.end();
            }
            Message::User(message) => {
                let mut object = array.object();
                object.text("role", "user");
                let media = message.content.media();
                content(&mut object, &message.content.text, media, dialect)?;
                object.end();
            }
            Message::Assistant(message) => assistant(array.object(), message, dialect),
            Message::Tool(message) => {
                tool(array.object(), message, dialect)?;
                let next = messages.get(position + 1).map(|message| &**message);
                // Answers to one turn's calls must stand together.
                if dialect.tool_media == ToolMedia::InUserMessage
                    && !matches!(next, Some(Message::Tool(_)))
                {
                    let before = messages.get(..=position).unwrap_or_default();
                    tool_media(&mut array, before, dialect)?;
                }
            }
            other => {
                return Err(ModelError::new(
                    ModelErrorKind::InvalidRequest,
                    format!("a message of this kind can't be sent: {other:?}"),
                ));
            }
        }
    }
    array.end();
    Ok(())
}

fn assistant(mut object: Object<'_>, message: &AssistantMessage, dialect: &Dialect) {
    object.text("role", "assistant");
    let text = &message.content.text;
    let rich = message.content.rich.as_deref();
    let reasoning = rich.and_then(|rich| {
        let data = ReplyData::of(rich.provider.as_ref()?, dialect)?;
        let (field, as_part) = match dialect.reasoning_history {
            // What the caller wrote into the request is sent; what a server said is left out.
            ReasoningHistory::Omit if data.is_of_caller(rich.provider.as_ref()?) => {
                ("reasoning_content", false)
            }
            ReasoningHistory::Omit => return None,
            ReasoningHistory::Field(field) => (field, false),
            ReasoningHistory::ThinkingPart => ("", true),
        };
        let field = data.reasoning_field().unwrap_or(field);
        Some((data, field, as_part, rich.reasoning.as_deref()))
    });
    match &reasoning {
        Some((_, _, true, Some(thinking))) => thinking_content(&mut object, thinking, text),
        _ => object.text("content", text),
    }
    if let Some((data, field, false, reasoning)) = &reasoning {
        match (data.reasoning_details(), reasoning) {
            (Some(details), _) => object.value("reasoning_details", details),
            (None, Some(reasoning)) => object.text(field, reasoning),
            (None, None) => {}
        }
    }
    if let Some(rich) = rich {
        if let Some(refusal) = &rich.refusal {
            object.text("refusal", refusal);
        }
        let data = rich.provider.as_ref();
        if let Some(id) = data
            .and_then(|data| ReplyData::of(data, dialect))
            .and_then(|data| data.audio_id())
        {
            let mut audio = object.object("audio");
            audio.text("id", id);
            audio.end();
        }
    }
    if !message.tool_calls.is_empty() {
        let mut calls = object.array("tool_calls");
        for call in &message.tool_calls {
            let mut item = calls.object();
            item.text("id", &call.id);
            item.text("type", "function");
            let mut function = item.object("function");
            function.text("name", &call.name);
            // What the model wrote goes back as it was; only nothing at all is no argument list.
            let arguments = match &*call.arguments {
                "" => "{}",
                arguments => arguments,
            };
            function.text("arguments", arguments);
            function.end();
            item.end();
        }
        calls.end();
    }
    object.end();
}

fn thinking_content(object: &mut Object<'_>, thinking: &str, text: &str) {
    let mut parts = object.array("content");
    let mut part = parts.object();
    part.text("type", "thinking");
    let mut inner = part.array("thinking");
    text_part(&mut inner, thinking);
    inner.end();
    part.end();
    if !text.is_empty() {
        text_part(&mut parts, text);
    }
    parts.end();
}

fn tool(
    mut object: Object<'_>,
    message: &ToolMessage,
    dialect: &Dialect,
) -> Result<(), ModelError> {
    object.text("role", "tool");
    object.text("tool_call_id", &message.call_id);
    let media = match dialect.tool_media {
        ToolMedia::InToolMessage => message.output.media(),
        ToolMedia::InUserMessage => &[],
    };
    content(&mut object, &message.output.text, media, dialect)?;
    object.end();
    Ok(())
}

/// Writes the media of the tool messages that end `messages` as one user message.
fn tool_media(
    array: &mut Array<'_>,
    messages: &[std::sync::Arc<Message>],
    dialect: &Dialect,
) -> Result<(), ModelError> {
    let last_other = messages
        .iter()
        .rposition(|message| !matches!(&**message, Message::Tool(_)));
    let trailing = messages.get(last_other.map_or(0, |at| at + 1)..);
    let answers = || {
        trailing
            .unwrap_or_default()
            .iter()
            .filter_map(|message| match &**message {
                Message::Tool(answer) => Some(answer),
                _ => None,
            })
    };
    if answers().all(|answer| answer.output.media().is_empty()) {
        return Ok(());
    }
    let mut object = array.object();
    object.text("role", "user");
    let mut parts = object.array("content");
    for answer in answers() {
        let media = answer.output.media();
        if !media.is_empty() {
            let label = format!("Output of tool call {} ({}):", answer.call_id, answer.name);
            text_part(&mut parts, &label);
        }
        for item in media {
            media_part(&mut parts, item, dialect)?;
        }
    }
    parts.end();
    object.end();
    Ok(())
}

/// Writes plain text as a string, anything else as parts.
fn content(
    object: &mut Object<'_>,
    text: &str,
    media: &[Media],
    dialect: &Dialect,
) -> Result<(), ModelError> {
    if media.is_empty() {
        object.text("content", text);
        return Ok(());
    }
    let mut parts = object.array("content");
    if !text.is_empty() {
        text_part(&mut parts, text);
    }
    for item in media {
        media_part(&mut parts, item, dialect)?;
    }
    parts.end();
    Ok(())
}

fn text_part(parts: &mut Array<'_>, text: &str) {
    let mut part = parts.object();
    part.text("type", "text");
    part.text("text", text);
    part.end();
}

fn media_part(parts: &mut Array<'_>, media: &Media, dialect: &Dialect) -> Result<(), ModelError> {
    match (media.kind, &media.source) {
        (MediaKind::Image, MediaSource::Url(_) | MediaSource::Base64(_)) => {
            let mut part = parts.object();
            part.text("type", "image_url");
            let mut image = part.object("image_url");
            address(image.key("url"), media);
            if let Some(detail) = &media.detail {
                image.text("detail", detail);
            }
            image.end();
            part.end();
        }
        (MediaKind::Audio, MediaSource::Base64(data)) => {
            let mut part = parts.object();
            part.text("type", "input_audio");
            let mut audio = part.object("input_audio");
            audio.text("data", data);
            audio.text("format", audio_format(media));
            audio.end();
            part.end();
        }
        (MediaKind::Video, MediaSource::Url(_) | MediaSource::Base64(_)) if dialect.video => {
            let mut part = parts.object();
            part.text("type", "video_url");
            let mut video = part.object("video_url");
            address(video.key("url"), media);
            video.end();
            part.end();
        }
        (MediaKind::File, MediaSource::Url(_) | MediaSource::Base64(_))
            if dialect.files == FileParts::DocumentUrl =>
        {
            let mut part = parts.object();
            part.text("type", "document_url");
            address(part.key("document_url"), media);
            if let Some(name) = &media.name {
                part.text("document_name", name);
            }
            part.end();
        }
        (MediaKind::File, MediaSource::Base64(_)) => file_part(parts, media),
        (MediaKind::File, MediaSource::Url(_)) if dialect.files == FileParts::DataOrUrl => {
            file_part(parts, media);
        }
        (MediaKind::File | MediaKind::Image, MediaSource::ProviderFile(id)) => {
            let mut part = parts.object();
            part.text("type", "file");
            let mut file = part.object("file");
            file.text("file_id", id);
            file.end();
            part.end();
        }
        _ => return Err(unsupported(media, dialect)),
    }
    Ok(())
}

fn file_part(parts: &mut Array<'_>, media: &Media) {
    let mut part = parts.object();
    part.text("type", "file");
    let mut file = part.object("file");
    match &media.name {
        Some(name) => file.text("filename", name),
        // Servers insist on a name.
        None => {
            let mime_type = media.mime_type.as_deref().unwrap_or("application/pdf");
            let extension = match mime_type.rsplit_once('/') {
                Some((_, "plain")) | None => "txt",
                Some((_, extension)) => extension,
            };
            file.text("filename", &format!("document.{extension}"));
        }
    }
    address(file.key("file_data"), media);
    file.end();
    part.end();
}

/// Writes an address as it is, data as a data URL.
fn address(buffer: &mut Vec<u8>, media: &Media) {
    buffer.push(b'"');
    match &media.source {
        MediaSource::Base64(data) => {
            let mime_type = media.mime_type.as_deref();
            buffer.extend_from_slice(b"data:");
            escaped(
                buffer,
                mime_type.unwrap_or_else(|| guessed_type(media.kind, data)),
            );
            buffer.extend_from_slice(b";base64,");
            escaped(buffer, data);
        }
        MediaSource::Url(url) => escaped(buffer, url),
        MediaSource::ProviderFile(id) => escaped(buffer, id),
        _ => {}
    }
    buffer.push(b'"');
}

/// The media type that the first bytes show.
fn guessed_type(kind: MediaKind, base64: &str) -> &'static str {
    const BEGINNINGS: [(&str, &str); 6] = [
        ("/9j/", "image/jpeg"),
        ("iVBORw0KGgo", "image/png"),
        ("R0lGOD", "image/gif"),
        ("UklGR", "image/webp"),
        ("JVBERi0", "application/pdf"),
        ("Qk", "image/bmp"),
    ];
    let known = BEGINNINGS
        .into_iter()
        .find(|(beginning, _)| base64.starts_with(beginning));
    match (known, kind) {
        (Some((_, mime_type)), _) => mime_type,
        (None, MediaKind::Image) => "image/png",
        (None, MediaKind::Video) => "video/mp4",
        (None, _) => "application/octet-stream",
    }
}

fn audio_format(media: &Media) -> &str {
    let subtype = media
        .mime_type
        .as_deref()
        .map(|mime_type| mime_type.rsplit_once('/').map_or(mime_type, |(_, sub)| sub))
        .or_else(|| media.name.as_deref()?.rsplit_once('.').map(|(_, end)| end));
    match subtype {
        None | Some("x-wav" | "wave" | "vnd.wave") => "wav",
        Some("mpeg" | "mpeg3" | "x-mpeg-3") => "mp3",
        Some("x-m4a" | "mp4") => "m4a",
        Some(other) => other,
    }
}

fn unsupported(media: &Media, dialect: &Dialect) -> ModelError {
    let source = match media.source {
        MediaSource::Url(_) => "at an address",
        MediaSource::ProviderFile(_) => "stored with the provider",
        _ => "as data",
    };
    let kind = match media.kind {
        MediaKind::Image => "an image",
        MediaKind::Audio => "audio",
        MediaKind::Video => "a video",
        _ => "a file",
    };
    ModelError::new(
        ModelErrorKind::InvalidRequest,
        format!(
            "`{}` can't take {kind} {source}: send it in another form or leave it out",
            dialect.name
        ),
    )
}
