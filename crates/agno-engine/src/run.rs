//! A run: machines, the commands they wait for, and the events they gave rise to.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use agno_core::{
    CommandId, Event, EventKind, Message, Requirement, RunStatus, StatePatch, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::agent::{AgentMachine, emit_pieces};
use crate::command::{Command, Issued, Outcome};
use crate::definition::Definitions;
use crate::divergence::Divergence;
use crate::fact::{Fact, Record};
use crate::step::{Open, StepContext};

/// A run as far as its records tell.
///
/// Feed it records with [`Run::apply`]; after each, take what is to be done with
/// [`Run::poll_command`] and what happened with [`Run::poll_event`]. Its state serialises both
/// ways, so a snapshot can replace a long journal.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Run {
    machine: Option<AgentMachine>,
    open: Vec<Open>,
    next_command: u32,
    #[serde(skip)]
    events: VecDeque<Event>,
    #[serde(skip)]
    added: Vec<Arc<Message>>,
    outcome: Option<Outcome>,
    status: Option<RunStatus>,
}

/// Whether a run may go on with a definition of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionCheck {
    /// No: for runs that are resumed.
    Strict,
    /// Yes: for replays, which name the first command that differs.
    Ignore,
}

impl Run {
    /// A run without records.
    pub fn new() -> Self {
        Self::default()
    }

    /// The run that the records lead to.
    ///
    /// # Errors
    /// The first record that today's definitions would not have led to.
    pub fn replay(
        definitions: &dyn Definitions,
        records: &[Record],
        check: VersionCheck,
    ) -> Result<Self, Divergence> {
        let mut run = Self::new();
        for record in records {
            run.apply_recorded(definitions, record, check)?;
        }
        Ok(run)
    }

    /// Applies a record of a journal: the messages that were recorded with it must be those that
    /// it leads to.
    ///
    /// # Errors
    /// As for [`Run::apply`], and [`Divergence::Added`], after which the run is of no further use.
    pub fn apply_recorded(
        &mut self,
        definitions: &dyn Definitions,
        record: &Record,
        check: VersionCheck,
    ) -> Result<(), Divergence> {
        self.added.clear();
        self.apply_with(definitions, record, check)?;
        let now = self.take_added();
        if now != record.added {
            let fact = record.fact.name();
            return Err(Divergence::Added { fact, now });
        }
        Ok(())
    }

    /// Applies one record.
    ///
    /// # Errors
    /// If the record does not answer a command that was issued; the run is as before then.
    pub fn apply(
        &mut self,
        definitions: &dyn Definitions,
        record: &Record,
    ) -> Result<(), Divergence> {
        self.apply_with(definitions, record, VersionCheck::Strict)
    }

    /// Applies one record, with or without regard to the version of its definition.
    ///
    /// # Errors
    /// As for [`Run::apply`].
    pub fn apply_with(
        &mut self,
        definitions: &dyn Definitions,
        record: &Record,
        check: VersionCheck,
    ) -> Result<(), Divergence> {
        match (&record.fact, record.at) {
            (Fact::Started(start), None) if self.status.is_none() => {
                let definition = definitions
                    .agent(&start.definition)
                    .ok_or_else(|| Divergence::UnknownDefinition(Arc::clone(&start.definition)))?;
                if definition.version != start.version && check == VersionCheck::Strict {
                    return Err(Divergence::Version {
                        definition: Arc::clone(&start.definition),
                        recorded: start.version,
                        now: definition.version,
                    });
                }
                self.status = Some(RunStatus::Running);
                self.machine = Some(AgentMachine::new(start, record.time));
                self.step(definitions, record, |machine, context| {
                    machine.start(start, context)
                });
                Ok(())
            }
            (_, None) if self.status.is_none_or(RunStatus::is_terminal) => {
                Err(Divergence::OutOfPlace(record.fact.name()))
            }
            (_, None) => self.apply_outside(definitions, record),
            // While a person is waited for, nothing is answered; the end can still be recorded.
            (_, Some(_)) if self.status == Some(RunStatus::Paused) => {
                Err(Divergence::OutOfPlace(record.fact.name()))
            }
            (_, Some(at)) => self.apply_answer(definitions, record, at),
        }
    }

    /// Applies a fact that answers no command.
    fn apply_outside(
        &mut self,
        definitions: &dyn Definitions,
        record: &Record,
    ) -> Result<(), Divergence> {
        match &record.fact {
            Fact::Paused(requirements)
                if self.status == Some(RunStatus::Running)
                    && self
                        .requirements()
                        .is_some_and(|open| *open == **requirements) =>
            {
                self.status = Some(RunStatus::Paused);
                let kind = EventKind::RunPaused(Arc::clone(requirements));
                self.events.push_back(Event {
                    node: 0,
                    time: record.time,
                    kind,
                });
            }
            Fact::Continued if self.status == Some(RunStatus::Paused) => {
                self.status = Some(RunStatus::Running);
                let kind = EventKind::RunContinued;
                self.events.push_back(Event {
                    node: 0,
                    time: record.time,
                    kind,
                });
            }
            Fact::Cancelled {
                reason,
                partial_text,
                partial,
            } if self.outcome.is_none() => {
                let outcome = Outcome::Cancelled {
                    reason: Arc::clone(reason),
                };
                self.status = Some(RunStatus::Running);
                let pieces = partial.as_ref().map_or(&[][..], |partial| &partial.pieces);
                self.step(definitions, record, |_, context| {
                    if let Some(text) = partial_text {
                        emit_pieces(Some(text), None, pieces, context);
                    }
                    context.finish(outcome);
                });
            }
            Fact::Failed(failure) if self.outcome.is_none() => {
                let outcome = Outcome::Failed((**failure).clone());
                self.status = Some(RunStatus::Running);
                self.step(definitions, record, |_, context| context.finish(outcome));
            }
            other => return Err(Divergence::OutOfPlace(other.name())),
        }
        Ok(())
    }

