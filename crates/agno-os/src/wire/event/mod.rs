//! The events of a run as frames.
//!
//! A frame may need what earlier events said (the text so far, the tools, what was used), so the
//! encoder folds the events that it writes. It depends on them alone: a run that is told again from
//! its journal gives the same frames under the same numbers.

mod detail;
mod tools;

use std::sync::Arc;

use agno_core::{
    Event, EventKind, ReplyMetadata, RunFailure, RunId, Timestamp, ToolExecution, Usage,
};
use agno_engine::{Fact, Record, RunOutput, parse_structured};
use agno_runtime::Agent;
use bytes::BytesMut;
use serde_json::{Map, Value};

use self::detail::{Cancelled, Completed, Failed, ModelCompleted, ModelDetail, StructuredContent};
use super::frame::FrameWriter;
use super::metrics::{Metrics, provider_label};
use super::run::{Content, failure_text, failure_type};
use super::run_calls::{Calls, asked_for_at, asked_in};
use super::time::seconds;
use super::tool::Asked;

/// Writes the events of one run.
pub(crate) struct EventEncoder {
    agent: Agent,
    run_id: RunId,
    writer: FrameWriter,
    /// The name of the schema that the answer has to fit, if it is shown as an object.
    schema: Option<Arc<str>>,
    fold: Fold,
}

/// What earlier events said.
#[derive(Default)]
struct Fold {
    started: Option<Timestamp>,
    first_micros: Option<u64>,
    usage: Usage,
    /// The text of the current reply.
    text: String,
    /// The result of a tool that ended the run.
    tool_answer: Option<Arc<str>>,
    metadata: Option<Arc<ReplyMetadata>>,
    /// The metadata of the reply under way, as JSON.
    live_metadata: Option<(Arc<ReplyMetadata>, Box<str>)>,
    calls: Calls,
    executions: Vec<(ToolExecution, Timestamp)>,
    /// How often the run went on after a pause.
    continued: usize,
}

impl EventEncoder {
    /// An encoder for a run of which `records` are known. Its events follow from the first.
    pub(crate) fn new(agent: &Agent, run_id: RunId, records: &[Record], numbered: bool) -> Self {
        let input = match records.first().map(|record| &record.fact) {
            Some(Fact::Started(start)) => Some(&start.input),
            _ => None,
        };
        let session_id = input
            .and_then(|input| input.session_id.as_ref())
            .map_or("", |id| id.as_str());
        let id = run_id.to_string();
        Self {
            writer: FrameWriter::new(
                agent.id(),
                agent.name(),
                &id,
                session_id,
                numbered.then_some(0),
            ),
            agent: agent.clone(),
            run_id,
            schema: input
                .and_then(|input| input.output.as_ref())
                .map(|output| Arc::clone(&output.name)),
            fold: Fold {
                calls: asked_in(records),
                ..Fold::default()
            },
        }
    }

    /// An encoder for a run that goes on after a pause. Only what is new is told, numbered from 0.
    pub(crate) fn resumed(agent: &Agent, output: &RunOutput) -> Self {
        let mut encoder = Self::new(agent, output.run_id, &output.records, true);
        let fold = &mut encoder.fold;
        fold.started = Some(output.started);
        fold.first_micros = output.first_micros;
        fold.usage = output.usage;
        let asked = |execution: &ToolExecution| asked_for_at(output, execution);
        fold.executions = output
            .tools
            .iter()
            .map(|execution| (execution.clone(), asked(execution)))
            .collect();
        encoder
    }

    /// Tells only pieces of the answer.
    pub(crate) const fn content_only(&mut self) {
        self.writer.quiet();
    }

    /// Shows an answer that fits a schema as the text that it is.
    pub(crate) fn raw_answer(&mut self) {
        self.schema = None;
    }

    /// Notes what a person decided about a call.
    pub(crate) fn note_answer(&mut self, call_id: &Arc<str>, asked: Asked) {
        self.fold.calls.insert(Arc::clone(call_id), asked);
    }

    /// Starts numbering again: for a run whose frames are numbered anew after each pause.
    pub(crate) const fn restart_numbers(&mut self) {
        self.writer.number_from(0);
    }

    /// How often the run went on after a pause, as far as it was told.
    pub(crate) const fn continued(&self) -> usize {
        self.fold.continued
    }

    /// Notes what the provider says beside the reply under way.
    pub(crate) fn note_metadata(&mut self, metadata: Option<&Arc<ReplyMetadata>>) {
        let Some(metadata) = metadata else {
            return;
        };
        let known = self.fold.live_metadata.as_ref();
        if !known.is_some_and(|(known, _)| Arc::ptr_eq(known, metadata)) {
            let json = serde_json::to_string(metadata)
                .unwrap_or_default()
                .into_boxed_str();
            self.fold.live_metadata = Some((Arc::clone(metadata), json));
        }
    }

    /// Writes the frames of an event: none, one or two. `state` gives the session state as it is
    /// now, and is asked only where it is shown.
    pub(crate) fn encode(
        &mut self,
        event: &Event,
        state: impl FnOnce() -> Map<String, Value>,
        out: &mut BytesMut,
    ) {
        let time = event.time.seconds();
        match &event.kind {
            EventKind::Content(text) => {
                self.fold.text.push_str(text);
                if self.schema.is_none() {
                    self.text(time, text, "", out);
                }
            }
            EventKind::Reasoning(text) => self.text(time, "", text, out),
            EventKind::ContentReset => self.fold.text.clear(),
            kind => self.encode_rare(kind, event.time, state, out),
        }
    }

