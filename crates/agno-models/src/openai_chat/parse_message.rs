//! Messages in OpenAI's shape as [`Message`]s.

use std::collections::HashMap;
use std::sync::Arc;

use agno_core::{
    AssistantMessage, Content, Media, MediaKind, MediaSource, Message, ToolCall, ToolMessage,
    ToolOutput, UserMessage,
};
use serde_json::Value;

use super::parse_request::RequestError;
use super::provider_data::{ANY_DIALECT, ReplyDataBuilder};

type Parsed<T> = Result<T, RequestError>;

/// Text followed by media: what one message of ours can hold.
#[derive(Default)]
struct Stretch {
    text: String,
    media: Vec<Media>,
    reasoning: String,
    refusal: String,
}

/// Reads one message, which becomes several where its text and media alternate. `tool_names` keeps
/// the names of calls for the messages that answer them.
pub(super) fn parse_message(
    message: &Value,
    place: &str,
    tool_names: &mut HashMap<String, Arc<str>>,
) -> Parsed<Vec<Message>> {
    let role = message.get("role").and_then(Value::as_str);
    // A model's text is one text, however it came; what others say in parts stays apart.
    let separator = if role == Some("assistant") { "" } else { "\n" };
    let place_of_content = format!("{place}.content");
    let stretches = stretches(message.get("content"), &place_of_content, separator)?;
    match role {
        Some("system" | "developer") => {
            let text: String = stretches.into_iter().map(|stretch| stretch.text).collect();
            Ok(vec![Message::system(text)])
        }
        Some("user") => Ok(stretches.into_iter().map(user).collect()),
        Some("assistant") => Ok(vec![assistant(message, stretches, place, tool_names)?]),
        Some("tool") => Ok(vec![tool(message, stretches, place, tool_names)?]),
        other => {
            let problem = match other {
                Some(role) => format!("`{role}` is none of system, user, assistant, tool"),
                None => "must be system, user, assistant or tool".to_owned(),
            };
            Err(RequestError::new(format!("{place}.role"), problem))
        }
    }
}

fn user(stretch: Stretch) -> Message {
    let mut content = Content::text(stretch.text);
    if !stretch.media.is_empty() {
        content.rich_mut().media = stretch.media;
    }
    Message::User(UserMessage { content })
}

fn tool(
    message: &Value,
    stretches: Vec<Stretch>,
    place: &str,
    tool_names: &HashMap<String, Arc<str>>,
) -> Parsed<Message> {
    let Some(id) = message.get("tool_call_id").and_then(Value::as_str) else {
        let problem = "must name the call that the message answers";
        return Err(RequestError::new(format!("{place}.tool_call_id"), problem));
    };
    let name = match message.get("name").and_then(Value::as_str) {
        Some(name) => name.into(),
        None => tool_names.get(id).cloned().unwrap_or_else(|| "".into()),
    };
    let mut output = ToolOutput::default();
    let mut text = String::new();
    for stretch in stretches {
        text.push_str(&stretch.text);
        if !stretch.media.is_empty() {
            output.rich_mut().media.extend(stretch.media);
        }
    }
    output.text = text.into();
    Ok(Message::Tool(ToolMessage {
        call_id: id.into(),
        name,
        output,
        is_error: false,
    }))
}

fn assistant(
    message: &Value,
    stretches: Vec<Stretch>,
    place: &str,
    tool_names: &mut HashMap<String, Arc<str>>,
) -> Parsed<Message> {
    let mut joined = Stretch::default();
    for stretch in stretches {
        joined.text.push_str(&stretch.text);
        joined.reasoning.push_str(&stretch.reasoning);
        joined.refusal.push_str(&stretch.refusal);
        joined.media.extend(stretch.media);
    }
    let mut data = ReplyDataBuilder::default();
    if !joined.reasoning.is_empty() {
        data.reasoning_field = Some("thinking");
    }
    for field in ["reasoning_content", "reasoning"] {
        if joined.reasoning.is_empty()
            && let Some(text) = message.get(field).and_then(Value::as_str)
        {
            text.clone_into(&mut joined.reasoning);
            data.reasoning_field = Some(field);
        }
    }
    if let Some(details) = message.get("reasoning_details").and_then(Value::as_array) {
        if joined.reasoning.is_empty() {
            joined.reasoning = details
                .iter()
                .filter_map(|detail| {
                    detail
                        .get("text")
                        .or_else(|| detail.get("summary"))?
                        .as_str()
                })
                .collect();
        }
        data.reasoning_details.clone_from(details);
    }
    if let Some(refusal) = message.get("refusal").and_then(Value::as_str) {
        joined.refusal.push_str(refusal);
    }
    data.audio_id = message
        .get("audio")
        .and_then(|audio| audio.get("id")?.as_str())
        .map(str::to_owned);
    let provider = data.build(ANY_DIALECT);
    let mut content = Content::text(joined.text);
    let is_rich = provider.is_some()
        || !joined.media.is_empty()
        || !joined.reasoning.is_empty()
        || !joined.refusal.is_empty();
    if is_rich {
        let rich = content.rich_mut();
        rich.media = joined.media;
        rich.reasoning = filled(joined.reasoning);
        rich.refusal = filled(joined.refusal);
        rich.provider = provider;
    }
    Ok(Message::Assistant(AssistantMessage {
        content,
        tool_calls: tool_calls(message.get("tool_calls"), place, tool_names)?,
    }))
}

