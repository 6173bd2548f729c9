//! The agent: ask the model, run the tools it asks for, repeat until it answers.

mod answer;
mod arguments;
mod calls;
mod tools;

use std::sync::Arc;

use agno_core::{
    Digest, EventKind, Message, ModelError, ModelRequestCompleted, ModelRequestRetried, Recovery,
    RunFailure, StatePatch, Thread, Timestamp, Usage,
};
use serde::{Deserialize, Serialize};

pub(crate) use self::arguments::with_input;
pub(crate) use self::calls::with_unique_call_ids;
use self::tools::ToolBatch;
use crate::command::{Command, Outcome};
use crate::definition::AgentDefinition;
use crate::fact::{Fact, ModelReplied, OutputSpec, Piece, Start};
use crate::step::StepContext;

/// The state of an agent's run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AgentMachine {
    definition: Arc<str>,
    thread: Thread,
    output: Option<OutputSpec>,
    phase: Phase,
    started: Timestamp,
    usage: Usage,
    state: StatePatch,
    /// Replies of the model so far.
    turns: u32,
    /// Failed attempts at the current model call.
    attempts: u32,
    /// Corrections of the answer asked for so far.
    repairs: u32,
    /// Executed tool calls so far, and by name for tools with a limit of their own.
    tool_calls: u32,
    calls_by_tool: Vec<(Arc<str>, u32)>,
}

/// What the machine waits for.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Phase {
    /// The model, or the time to ask it again.
    Model,
    /// Tools and persons.
    Tools(ToolBatch),
}

impl AgentMachine {
    pub(crate) fn new(start: &Start, time: Timestamp) -> Self {
        // Room for a short conversation: most runs never grow it.
        let known = start.input.history.len() + start.input.messages.len() + 1;
        Self {
            definition: Arc::clone(&start.definition),
            thread: Thread::with_capacity(known + 4),
            output: start.input.output.clone(),
            phase: Phase::Model,
            started: time,
            usage: Usage::default(),
            state: StatePatch::default(),
            turns: 0,
            attempts: 0,
            repairs: 0,
            tool_calls: 0,
            calls_by_tool: Vec::new(),
        }
    }

    pub(crate) const fn state_patch(&self) -> &StatePatch {
        &self.state
    }

    pub(crate) fn start(&mut self, start: &Start, context: &mut StepContext<'_>) {
        let input = &start.input;
        if let Some(system) = &input.system {
            self.thread
                .push(Arc::new(Message::system(Arc::clone(system))));
        }
        for message in input.history.iter().chain(&input.messages) {
            self.thread.push(Arc::clone(message));
        }
        self.state.0.extend(input.state.clone());
        context.emit(EventKind::RunStarted);
        self.ask_model(context);
    }

    pub(crate) fn answer(&mut self, command: u32, fact: &Fact, context: &mut StepContext<'_>) {
        match fact {
            Fact::ModelReplied(replied) => self.model_replied(replied, context),
            Fact::ModelFailed(error) => self.model_failed(error, context),
            Fact::Woke => self.ask_model(context),
            other => self.tool_fact(command, other, context),
        }
    }

    /// Asks the model, unless a limit was reached.
    fn ask_model(&mut self, context: &mut StepContext<'_>) {
        if let Some(reason) = self.exhausted(context) {
            return context.finish(Outcome::Failed(RunFailure::LimitReached(reason.into())));
        }
        self.phase = Phase::Model;
        context.emit(EventKind::ModelRequestStarted);
        context.issue(Command::CallModel {
            thread: self.thread.clone(),
            turn: self.turns,
        });
    }

