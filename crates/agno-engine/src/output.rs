//! A run as a whole: the fold of its records.

use std::fmt;
use std::sync::Arc;

use agno_core::{
    Message, ReplyMetadata, Requirement, Resolution, RunFailure, RunId, RunStatus, Timestamp,
    Timing, ToolErrorKind, ToolExecution, ToolMessage, Usage,
};
use serde_json::Value;

use crate::fact::{Fact, Finished, ModelReplied, Record, RunInput, Start};

/// What a run was given, did and came to.
///
/// It is folded from the run's records alone, so a stored run can be shown whatever has become of
/// the agent since.
#[derive(Clone, Debug)]
pub struct RunOutput {
    /// The run.
    pub run_id: RunId,
    /// The agent's id.
    pub agent_id: Arc<str>,
    /// Where the run stands.
    pub status: RunStatus,
    /// The answer's text; empty while there is none.
    pub content: Arc<str>,
    /// The answer as JSON, if an output schema was asked for and the answer fits it.
    pub structured: Option<Value>,
    /// What the run was given.
    pub input: RunInput,
    /// The run's messages without its history: system, examples, input, and what followed.
    pub messages: Vec<RunMessage>,
    /// Tool calls in the order in which the model asked for them.
    pub tools: Vec<ToolExecution>,
    /// What all model calls cost together.
    pub usage: Usage,
    /// How often the model replied.
    pub model_calls: u32,
    /// What a person must decide before the run goes on.
    pub requirements: Arc<[Requirement]>,
    /// Why there is no answer.
    pub failure: Option<RunFailure>,
    /// When it began.
    pub started: Timestamp,
    /// When its last fact was recorded.
    pub updated: Timestamp,
    /// Microseconds from the start to the first piece of the first reply, where it was streamed.
    pub first_micros: Option<u64>,
    /// The records that all this was folded from: the run's journal.
    pub records: Vec<Record>,
    /// What was asked at the last pause: its answers follow after the run goes on.
    asked: Arc<[Requirement]>,
}

/// A message with what is known about it.
#[derive(Clone, Debug)]
pub struct RunMessage {
    /// The message.
    pub message: Arc<Message>,
    /// When it came.
    pub time: Timestamp,
    /// For a model's reply: what it cost and took, and what the provider said beside it.
    pub reply: Option<Box<ReplyDetails>>,
}

/// What is known about a model's reply.
#[derive(Clone, Debug)]
pub struct ReplyDetails {
    /// What it cost.
    pub usage: Usage,
    /// How long it took.
    pub timing: Timing,
    /// What the provider said beside it.
    pub metadata: Option<Arc<ReplyMetadata>>,
}

impl RunOutput {
    /// The fold of the records; `None` if there are none or the first is not a start.
    pub fn from_records(run_id: RunId, records: Vec<Record>) -> Option<Self> {
        let (first, rest) = records.split_first()?;
        let Fact::Started(start) = &first.fact else {
            return None;
        };
        let mut output = Self::begin(run_id, start, first.time);
        for record in rest {
            output.apply(record);
        }
        output.records = records;
        Some(output)
    }

    /// Which of the messages are copies of an earlier run's, with whose conversation this run
    /// begins. Whoever puts several runs together leaves them out.
    pub fn inherited(&self) -> std::ops::Range<usize> {
        let system = usize::from(self.input.system.is_some());
        let copied = match self.input.forked_from {
            Some(_) => self.input.messages.len().saturating_sub(1),
            None => 0,
        };
        system..system + copied
    }

    fn begin(run_id: RunId, start: &Start, time: Timestamp) -> Self {
        let system = start
            .input
            .system
            .iter()
            .map(|system| Arc::new(Message::system(Arc::clone(system))));
        let messages = system
            .chain(start.input.messages.iter().map(Arc::clone))
            .map(|message| RunMessage {
                message,
                time,
                reply: None,
            })
            .collect();
        Self {
            run_id,
            agent_id: Arc::clone(&start.definition),
            status: RunStatus::Running,
            content: "".into(),
            structured: None,
            input: start.input.clone(),
            messages,
            tools: Vec::new(),
            usage: Usage::default(),
            model_calls: 0,
            requirements: Arc::default(),
            failure: None,
            started: time,
            updated: time,
            first_micros: None,
            records: Vec::new(),
            asked: Arc::default(),
        }
    }

    fn apply(&mut self, record: &Record) {
        self.updated = record.time;
        match &record.fact {
            Fact::ModelReplied(replied) => self.model_replied(replied, record.time),
            Fact::ToolReturned(returned) => {
                self.tool_done(&returned.call_id, record.time, |execution| {
                    execution.output = Some(returned.output.clone());
                    execution.timing = Some(returned.timing);
                });
            }
            Fact::ToolFailed(failed) => {
                self.tool_done(&failed.call_id, record.time, |execution| {
                    execution.output = Some(agno_core::ToolOutput::text(Arc::clone(
                        &failed.error.message,
                    )));
                    execution.error = Some(failed.error.kind);
                    execution.timing = Some(failed.timing);
                });
            }
            Fact::Paused(requirements) => {
                self.status = RunStatus::Paused;
                self.requirements = Arc::clone(requirements);
                self.asked = Arc::clone(requirements);
            }
            Fact::HumanAnswered(resolution) => self.resolved(record, resolution),
            Fact::Continued => {
                self.status = RunStatus::Running;
                self.requirements = Arc::default();
            }
            Fact::Cancelled {
                partial_text,
                partial,
                ..
            } => {
                self.status = RunStatus::Cancelled;
                self.requirements = Arc::default();
                if let Some(text) = partial_text {
                    self.content = Arc::clone(text);
                    let message = Arc::new(Message::assistant(Arc::clone(text)));
                    let reply = partial.as_deref().map(|partial| {
                        self.note_first(&partial.timing);
                        Box::new(ReplyDetails {
                            usage: Usage::default(),
                            timing: partial.timing,
                            metadata: partial.metadata.clone(),
                        })
                    });
                    self.messages.push(RunMessage {
                        message,
                        time: record.time,
                        reply,
                    });
                }
            }
            Fact::Finished(finished) => self.finished(finished),
            _ => {}
        }
        for message in &record.added {
            self.added(message, record.time);
        }
    }

