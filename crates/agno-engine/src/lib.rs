//! The pure machines that run agents.
//!
//! A run is a state machine whose inputs are journaled. [`Run`] issues [`Command`]s and is fed
//! [`Record`]s, exactly one [`Fact`] for each command. It does no IO, reads no clock and draws no
//! random number, so the same records always give the same commands: a paused or crashed run is
//! resumed by applying its records again, and a recorded run is a regression test.
//!
//! A driver (in `agno-runtime`) executes the commands.

mod agent;
mod command;
mod definition;
mod divergence;
mod fact;
pub mod history;
pub mod journal;
mod output;
mod run;
mod step;
pub mod test_models;

pub use command::{Command, Issued, Outcome};
pub use definition::{AgentDefinition, Definitions, Limits, RetryPolicy};
pub use divergence::Divergence;
pub use fact::{
    Fact, Finished, ModelReplied, OutputSpec, PartialReply, Piece, Record, RunInput, Start,
    ToolFailed, ToolReturned,
};
pub use history::HistoryPolicy;
pub use output::{ReplyDetails, RunMessage, RunOutput, parse_structured};
pub use run::{Run, VersionCheck};
