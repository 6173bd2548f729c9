//! A batch of tool calls: what one reply of the model asked for.
//!
//! Each call is a command of its own, so that a crash in the middle of a batch, or one call among
//! three that needs a person, is no special case. Results are shown to the model in the order of
//! the calls, whatever the order in which they came.

use std::sync::Arc;

use agno_core::{
    Effect, EventKind, Interaction, Message, RequirementKind, Resolution, RunFailure, Timing,
    ToolCall, ToolError, ToolErrorKind, ToolExecution, ToolMessage, ToolOutput, ToolSpec,
};
use serde::{Deserialize, Serialize};

use super::arguments::{check_all_arguments, check_arguments, with_input};
use super::{AgentMachine, Phase};
use crate::command::{Command, Outcome};
use crate::fact::{Fact, ToolFailed, ToolReturned};
use crate::step::StepContext;

/// The calls of one reply, in its order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ToolBatch {
    slots: Vec<Slot>,
    /// The result that ends the run, if a tool with `stop_after_call` returned one.
    stop: Option<Arc<str>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Slot {
    call: ToolCall,
    state: SlotState,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum SlotState {
    /// A command was issued under this number.
    Waiting(u32),
    /// A person is asked under this number what became of a call that was cut off.
    Unknown(u32),
    /// This is what the model gets to read.
    Answered(Arc<Message>),
}

impl SlotState {
    const fn waits_for(&self, command: u32) -> bool {
        matches!(self, Self::Waiting(number) | Self::Unknown(number) if *number == command)
    }
}

/// What to do with a call before anything is run.
enum Admission {
    Run(Command),
    Refuse(ToolError),
}

impl AgentMachine {
    pub(super) fn start_tools(&mut self, calls: &[ToolCall], context: &mut StepContext<'_>) {
        let mut slots = Vec::with_capacity(calls.len());
        for call in calls {
            let state = match self.admit(call, context) {
                Admission::Run(command) => {
                    if matches!(command, Command::CallTool { .. }) {
                        context.emit(EventKind::ToolCallStarted(Box::new(call.clone())));
                    }
                    SlotState::Waiting(context.issue(command))
                }
                Admission::Refuse(error) => {
                    context.emit(EventKind::ToolCallStarted(Box::new(call.clone())));
                    SlotState::Answered(refuse(call, &error, None, context))
                }
            };
            slots.push(Slot {
                call: call.clone(),
                state,
            });
        }
        self.phase = Phase::Tools(ToolBatch { slots, stop: None });
        self.finish_batch(context);
    }

    /// Decides what to do with a call. Nothing has been run or asked yet.
    fn admit(&mut self, call: &ToolCall, context: &StepContext<'_>) -> Admission {
        let Some(definition) = self.definition(context) else {
            return Admission::Refuse(ToolError::fatal("the agent is gone"));
        };
        let Some(tool) = definition.tools.get(&call.name) else {
            let known: Vec<&str> = definition
                .tools
                .iter()
                .map(|tool| &*tool.spec().name)
                .collect();
            return Admission::Refuse(ToolError::failed(format_args!(
                "there is no tool `{}`; the tools are: {}",
                call.name,
                known.join(", ")
            )));
        };
        let spec = tool.spec();
        if let Err(error) = check_arguments(spec, call) {
            return Admission::Refuse(error);
        }
        if let Err(error) = self.count_call(spec, definition.limits.tool_calls) {
            return Admission::Refuse(error);
        }
        let kind = match &spec.interaction {
            Interaction::Confirm => RequirementKind::Confirm,
            Interaction::UserInput(fields) => RequirementKind::UserInput {
                fields: Arc::clone(fields),
            },
            Interaction::External => RequirementKind::External,
            _ => {
                let call = call.clone();
                return Admission::Run(Command::CallTool {
                    call,
                    effect: spec.effect,
                });
            }
        };
        Admission::Run(Command::AskHuman {
            call: call.clone(),
            kind,
        })
    }

    /// Counts a call against the limits of the run and of the tool.
    fn count_call(&mut self, spec: &ToolSpec, limit: Option<u32>) -> Result<(), ToolError> {
        if limit.is_some_and(|limit| self.tool_calls >= limit) {
            return Err(ToolError::failed(format_args!(
                "not executed: this run may make {} tool calls and has made them; answer with \
                 what you know",
                self.tool_calls
            )));
        }
        if let Some(limit) = spec.call_limit {
            let known = self
                .calls_by_tool
                .iter()
                .position(|(name, _)| *name == spec.name);
            let index = known.unwrap_or_else(|| {
                self.calls_by_tool.push((Arc::clone(&spec.name), 0));
                self.calls_by_tool.len() - 1
            });
            if let Some((_, count)) = self.calls_by_tool.get_mut(index) {
                if *count >= limit {
                    return Err(ToolError::failed(format_args!(
                        "not executed: the limit of calls of `{}` in one run is {limit}",
                        spec.name
                    )));
                }
                *count += 1;
            }
        }
        self.tool_calls += 1;
        Ok(())
    }

    pub(super) fn tool_fact(&mut self, command: u32, fact: &Fact, context: &mut StepContext<'_>) {
        match fact {
            Fact::ToolReturned(returned) => self.tool_returned(command, returned, context),
            Fact::ToolFailed(failed) => self.tool_failed(command, failed, context),
            Fact::OutcomeUnknown => self.ask_again(command, context),
            Fact::HumanAnswered(resolution) => self.resolved(command, resolution, context),
            _ => {}
        }
        self.finish_batch(context);
    }

    fn slot(&mut self, command: u32) -> Option<&mut Slot> {
        let Phase::Tools(batch) = &mut self.phase else {
            return None;
        };
        batch
            .slots
            .iter_mut()
            .find(|slot| slot.state.waits_for(command))
    }

    fn tool_returned(
        &mut self,
        command: u32,
        returned: &ToolReturned,
        context: &mut StepContext<'_>,
    ) {
        if let Some(patch) = returned.output.state() {
            self.state.extend(patch);
        }
        let Some(slot) = self.slot(command) else {
            return;
        };
        slot.state = SlotState::Answered(tool_message(&slot.call, &returned.output, false));
        context.emit(EventKind::ToolCallCompleted(Box::new(ToolExecution {
            call: slot.call.clone(),
            output: Some(returned.output.clone()),
            error: None,
            timing: Some(returned.timing),
        })));
        let name = Arc::clone(&slot.call.name);
        let stops = self
            .definition(context)
            .and_then(|definition| definition.tools.get(&name))
            .is_some_and(|tool| tool.spec().stop_after_call);
        if let (true, Phase::Tools(batch)) = (stops, &mut self.phase) {
            batch.stop = Some(Arc::clone(&returned.output.text));
        }
    }

    fn tool_failed(&mut self, command: u32, failed: &ToolFailed, context: &mut StepContext<'_>) {
        self.state.extend(&failed.error.state);
        let Some(slot) = self.slot(command) else {
            return;
        };
        let output = ToolOutput::text(Arc::clone(&failed.error.message));
        slot.state = SlotState::Answered(tool_message(&slot.call, &output, true));
        context.emit(EventKind::ToolCallCompleted(Box::new(ToolExecution {
            call: slot.call.clone(),
            output: Some(output),
            error: Some(failed.error.kind),
            timing: Some(failed.timing),
        })));
        if failed.error.kind == ToolErrorKind::Fatal {
            context.finish(Outcome::Failed(RunFailure::Tool {
                tool: Arc::clone(&slot.call.name),
                message: Arc::clone(&failed.error.message),
            }));
        }
    }

    /// A crash cut off a call that must not run twice: a person has to say what became of it.
    fn ask_again(&mut self, command: u32, context: &mut StepContext<'_>) {
        let Some(slot) = self.slot(command) else {
            return;
        };
        let call = slot.call.clone();
        let kind = RequirementKind::OutcomeUnknown;
        slot.state = SlotState::Unknown(context.issue(Command::AskHuman { call, kind }));
    }

    fn resolved(&mut self, command: u32, resolution: &Resolution, context: &mut StepContext<'_>) {
        let Some(slot) = self.slot(command) else {
            return;
        };
        let call = match resolution {
            Resolution::Approve => slot.call.clone(),
            Resolution::Input(values) => with_input(&slot.call, values),
            Resolution::Reject { note } => {
                let unknown = matches!(slot.state, SlotState::Unknown(_));
                let error = rejection(&slot.call, unknown, note.as_deref());
                let message = tool_message(&slot.call, &ToolOutput::text(error), true);
                context.note_added(&message);
                slot.state = SlotState::Answered(message);
                return;
            }
            Resolution::Result(output) => {
                let message = tool_message(&slot.call, output, false);
                context.note_added(&message);
                slot.state = SlotState::Answered(message);
                return;
            }
            _ => return,
        };
        slot.call = call.clone();
        context.emit(EventKind::ToolCallStarted(Box::new(call.clone())));
        let state = match self.effect_of_decided(&call, context) {
            Ok(effect) => SlotState::Waiting(context.issue(Command::CallTool { call, effect })),
            Err(error) => SlotState::Answered(refuse(&call, &error, None, context)),
        };
        if let Some(slot) = self.slot(command) {
            slot.state = state;
        }
    }

    /// Whether a call that a person let pass can be made: its arguments are complete now.
    fn effect_of_decided(
        &self,
        call: &ToolCall,
        context: &StepContext<'_>,
    ) -> Result<Effect, ToolError> {
        let spec = self
            .definition(context)
            .and_then(|definition| definition.tools.get(&call.name))
            .map(|tool| tool.spec())
            .ok_or_else(|| {
                ToolError::failed(format_args!("there is no tool `{}` any more", call.name))
            })?;
        if spec.interaction == Interaction::External {
            return Err(ToolError::failed(format_args!(
                "`{}` is carried out elsewhere, and its result was not handed in",
                call.name
            )));
        }
        check_all_arguments(spec, call)?;
        Ok(spec.effect)
    }

    /// Goes on once every call of the batch is answered.
    fn finish_batch(&mut self, context: &mut StepContext<'_>) {
        if context.is_finished() {
            return;
        }
        let Phase::Tools(batch) = &mut self.phase else {
            return;
        };
        if batch
            .slots
            .iter()
            .any(|slot| !matches!(slot.state, SlotState::Answered(_)))
        {
            return;
        }
        let batch = std::mem::replace(
            batch,
            ToolBatch {
                slots: Vec::new(),
                stop: None,
            },
        );
        for slot in batch.slots {
            if let SlotState::Answered(message) = slot.state {
                self.thread.push(message);
            }
        }
        match batch.stop {
            Some(content) => self.complete(content, true, context),
            None => self.ask_model(context),
        }
    }
}

/// Tells the model that a call was not made, and why.
fn refuse(
    call: &ToolCall,
    error: &ToolError,
    timing: Option<Timing>,
    context: &mut StepContext<'_>,
) -> Arc<Message> {
    let output = ToolOutput::text(Arc::clone(&error.message));
    let message = tool_message(call, &output, true);
    context.note_added(&message);
    context.emit(EventKind::ToolCallCompleted(Box::new(ToolExecution {
        call: call.clone(),
        output: Some(output),
        error: Some(error.kind),
        timing,
    })));
    message
}

fn tool_message(call: &ToolCall, output: &ToolOutput, is_error: bool) -> Arc<Message> {
    Arc::new(Message::Tool(ToolMessage {
        call_id: Arc::clone(&call.id),
        name: Arc::clone(&call.name),
        output: output.clone(),
        is_error,
    }))
}

/// What the model is told of a call that a person did not let pass: the person's own words, if
/// there are any. `unknown`: it was cut off, and the person decided against making it again.
fn rejection(call: &ToolCall, unknown: bool, note: Option<&str>) -> String {
    let note = note.filter(|note| !note.is_empty());
    if unknown {
        let decision = format!(
            "The call of `{}` was cut off, it is not known whether it took effect, and a person \
             decided not to repeat it",
            call.name
        );
        return match note {
            Some(note) => format!("{decision}: {note}"),
            None => format!("{decision}."),
        };
    }
    match note {
        Some(note) => note.to_owned(),
        None => format!("A person rejected the call of `{}`.", call.name),
    }
}