fn filled(text: String) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| text.into())
}

fn tool_calls(
    calls: Option<&Value>,
    place: &str,
    tool_names: &mut HashMap<String, Arc<str>>,
) -> Parsed<Vec<ToolCall>> {
    let place = format!("{place}.tool_calls");
    let list = match calls {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(RequestError::new(place, "must be a list of calls")),
    };
    let mut calls = Vec::with_capacity(list.len());
    for (position, call) in list.iter().enumerate() {
        let function = call.get("function").unwrap_or(call);
        let id = call.get("id").and_then(Value::as_str);
        let name = function.get("name").and_then(Value::as_str);
        let (Some(id), Some(name)) = (id, name) else {
            let problem = "must have an `id` and a `function` with a `name`";
            return Err(RequestError::new(format!("{place}[{position}]"), problem));
        };
        let name: Arc<str> = name.into();
        tool_names.insert(id.to_owned(), Arc::clone(&name));
        calls.push(ToolCall {
            id: id.into(),
            name,
            arguments: match function.get("arguments") {
                None | Some(Value::Null) => "".into(),
                Some(Value::String(text)) => text.as_str().into(),
                Some(object) => object.to_string().into(),
            },
        });
    }
    Ok(calls)
}

/// Splits content so that each stretch has its text before its media.
fn stretches(content: Option<&Value>, place: &str, separator: &str) -> Parsed<Vec<Stretch>> {
    let mut all = vec![Stretch::default()];
    let parts = match content {
        None | Some(Value::Null) => return Ok(all),
        Some(Value::String(text)) => {
            return Ok(vec![Stretch {
                text: text.clone(),
                ..Stretch::default()
            }]);
        }
        Some(Value::Array(parts)) => parts,
        Some(_) => {
            return Err(RequestError::new(
                place,
                "must be a text or a list of parts",
            ));
        }
    };
    for (position, value) in parts.iter().enumerate() {
        let place = format!("{place}[{position}]");
        let part = part(value).ok_or_else(|| {
            RequestError::new(
                place,
                "is not a part that can be sent: use text, image_url, input_audio, video_url or file",
            )
        })?;
        let needs_new =
            matches!(part, Part::Text(_)) && all.last().is_some_and(|last| !last.media.is_empty());
        if needs_new {
            all.push(Stretch::default());
        }
        if let Some(last) = all.last_mut() {
            match part {
                Part::Text(text) => {
                    if !last.text.is_empty() {
                        last.text.push_str(separator);
                    }
                    last.text.push_str(text);
                }
                Part::Thinking(text) => last.reasoning.push_str(&text),
                Part::Refusal(text) => last.refusal.push_str(text),
                Part::Media(media) => last.media.push(media),
            }
        }
    }
    Ok(all)
}

enum Part<'v> {
    Text(&'v str),
    Thinking(String),
    Refusal(&'v str),
    Media(Media),
}

fn part(value: &Value) -> Option<Part<'_>> {
    if let Value::String(text) = value {
        return Some(Part::Text(text));
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    // Addresses come as `{"url": …}` or as they are.
    let address = |name: &str| {
        let inner = value.get(name)?;
        inner.get("url").unwrap_or(inner).as_str()
    };
    let media = match text("type")? {
        "text" | "input_text" | "output_text" => return text("text").map(Part::Text),
        "refusal" => return text("refusal").map(Part::Refusal),
        "thinking" => return thinking(value.get("thinking")?).map(Part::Thinking),
        "image_url" => {
            let mut media = from_address(MediaKind::Image, address("image_url")?);
            let detail = value.get("image_url")?.get("detail");
            media.detail = detail.and_then(Value::as_str).map(Into::into);
            media
        }
        "video_url" => from_address(MediaKind::Video, address("video_url")?),
        "audio_url" => from_address(MediaKind::Audio, address("audio_url")?),
        "document_url" => {
            let mut media = from_address(MediaKind::File, text("document_url")?);
            media.name = text("document_name").map(Into::into);
            media
        }
        "input_audio" => {
            let audio = value.get("input_audio")?;
            let format = audio.get("format").and_then(Value::as_str).unwrap_or("wav");
            let data = audio.get("data").unwrap_or(audio).as_str()?;
            Media::base64(MediaKind::Audio, format!("audio/{format}"), data)
        }
        "file" => file(value.get("file").unwrap_or(value))?,
        _ => return None,
    };
    Some(Part::Media(media))
}

fn thinking(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => Some(
            parts
                .iter()
                .filter_map(|part| part.get("text")?.as_str())
                .collect(),
        ),
        _ => None,
    }
}

fn file(file: &Value) -> Option<Media> {
    let text = |name: &str| file.get(name).and_then(Value::as_str);
    let mut media = match (text("file_id"), text("file_data")) {
        (Some(id), _) => Media::new(MediaKind::File, MediaSource::ProviderFile(id.into())),
        (None, Some(data)) => from_address(MediaKind::File, data),
        (None, None) => return None,
    };
    media.name = text("filename").map(Into::into);
    Some(media)
}

/// Media at an address, or in a data URL.
fn from_address(kind: MediaKind, address: &str) -> Media {
    let data = address
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"));
    match data {
        Some(("", data)) => Media::new(kind, MediaSource::Base64(data.into())),
        Some((mime_type, data)) => Media::base64(kind, mime_type, data),
        None => Media::url(kind, address),
    }
}