    /// Applies the answer to a command.
    fn apply_answer(
        &mut self,
        definitions: &dyn Definitions,
        record: &Record,
        at: CommandId,
    ) -> Result<(), Divergence> {
        let fact = &record.fact;
        let Some(index) = self.open.iter().position(|open| open.issued.at == at) else {
            let open = self.open.iter().map(|open| open.issued.at).collect();
            return Err(Divergence::NotIssued {
                at,
                fact: fact.name(),
                open,
            });
        };
        let Some(open) = self.open.get_mut(index) else {
            return Ok(());
        };
        if open.issued.digest != record.digest {
            return Err(Divergence::Differs {
                at,
                recorded: record.digest,
                issued: open.issued.digest,
                now: Box::new(open.issued.command.clone()),
            });
        }
        if !answers(fact, &open.issued.command)
            || (matches!(fact, Fact::OutcomeUnknown) && !open.intent)
        {
            let now = Box::new(open.issued.command.clone());
            return Err(Divergence::WrongKind {
                at,
                now,
                fact: fact.name(),
            });
        }
        if matches!(fact, Fact::Intent) {
            if open.intent {
                return Err(Divergence::OutOfPlace(fact.name()));
            }
            open.intent = true;
            return Ok(());
        }
        // The command is dropped before the machine goes on: it shares the conversation, and the
        // machine appends in place only if nobody else holds it.
        let command = self.open.remove(index).issued.command;
        if let Command::Finish { outcome } = command {
            self.finish(outcome, record.time);
            return Ok(());
        }
        drop(command);
        self.step(definitions, record, |machine, context| {
            machine.answer(at.command, &record.fact, context);
        });
        Ok(())
    }

    fn finish(&mut self, outcome: Outcome, time: Timestamp) {
        let (status, kind) = match outcome {
            Outcome::Completed { .. } => (RunStatus::Completed, EventKind::RunCompleted),
            Outcome::Cancelled { reason } => {
                (RunStatus::Cancelled, EventKind::RunCancelled { reason })
            }
            Outcome::Failed(failure) => (RunStatus::Error, EventKind::RunFailed(Box::new(failure))),
        };
        self.status = Some(status);
        self.events.push_back(Event {
            node: 0,
            time,
            kind,
        });
    }

    fn step(
        &mut self,
        definitions: &dyn Definitions,
        record: &Record,
        step: impl FnOnce(&mut AgentMachine, &mut StepContext<'_>),
    ) {
        let Some(machine) = &mut self.machine else {
            return;
        };
        let mut context = StepContext {
            definitions,
            time: record.time,
            open: &mut self.open,
            next_command: &mut self.next_command,
            events: &mut self.events,
            added: &mut self.added,
            outcome: &mut self.outcome,
        };
        step(machine, &mut context);
    }

    /// The next command that was not handed out yet.
    pub fn poll_command(&mut self) -> Option<Issued> {
        let open = self.open.iter_mut().find(|open| !open.taken)?;
        open.taken = true;
        Some(open.issued.clone())
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Takes the messages that the machine added because of the last record.
    pub fn take_added(&mut self) -> Vec<Arc<Message>> {
        std::mem::take(&mut self.added)
    }

    /// The commands without an answer.
    pub fn open(&self) -> impl Iterator<Item = &Issued> {
        self.open.iter().map(|open| &open.issued)
    }

    /// Whether an intent was recorded for an open command.
    pub fn has_intent(&self, at: CommandId) -> bool {
        self.open
            .iter()
            .any(|open| open.issued.at == at && open.intent)
    }

    /// Where the run stands; `Pending` before its first record.
    pub fn status(&self) -> RunStatus {
        self.status.unwrap_or(RunStatus::Pending)
    }

    /// How the run ended or is about to end.
    pub const fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// What a person must decide, if nothing else is left to do. The driver then records
    /// [`Fact::Paused`].
    pub fn requirements(&self) -> Option<Vec<Requirement>> {
        if self.open.is_empty() {
            return None;
        }
        self.open
            .iter()
            .map(|open| match &open.issued.command {
                Command::AskHuman { call, kind } => Some(Requirement {
                    at: open.issued.at,
                    call: call.clone(),
                    kind: kind.clone(),
                }),
                _ => None,
            })
            .collect()
    }

    /// Changes to the session state so far.
    pub fn state_patch(&self) -> Option<&StatePatch> {
        self.machine.as_ref().map(AgentMachine::state_patch)
    }
}

fn answers(fact: &Fact, command: &Command) -> bool {
    match command {
        Command::CallModel { .. } => matches!(fact, Fact::ModelReplied(_) | Fact::ModelFailed(_)),
        Command::CallTool { call, .. } => match fact {
            Fact::ToolReturned(returned) => returned.call_id == call.id,
            Fact::ToolFailed(failed) => failed.call_id == call.id,
            Fact::OutcomeUnknown | Fact::Intent => true,
            _ => false,
        },
        Command::AskHuman { .. } => matches!(fact, Fact::HumanAnswered(_)),
        Command::Wait { .. } => matches!(fact, Fact::Woke),
        Command::Finish { outcome } => {
            matches!(fact, Fact::Finished(finished) if outcome.is_recorded_by(finished))
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status().as_str())
    }
}
