//! Messages of a run.

use std::sync::Arc;

use agno_core::{Media, MediaKind, Message, ReplyMetadata, RunId, ToolCall};
use agno_engine::{RunMessage, RunOutput};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::media::{self, MediaView};
use super::metrics::ReplyMetrics;

/// A message with what is known about it.
#[derive(Debug, Serialize)]
pub(crate) struct MessageView<'a> {
    id: Uuid,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    from_history: bool,
    stop_after_tool_call: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Vec<CallView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_args: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_error: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Vec<MediaView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<Vec<MediaView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    videos: Option<Vec<MediaView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<MediaView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_data: Option<&'a ReplyMetadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<ReplyMetrics>,
    created_at: u64,
}

#[derive(Debug, Serialize)]
struct CallView<'a> {
    id: &'a str,
    function: FunctionView<'a>,
    r#type: &'static str,
}

#[derive(Debug, Serialize)]
struct FunctionView<'a> {
    arguments: &'a str,
    name: &'a str,
}

impl<'a> From<&'a ToolCall> for CallView<'a> {
    fn from(call: &'a ToolCall) -> Self {
        Self {
            id: &call.id,
            function: FunctionView {
                arguments: &call.arguments,
                name: &call.name,
            },
            r#type: "function",
        }
    }
}

/// The messages of a run as its client sees them: the system message, those of earlier runs that
/// were shown to the model, and what followed.
pub(crate) fn messages<'a>(run: &'a RunOutput, history: &'a [RunOutput]) -> Vec<MessageView<'a>> {
    let mut views = Vec::with_capacity(run.messages.len());
    let mut own = run
        .messages
        .iter()
        .enumerate()
        .map(|(index, known)| view(run, index, known, false))
        .peekable();
    if let Some(system) = own.next_if(|view| view.role == "system") {
        views.push(system);
    }
    views.extend(from_history(run, history));
    views.extend(own);
    views
}

/// Messages of earlier runs, under the ids that they have there.
fn from_history<'a>(run: &RunOutput, history: &'a [RunOutput]) -> Vec<MessageView<'a>> {
    let known = || {
        history
            .iter()
            .flat_map(|run| own(run).map(move |at| (run, at)))
    };
    let selected = run.input.history_policy.select(
        known()
            .map(|(_, (_, known))| known.message.clone())
            .collect(),
    );
    let mut rest = known();
    selected
        .iter()
        // A message that was shortened for the model is no longer the one that is known.
        .filter_map(|message| {
            let (run, (index, known)) = rest
                .clone()
                .find(|(_, (_, known))| Arc::ptr_eq(message, &known.message))?;
            rest.by_ref()
                .find(|(_, (_, known))| Arc::ptr_eq(message, &known.message));
            Some(view(run, index, known, true))
        })
        .collect()
}

/// The messages of a run with their numbers, without copies of an earlier run's.
fn own(run: &RunOutput) -> impl Iterator<Item = (usize, &RunMessage)> + Clone {
    let inherited = run.inherited();
    let messages = run.messages.iter().enumerate();
    messages.filter(move |(index, _)| !inherited.contains(index))
}

/// The messages that make up a conversation: what persons and the model said in each run.
pub(crate) fn conversation(runs: &[RunOutput]) -> Vec<MessageView<'_>> {
    runs.iter()
        .flat_map(|run| {
            own(run)
                .filter(|(_, known)| {
                    matches!(*known.message, Message::User(_) | Message::Assistant(_))
                })
                .map(move |(index, known)| view(run, index, known, false))
        })
        .collect()
}

fn view<'a>(
    run: &'a RunOutput,
    index: usize,
    known: &'a RunMessage,
    from_history: bool,
) -> MessageView<'a> {
    let message = &*known.message;
    let text = Some(&**message.text()).filter(|text| !text.is_empty());
    let mut view = MessageView {
        id: run.run_id.message_id(index),
        role: role(message),
        content: text,
        reasoning_content: None,
        from_history,
        stop_after_tool_call: false,
        tool_calls: None,
        tool_call_id: None,
        tool_name: None,
        tool_args: None,
        tool_call_error: None,
        images: None,
        audio: None,
        videos: None,
        files: None,
        provider_data: None,
        metrics: None,
        created_at: known.time.seconds(),
    };
    match message {
        Message::User(user) => view.media(user.content.media(), run.run_id, index),
        Message::Assistant(answer) => {
            view.reasoning_content = answer.content.reasoning().map(|text| &**text);
            view.media(answer.content.media(), run.run_id, index);
            if !answer.tool_calls.is_empty() {
                view.tool_calls = Some(answer.tool_calls.iter().map(CallView::from).collect());
            }
        }
        Message::Tool(result) => {
            view.tool_call_id = Some(&result.call_id);
            view.tool_name = Some(&result.name);
            view.tool_args = arguments(run, &result.call_id);
            view.tool_call_error = Some(result.is_error);
            view.media(result.output.media(), run.run_id, index);
        }
        _ => {}
    }
    if let Some(reply) = &known.reply {
        view.provider_data = reply.metadata.as_deref();
        view.metrics = Some(ReplyMetrics::new(
            reply.usage,
            &reply.timing,
            text.is_some(),
        ));
    }
    view
}

impl<'a> MessageView<'a> {
    fn media(&mut self, media: &'a [Media], run: RunId, message: usize) {
        if media.is_empty() {
            return;
        }
        self.images = media::of_kind(media, MediaKind::Image, run, message);
        self.audio = media::of_kind(media, MediaKind::Audio, run, message);
        self.videos = media::of_kind(media, MediaKind::Video, run, message);
        self.files = media::of_kind(media, MediaKind::File, run, message);
    }
}

const fn role(message: &Message) -> &'static str {
    match message {
        Message::System(_) => "system",
        Message::User(_) => "user",
        Message::Tool(_) => "tool",
        _ => "assistant",
    }
}

fn arguments(run: &RunOutput, call_id: &str) -> Option<Value> {
    run.tools
        .iter()
        .rev()
        .find(|execution| *execution.call.id == *call_id)
        .map(agno_core::ToolExecution::arguments)
}
