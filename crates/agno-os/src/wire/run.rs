//! A run as a whole.

use agno_core::{MediaKind, Message, ReplyMetadata, RunFailure, RunId, RunStatus};
use agno_engine::RunOutput;
use agno_runtime::Agent;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::media::{self, MediaView};
use super::message::{MessageView, messages};
use super::metrics::{Metrics, provider_label};
use super::requirement::{RequirementView, pause_text};
use super::run_calls::{Calls, requirements, tools};
use super::tool::Tool;

/// An answer: text, or JSON that fits a schema.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Content<'a> {
    /// Text.
    Text(&'a str),
    /// An object.
    Json(&'a Value),
}

/// What a view of a run needs beside the run itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunScope<'a> {
    /// The agent, if it is still there.
    pub(crate) agent: Option<&'a Agent>,
    /// The model's id and provider, as the run was stored.
    pub(crate) model: Option<(&'a str, &'a str)>,
    /// The session state at the end of the run.
    pub(crate) state: &'a Map<String, Value>,
    /// The earlier runs that were shown to the model.
    pub(crate) history: &'a [RunOutput],
    /// The events of a streamed run, a JSON array.
    pub(crate) events: Option<&'a RawValue>,
    /// Shows an answer that fits a schema as the text that it is.
    pub(crate) raw_answer: bool,
    /// How it came of an earlier run.
    pub(crate) lineage: Lineage,
}

/// How a run came of an earlier one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lineage {
    /// How many messages it shares with the earlier run.
    pub(crate) message_index: Option<usize>,
    /// The run that it does over.
    pub(crate) regenerated_from: Option<RunId>,
    /// How many messages it had when it was last saved in between.
    pub(crate) checkpoint: Option<usize>,
    /// How many of its messages are shown, if not all.
    pub(crate) shown_messages: Option<usize>,
}

impl<'a> RunScope<'a> {
    /// The id of the model, its provider, and the provider as metrics name it.
    pub(crate) fn model(&self) -> (&'a str, &'a str, String) {
        match (self.agent.map(|agent| agent.model().info()), self.model) {
            (Some(info), Some((id, provider))) if *info.id == *id => {
                (id, provider, provider_label(&info.name, provider))
            }
            (_, Some((id, provider))) => (id, provider, provider.to_owned()),
            (Some(info), None) => (
                &info.id,
                &info.provider,
                provider_label(&info.name, &info.provider),
            ),
            (None, None) => ("", "", String::new()),
        }
    }
}

/// A run, as the endpoints that run agents show it.
#[derive(Debug, Serialize)]
pub(crate) struct RunView<'a> {
    run_id: String,
    agent_id: &'a str,
    agent_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<OwnedContent<'a>>,
    content_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_provider_data: Option<&'a ReplyMetadata>,
    model: &'a str,
    model_provider: &'a str,
    session_state: &'a Map<String, Value>,
    created_at: u64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forked_from_run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forked_from_message_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regenerated_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_checkpoint_at_message_index: Option<usize>,
    metrics: Metrics,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<&'a RawValue>,
    messages: Vec<MessageView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Map<String, Value>>,
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirements: Option<Vec<RequirementView<'a>>>,
    input: InputView<'a>,
}

/// The content of a run: its answer, or what stands for it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum OwnedContent<'a> {
    /// The run's own.
    Own(Content<'a>),
    /// Made up for a run without an answer.
    Made(String),
}

/// What a run was given.
#[derive(Debug, Serialize)]
pub(crate) struct InputView<'a> {
    input_content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Vec<MediaView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audios: Option<Vec<MediaView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    videos: Option<Vec<MediaView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<MediaView<'a>>>,
}

impl<'a> InputView<'a> {
    /// The text.
    pub(crate) const fn text(&self) -> &'a str {
        self.input_content
    }
}

impl<'a> RunView<'a> {
    /// The view of a run. `calls` is what [`asked_in`] says about its records.
    pub(crate) fn new(run: &'a RunOutput, calls: &'a Calls, scope: RunScope<'a>) -> Self {
        let (model, model_provider, _) = scope.model();
        let mut shown = messages(run, scope.history);
        shown.truncate(scope.lineage.shown_messages.unwrap_or(usize::MAX));
        let metadata = &run.input.metadata;
        Self {
            run_id: run.run_id.to_string(),
            agent_id: &run.agent_id,
            agent_name: scope.agent.map_or(&*run.agent_id, Agent::name),
            session_id: run.input.session_id.as_ref().map(|id| id.as_str()),
            user_id: run.input.user_id.as_ref().map(|id| id.as_str()),
            content: content(run, scope.raw_answer),
            content_type: content_type(run, scope.raw_answer),
            reasoning_content: reasoning(run),
            model_provider_data: provider_data(run),
            model,
            model_provider,
            session_state: scope.state,
            created_at: run.started.seconds(),
            status: run.status.as_str(),
            cancellation_stage: (run.status == RunStatus::Cancelled).then_some("EXECUTING"),
            forked_from_run_id: run.input.forked_from.map(|id| id.to_string()),
            forked_from_message_index: scope.lineage.message_index,
            regenerated_from: scope.lineage.regenerated_from.map(|id| id.to_string()),
            last_checkpoint_at_message_index: scope.lineage.checkpoint,
            metrics: metrics(run, &scope),
            events: scope.events,
            messages: shown,
            metadata: Some(metadata).filter(|metadata| !metadata.is_empty()),
            tools: tools(run, calls, scope.agent),
            requirements: requirements(run, calls, scope.agent),
            input: input(run),
        }
    }
}

