//! A run as lists show it, and its short preview.

use agno_core::MediaKind;
use agno_engine::RunOutput;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::media::{self, MediaView};
use super::message::{MessageView, messages};
use super::metrics::Metrics;
use super::run::{OwnedContent, RunScope, asked, content, input, metrics, reasoning};
use super::run_calls::{Calls, tools};
use super::time::iso_seconds;
use super::tool::Tool;

/// A run in a list. Unlike everywhere else, fields without a value are `null`.
#[derive(Debug, Serialize)]
pub(crate) struct RunRow<'a> {
    run_id: String,
    parent_run_id: &'static str,
    agent_id: &'a str,
    user_id: Option<&'a str>,
    status: &'static str,
    cancellation_stage: Option<&'static str>,
    run_input: &'a str,
    content: Option<OwnedContent<'a>>,
    run_response_format: &'static str,
    reasoning_content: &'a str,
    reasoning_steps: [(); 0],
    metrics: Metrics,
    metadata: Option<&'a Map<String, Value>>,
    messages: Vec<MessageView<'a>>,
    tools: Option<Vec<Tool<'a>>>,
    events: Option<&'a RawValue>,
    created_at: String,
    references: [(); 0],
    citations: Option<()>,
    reasoning_messages: [(); 0],
    session_state: &'a Map<String, Value>,
    images: [(); 0],
    videos: [(); 0],
    audio: [(); 0],
    files: [(); 0],
    response_audio: Option<()>,
    input_media: InputMedia<'a>,
    followups: Option<()>,
    forked_from_run_id: Option<String>,
    forked_from_message_index: Option<u32>,
    forked_from_session_id: Option<&'a str>,
    regenerated_from: Option<&'a str>,
    last_checkpoint_at_message_index: Option<u32>,
}

#[derive(Debug, Serialize)]
struct InputMedia<'a> {
    images: Vec<MediaView<'a>>,
    videos: Vec<MediaView<'a>>,
    audios: Vec<MediaView<'a>>,
    files: Vec<MediaView<'a>>,
}

impl<'a> RunRow<'a> {
    /// The row of a run.
    pub(crate) fn new(run: &'a RunOutput, calls: &'a Calls, scope: RunScope<'a>) -> Self {
        let tools = tools(run, calls, scope.agent);
        let events = scope.events.filter(|events| events.get() != "[]");
        Self {
            run_id: run.run_id.to_string(),
            parent_run_id: "",
            agent_id: &run.agent_id,
            user_id: run.input.user_id.as_ref().map(|id| id.as_str()),
            status: run.status.as_str(),
            cancellation_stage: (run.status == agno_core::RunStatus::Cancelled)
                .then_some("EXECUTING"),
            run_input: input(run).text(),
            content: content(run, scope.raw_answer),
            run_response_format: if run.structured.is_some() {
                "json"
            } else {
                "text"
            },
            reasoning_content: reasoning(run).unwrap_or_default(),
            reasoning_steps: [],
            metrics: metrics(run, &scope),
            metadata: Some(&run.input.metadata).filter(|metadata| !metadata.is_empty()),
            messages: messages(run, &[]),
            tools: (!tools.is_empty()).then_some(tools),
            events,
            created_at: iso_seconds(run.started),
            references: [],
            citations: None,
            reasoning_messages: [],
            session_state: scope.state,
            images: [],
            videos: [],
            audio: [],
            files: [],
            response_audio: None,
            input_media: input_media(run),
            followups: None,
            forked_from_run_id: run.input.forked_from.map(|id| id.to_string()),
            forked_from_message_index: None,
            forked_from_session_id: None,
            regenerated_from: None,
            last_checkpoint_at_message_index: None,
        }
    }
}

fn input_media(run: &RunOutput) -> InputMedia<'_> {
    let (index, message) = asked(run);
    let media = match message {
        Some(agno_core::Message::User(user)) => user.content.media(),
        _ => &[],
    };
    let of_kind = |kind| media::of_kind(media, kind, run.run_id, index).unwrap_or_default();
    InputMedia {
        images: of_kind(MediaKind::Image),
        videos: of_kind(MediaKind::Video),
        audios: of_kind(MediaKind::Audio),
        files: of_kind(MediaKind::File),
    }
}

/// The few words that a list of runs needs.
#[derive(Debug, Serialize)]
pub(crate) struct RunPreview<'a> {
    run_id: String,
    parent_run_id: &'static str,
    agent_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    status: &'static str,
    run_input: &'a str,
    content_preview: String,
    created_at: String,
}

/// How many characters of an answer a preview shows.
const PREVIEW_CHARACTERS: usize = 200;

impl<'a> RunPreview<'a> {
    /// The preview of a run.
    pub(crate) fn new(run: &'a RunOutput) -> Self {
        let text = match content(run, true) {
            Some(OwnedContent::Made(text)) => text,
            _ => run.content.to_string(),
        };
        Self {
            run_id: run.run_id.to_string(),
            parent_run_id: "",
            agent_id: &run.agent_id,
            user_id: run.input.user_id.as_ref().map(|id| id.as_str()),
            status: run.status.as_str(),
            run_input: input(run).text(),
            content_preview: text.chars().take(PREVIEW_CHARACTERS).collect(),
            created_at: iso_seconds(run.started),
        }
    }
}
