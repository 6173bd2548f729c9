//! What keeps a record from being applied: today's definition would not have led to it.

use std::sync::Arc;

use agno_core::{CommandId, Message};

use crate::command::Command;

/// A record that today's definition would not have led to.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Divergence {
    /// The command that the record answers is another one now.
    #[error("command {at} differs: it is now to {now}")]
    Differs {
        /// The command's address.
        at: CommandId,
        /// The digest of the command that the fact was recorded for.
        recorded: u64,
        /// The digest of the command now.
        issued: u64,
        /// The command now.
        now: Box<Command>,
    },
    /// The fact can't answer the command.
    #[error("command {at} is now to {now}, which `{fact}` does not answer")]
    WrongKind {
        /// The command's address.
        at: CommandId,
        /// The command now.
        now: Box<Command>,
        /// The fact.
        fact: &'static str,
    },
    /// No such command was issued.
    #[error(
        "`{fact}` answers command {at}, which was not issued; open now: {}",
        list(open)
    )]
    NotIssued {
        /// The command's address.
        at: CommandId,
        /// The fact.
        fact: &'static str,
        /// Commands that wait for an answer.
        open: Vec<CommandId>,
    },
    /// The definition was changed since.
    #[error(
        "agent `{definition}` was changed since the run began (version {recorded:016x}, now \
         {now:016x})"
    )]
    Version {
        /// The agent's id.
        definition: Arc<str>,
        /// Its version then.
        recorded: u64,
        /// Its version now.
        now: u64,
    },
    /// There is no such agent (any more).
    #[error("there is no agent `{0}`")]
    UnknownDefinition(Arc<str>),
    /// The run has not begun, has ended, begins twice, or pauses or goes on where it can't.
    #[error("`{0}` does not fit where the run stands")]
    OutOfPlace(&'static str),
    /// The machine adds other messages to the conversation than were recorded with the fact.
    #[error(
        "`{fact}` was recorded with other messages than it leads to now: {}",
        texts(now)
    )]
    Added {
        /// The fact.
        fact: &'static str,
        /// The messages now.
        now: Vec<Arc<Message>>,
    },
}

fn list(commands: &[CommandId]) -> String {
    commands
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn texts(messages: &[Arc<Message>]) -> String {
    messages
        .iter()
        .map(|message| format!("{:?}", message.text()))
        .collect::<Vec<_>>()
        .join(", ")
}