    /// Which limit keeps the run from asking the model again.
    fn exhausted(&self, context: &StepContext<'_>) -> Option<String> {
        let limits = &self.definition(context)?.limits;
        let reached = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used >= limit);
        if reached(limits.model_calls.map(u64::from), u64::from(self.turns)) {
            Some(format!(
                "the run asked the model {} times without an answer; raise `limits.model_calls` \
                 if that is to be expected",
                self.turns
            ))
        } else if reached(limits.total_tokens, self.usage.total_tokens) {
            Some(format!(
                "the run used {} tokens, its budget is {}",
                self.usage.total_tokens,
                limits.total_tokens.unwrap_or_default()
            ))
        } else if reached(limits.cost_nano_usd, self.usage.cost_nano_usd) {
            Some(format!(
                "the run cost {} billionths of a US dollar",
                self.usage.cost_nano_usd
            ))
        } else if reached(
            limits.seconds,
            context.time.micros_since(self.started) / 1_000_000,
        ) {
            Some(format!(
                "the run took {} seconds",
                limits.seconds.unwrap_or_default()
            ))
        } else {
            None
        }
    }

    fn definition<'a>(&self, context: &StepContext<'a>) -> Option<&'a AgentDefinition> {
        context.definitions.agent(&self.definition)
    }

    fn model_replied(&mut self, replied: &ModelReplied, context: &mut StepContext<'_>) {
        self.turns += 1;
        self.attempts = 0;
        let reply = &replied.reply;
        self.usage += reply.usage;
        if let Message::Assistant(answer) = &*reply.message {
            let content = &answer.content;
            emit_pieces(
                Some(&content.text),
                content.reasoning(),
                &replied.pieces,
                context,
            );
        }
        context.emit(EventKind::ModelRequestCompleted(Box::new(
            ModelRequestCompleted {
                usage: reply.usage,
                timing: replied.timing,
                metadata: reply.metadata.clone(),
            },
        )));
        let message = with_unique_call_ids(&reply.message);
        self.thread.push(Arc::clone(&message));
        match &*message {
            Message::Assistant(answer) if !answer.tool_calls.is_empty() => {
                self.start_tools(&answer.tool_calls, context);
            }
            message => self.model_answered(message, reply.finish.reason, context),
        }
    }

    fn model_failed(&mut self, error: &ModelError, context: &mut StepContext<'_>) {
        self.attempts += 1;
        let until = match (error.recovery(), self.definition(context)) {
            (Recovery::Retry { after_ms }, Some(definition)) => definition.retry.next_attempt(
                context.time,
                self.attempts,
                after_ms,
                self.thread.digest() ^ context.time.0,
            ),
            _ => None,
        };
        let Some(until) = until else {
            let failure = RunFailure::Model(Box::new(error.clone()));
            return context.finish(Outcome::Failed(failure));
        };
        if error.partial_text.is_some() {
            context.emit(EventKind::ContentReset);
        }
        context.emit(EventKind::ModelRequestRetried(Box::new(
            ModelRequestRetried {
                error: error.clone(),
                until,
            },
        )));
        context.issue(Command::Wait { until });
    }

    /// Ends the run with the given answer.
    fn complete(&self, content: Arc<str>, from_tool: bool, context: &mut StepContext<'_>) {
        context.emit(EventKind::ContentCompleted);
        let mut effects = Digest::new();
        effects.number(self.thread.digest());
        effects.number(self.usage.input_tokens);
        effects.number(self.usage.output_tokens);
        effects.number(self.usage.total_tokens);
        effects.number(self.usage.cost_nano_usd);
        if !self.state.is_empty() {
            effects.text(&serde_json::to_string(&self.state).unwrap_or_default());
        }
        context.finish(Outcome::Completed {
            content,
            from_tool,
            effects: effects.finish(),
        });
    }
}

/// Tells the streamed pieces again as they were recorded, and in one piece what none of them covers.
pub(crate) fn emit_pieces(
    whole_text: Option<&Arc<str>>,
    whole_reasoning: Option<&Arc<str>>,
    pieces: &[Piece],
    context: &mut StepContext<'_>,
) {
    let mut text = whole_text.map_or("", |text| text);
    let mut reasoning = whole_reasoning.map_or("", |reasoning| reasoning);
    for piece in pieces {
        let rest = if piece.reasoning {
            &mut reasoning
        } else {
            &mut text
        };
        if let Some((told, later)) = rest.split_at_checked(piece.bytes as usize) {
            *rest = later;
            context.emit(content_event(piece.reasoning, told.into()));
        }
    }
    // Without pieces, the whole text is shared instead of copied.
    for (is_reasoning, rest, whole) in [
        (true, reasoning, whole_reasoning),
        (false, text, whole_text),
    ] {
        match whole {
            _ if rest.is_empty() => {}
            Some(whole) if whole.len() == rest.len() => {
                context.emit(content_event(is_reasoning, Arc::clone(whole)));
            }
            _ => context.emit(content_event(is_reasoning, rest.into())),
        }
    }
}

const fn content_event(reasoning: bool, text: Arc<str>) -> EventKind {
    if reasoning {
        EventKind::Reasoning(text)
    } else {
        EventKind::Content(text)
    }
}