    fn model_replied(&mut self, replied: &ModelReplied, time: Timestamp) {
        let reply = &replied.reply;
        self.model_calls += 1;
        self.usage += reply.usage;
        if self.model_calls == 1 {
            self.note_first(&replied.timing);
        }
        let message = crate::agent::with_unique_call_ids(&reply.message);
        if let Message::Assistant(answer) = &*message {
            self.content = Arc::clone(&answer.content.text);
            self.tools
                .extend(answer.tool_calls.iter().map(|call| ToolExecution {
                    call: call.clone(),
                    output: None,
                    error: None,
                    timing: None,
                }));
        }
        self.messages.push(RunMessage {
            message,
            time,
            reply: Some(Box::new(ReplyDetails {
                usage: reply.usage,
                timing: replied.timing,
                metadata: reply.metadata.clone(),
            })),
        });
    }

    /// Notes when the first piece of the first reply came.
    fn note_first(&mut self, timing: &Timing) {
        if let (None, Some(first)) = (self.first_micros, timing.first_micros) {
            self.first_micros = Some(timing.started.micros_since(self.started) + first);
        }
    }

    /// Notes the end of a call. Ids are unique within a reply only, so the newest one is meant.
    fn tool_done(&mut self, call_id: &str, time: Timestamp, note: impl FnOnce(&mut ToolExecution)) {
        let Some(execution) = self
            .tools
            .iter_mut()
            .rev()
            .find(|execution| *execution.call.id == *call_id)
        else {
            return;
        };
        note(execution);
        let message = Arc::new(Message::Tool(ToolMessage {
            call_id: Arc::clone(&execution.call.id),
            name: Arc::clone(&execution.call.name),
            output: execution.output.clone().unwrap_or_default(),
            is_error: execution.error.is_some(),
        }));
        self.place_tool_message(message, time);
    }

    /// Puts a tool message where the model saw it: after the results of the calls before it.
    fn place_tool_message(&mut self, message: Arc<Message>, time: Timestamp) {
        let Message::Tool(result) = &*message else {
            return;
        };
        let order = |id: &str| self.tools.iter().rposition(|tool| *tool.call.id == *id);
        let position = order(&result.call_id);
        let earlier_end = self
            .messages
            .iter()
            .rposition(|known| match &*known.message {
                Message::Tool(other) => order(&other.call_id) < position,
                _ => true,
            })
            .map_or(self.messages.len(), |index| index + 1);
        self.messages.insert(
            earlier_end,
            RunMessage {
                message,
                time,
                reply: None,
            },
        );
    }

    fn added(&mut self, message: &Arc<Message>, time: Timestamp) {
        let Message::Tool(result) = &**message else {
            self.messages.push(RunMessage {
                message: Arc::clone(message),
                time,
                reply: None,
            });
            return;
        };
        if let Some(execution) = self
            .tools
            .iter_mut()
            .rev()
            .find(|tool| tool.call.id == result.call_id)
        {
            execution.output = Some(result.output.clone());
            execution.error = result.is_error.then_some(ToolErrorKind::Failed);
        }
        self.place_tool_message(Arc::clone(message), time);
    }

    /// A person's values become part of the call's arguments.
    fn resolved(&mut self, record: &Record, resolution: &Resolution) {
        let Resolution::Input(values) = resolution else {
            return;
        };
        let asked = self
            .asked
            .iter()
            .find(|requirement| Some(requirement.at) == record.at);
        let Some(call) = asked.map(|requirement| requirement.call.clone()) else {
            return;
        };
        if let Some(execution) = self
            .tools
            .iter_mut()
            .rev()
            .find(|execution| execution.call.id == call.id)
        {
            execution.call = crate::agent::with_input(&call, values);
        }
    }

    fn finished(&mut self, finished: &Finished) {
        self.failure = finished.failure.as_deref().cloned();
        if let Some(content) = &finished.content {
            self.content = Arc::clone(content);
        }
        if self.status == RunStatus::Running {
            self.status = match self.failure {
                Some(_) => RunStatus::Error,
                None => RunStatus::Completed,
            };
        }
        if let (RunStatus::Completed, Some(spec)) = (self.status, &self.input.output) {
            // The machine held the model's answer to the schema, but not the result of a tool.
            self.structured = parse_structured(&self.content)
                .ok()
                .filter(|value| finished.content.is_none() || spec.schema.check(value).is_ok());
        }
    }
}

impl fmt::Display for RunOutput {
    /// The answer's text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.content)
    }
}

/// Reads an answer that has to be JSON. Reasoning at the start and a code fence around it, which
/// models add against all instructions, are left out.
///
/// # Errors
/// If what remains is not JSON.
pub fn parse_structured(text: &str) -> serde_json::Result<Value> {
    let text = text.trim();
    let text = match text
        .strip_prefix("<think>")
        .and_then(|rest| rest.split_once("</think>"))
    {
        Some((_, answer)) => answer.trim(),
        None => text,
    };
    let unfenced = text
        .strip_prefix("```")
        .and_then(|rest| rest.strip_suffix("```"))
        .map(|inner| inner.strip_prefix("json").unwrap_or(inner).trim());
    serde_json::from_str(unfenced.unwrap_or(text))
}