    fn text(&mut self, time: u64, content: &str, reasoning: &str, out: &mut BytesMut) {
        let metadata = self.fold.live_metadata.as_ref().map(|(_, json)| &**json);
        self.writer.text(time, content, reasoning, metadata, out);
    }

    fn encode_rare(
        &mut self,
        kind: &EventKind,
        at: Timestamp,
        state: impl FnOnce() -> Map<String, Value>,
        out: &mut BytesMut,
    ) {
        match kind {
            EventKind::RunStarted => {
                self.fold.started = Some(at);
                self.model_frame("RunStarted", at, out);
            }
            EventKind::RunContinued => {
                self.fold.continued += 1;
                self.plain("RunContinued", at, out);
            }
            EventKind::ModelRequestStarted => {
                self.fold.text.clear();
                self.fold.tool_answer = None;
                self.model_frame("ModelRequestStarted", at, out);
            }
            EventKind::ModelRequestCompleted(done) => self.model_completed(done, at, out),
            EventKind::ToolCallStarted(call) => self.tool_started(call, at, out),
            EventKind::ToolCallCompleted(execution) => self.tool_completed(execution, at, out),
            EventKind::ContentCompleted => self.plain("RunContentCompleted", at, out),
            EventKind::RunPaused(requirements) => self.paused(requirements, at, out),
            EventKind::RunCompleted => self.completed(at, state(), out),
            EventKind::RunCancelled { reason } => {
                let detail = Cancelled {
                    content: &self.fold.text,
                    reason,
                };
                self.writer
                    .detailed("RunCancelled", at.seconds(), &detail, out);
            }
            EventKind::RunFailed(failure) => self.failed(failure, at, out),
            // What a client of Agno has no word for is in the run's journal.
            _ => {}
        }
    }

    fn plain(&mut self, name: &str, at: Timestamp, out: &mut BytesMut) {
        self.writer.plain(name, at.seconds(), out);
    }

    fn model_frame(&mut self, name: &str, at: Timestamp, out: &mut BytesMut) {
        let info = self.agent.model().info();
        let detail = ModelDetail {
            model: &info.id,
            model_provider: &info.provider,
        };
        self.writer.detailed(name, at.seconds(), &detail, out);
    }

    fn model_completed(
        &mut self,
        done: &agno_core::ModelRequestCompleted,
        at: Timestamp,
        out: &mut BytesMut,
    ) {
        let usage = &done.usage;
        let first = done.timing.first_micros.unwrap_or(done.timing.micros);
        self.fold.usage += *usage;
        self.fold.metadata.clone_from(&done.metadata);
        self.fold.live_metadata = None;
        if self.fold.first_micros.is_none() {
            let started = self.fold.started.unwrap_or(done.timing.started);
            self.fold.first_micros = Some(done.timing.started.micros_since(started) + first);
        }
        self.structured_content(at, out);
        let info = self.agent.model().info();
        let detail = ModelCompleted {
            model: &info.id,
            model_provider: &info.provider,
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            total_tokens: usage.total_tokens,
            time_to_first_token: (!self.fold.text.is_empty()).then(|| seconds(first)),
            reasoning_tokens: usage.reasoning_tokens,
            cache_read_tokens: usage.cache_read_tokens,
            cache_write_tokens: usage.cache_write_tokens,
        };
        self.writer
            .detailed("ModelRequestCompleted", at.seconds(), &detail, out);
    }

    /// An answer that has to fit a schema is told once it is whole.
    fn structured_content(&mut self, at: Timestamp, out: &mut BytesMut) {
        let Some(schema) = self.schema.clone().filter(|_| !self.fold.text.is_empty()) else {
            return;
        };
        let value = parse_structured(&self.fold.text).ok();
        let detail = StructuredContent {
            workflow_agent: false,
            content_type: if value.is_some() { &schema } else { "str" },
            reasoning_content: "",
            content: match &value {
                Some(value) => Content::Json(value),
                None => Content::Text(&self.fold.text),
            },
            model_provider_data: None,
        };
        self.writer
            .detailed("RunContent", at.seconds(), &detail, out);
    }

    fn metrics(&self, at: Timestamp) -> Metrics {
        let info = self.agent.model().info();
        let provider = provider_label(&info.name, &info.provider);
        let micros = self.fold.started.map(|started| at.micros_since(started));
        Metrics::new()
            .total(self.fold.usage)
            .time(self.fold.first_micros, micros)
            .model(self.fold.usage, &info.id, &provider)
    }

    fn completed(&mut self, at: Timestamp, state: Map<String, Value>, out: &mut BytesMut) {
        let text = self.fold.tool_answer.as_deref().unwrap_or(&self.fold.text);
        let value = self
            .schema
            .as_ref()
            .and_then(|_| parse_structured(text).ok());
        let detail = Completed {
            content: match &value {
                Some(value) => Content::Json(value),
                None => Content::Text(text),
            },
            content_type: match (&self.schema, &value) {
                (Some(schema), Some(_)) => schema,
                _ => "str",
            },
            model_provider_data: self.fold.metadata.as_deref(),
            session_state: state,
            metrics: self.metrics(at),
        };
        self.writer
            .detailed("RunCompleted", at.seconds(), &detail, out);
    }

    fn failed(&mut self, failure: &RunFailure, at: Timestamp, out: &mut BytesMut) {
        let detail = Failed {
            content: &failure_text(failure),
            error_type: failure_type(failure),
        };
        self.writer.detailed("RunError", at.seconds(), &detail, out);
    }
}