/// What a run came to, as its client reads it.
pub(crate) fn content(run: &RunOutput, raw_answer: bool) -> Option<OwnedContent<'_>> {
    let text = OwnedContent::Own(Content::Text(&run.content));
    match (&run.failure, &run.structured, run.status) {
        (Some(failure), ..) => Some(OwnedContent::Made(failure_text(failure))),
        (_, _, RunStatus::Paused) if run.content.is_empty() => {
            Some(OwnedContent::Made(pause_text(&run.requirements)))
        }
        (_, Some(value), _) if !raw_answer => Some(OwnedContent::Own(Content::Json(value))),
        (_, _, RunStatus::Running | RunStatus::Pending) if run.content.is_empty() => None,
        _ => Some(text),
    }
}

fn content_type(run: &RunOutput, raw_answer: bool) -> &str {
    match (&run.structured, &run.input.output) {
        (Some(_), Some(output)) if !raw_answer => &output.name,
        _ => "str",
    }
}

/// The reasoning of the last reply, if there was any.
pub(crate) fn reasoning(run: &RunOutput) -> Option<&str> {
    run.messages
        .iter()
        .rev()
        .find_map(|known| match &*known.message {
            Message::Assistant(answer) => answer.content.reasoning().map(|text| &**text),
            _ => None,
        })
}

fn provider_data(run: &RunOutput) -> Option<&ReplyMetadata> {
    run.messages
        .iter()
        .rev()
        .find_map(|known| known.reply.as_ref()?.metadata.as_deref())
}

/// What a run used. How long it took does not count the time it waited for a person.
pub(crate) fn metrics(run: &RunOutput, scope: &RunScope<'_>) -> Metrics {
    let (id, _, provider) = scope.model();
    let first = run.first_micros.or_else(|| first_reply(run));
    let took = run.updated.micros_since(run.started);
    let running = matches!(run.status, RunStatus::Running | RunStatus::Pending);
    Metrics::new()
        .total(run.usage)
        .time(first, (!running).then_some(took))
        .model(run.usage, id, &provider)
}

/// Microseconds from the start to the first reply that came in one piece.
fn first_reply(run: &RunOutput) -> Option<u64> {
    let reply = run.messages.iter().find_map(|known| known.reply.as_ref())?;
    let timing = &reply.timing;
    Some(timing.started.micros_since(run.started) + timing.first_micros.unwrap_or(timing.micros))
}

/// The message that a run answers and its number: the last of its input, or the first of a run that
/// begins with the conversation of another.
pub(crate) fn asked(run: &RunOutput) -> (usize, Option<&Message>) {
    let messages = &run.input.messages;
    let position = match run.input.forked_from {
        Some(_) => 0,
        None => messages.len().saturating_sub(1),
    };
    let system = usize::from(run.input.system.is_some());
    let message = messages.get(position).map(|message| &**message);
    (system + position, message)
}

/// What a run was given, without examples.
pub(crate) fn input(run: &RunOutput) -> InputView<'_> {
    let (index, message) = asked(run);
    let media = match message {
        Some(Message::User(user)) => user.content.media(),
        _ => &[],
    };
    let of_kind = |kind| media::of_kind(media, kind, run.run_id, index);
    InputView {
        input_content: message.map_or("", |message| message.text()),
        images: of_kind(MediaKind::Image),
        audios: of_kind(MediaKind::Audio),
        videos: of_kind(MediaKind::Video),
        files: of_kind(MediaKind::File),
    }
}

/// What a client reads of a failure: the provider's own words where a provider failed.
pub(crate) fn failure_text(failure: &RunFailure) -> String {
    match failure {
        RunFailure::Model(error) => error
            .body
            .as_deref()
            .and_then(providers_words)
            .unwrap_or_else(|| error.message.to_string()),
        other => other.to_string(),
    }
}

/// The message in the body of a provider's error, where it has the usual form.
fn providers_words(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let error = body.get("error").unwrap_or(&body);
    Some(error.get("message")?.as_str()?.to_owned()).filter(|text| !text.is_empty())
}

/// The class of a failure.
pub(crate) const fn failure_type(failure: &RunFailure) -> &'static str {
    match failure {
        RunFailure::Model(_) => "model_provider_error",
        other => other.code(),
    }
}
