//! What a machine can do while it makes a step.

use std::collections::VecDeque;
use std::sync::Arc;

use agno_core::{CommandId, Event, EventKind, Message, Timestamp};
use serde::{Deserialize, Serialize};

use crate::command::{Command, Issued, Outcome};
use crate::definition::Definitions;

/// A command without an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) issued: Issued,
    /// Whether an `Intent` was recorded for it.
    pub(crate) intent: bool,
    /// Whether it was handed to the driver. A loaded run hands all of them out again.
    #[serde(skip)]
    pub(crate) taken: bool,
}

/// What a machine can do while it makes a step.
pub(crate) struct StepContext<'a> {
    pub(crate) definitions: &'a dyn Definitions,
    pub(crate) time: Timestamp,
    pub(crate) open: &'a mut Vec<Open>,
    pub(crate) next_command: &'a mut u32,
    pub(crate) events: &'a mut VecDeque<Event>,
    pub(crate) added: &'a mut Vec<Arc<Message>>,
    pub(crate) outcome: &'a mut Option<Outcome>,
}

impl StepContext<'_> {
    /// Issues a command and returns its number.
    pub(crate) fn issue(&mut self, command: Command) -> u32 {
        let number = *self.next_command;
        *self.next_command += 1;
        let at = CommandId {
            node: 0,
            command: number,
        };
        let issued = Issued {
            at,
            digest: command.digest(),
            command,
        };
        self.open.push(Open {
            issued,
            intent: false,
            taken: false,
        });
        number
    }

    /// Says that something happened.
    pub(crate) fn emit(&mut self, kind: EventKind) {
        self.events.push_back(Event {
            node: 0,
            time: self.time,
            kind,
        });
    }

    /// Notes a message that the machine itself added to the conversation.
    pub(crate) fn note_added(&mut self, message: &Arc<Message>) {
        self.added.push(Arc::clone(message));
    }

    /// Whether the run has been ended.
    pub(crate) const fn is_finished(&self) -> bool {
        self.outcome.is_some()
    }

    /// Ends the run.
    pub(crate) fn finish(&mut self, outcome: Outcome) {
        self.open.clear();
        self.issue(Command::Finish {
            outcome: outcome.clone(),
        });
        *self.outcome = Some(outcome);
    }
}
