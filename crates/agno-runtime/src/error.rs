//! What can go wrong with agents and runs.

use std::sync::Arc;

use agno_core::db::DbError;
use agno_core::{ResolveError, RunFailure, RunId, RunStatus, SessionId, ToolSetError};
use agno_engine::{Divergence, RunOutput};

/// Why an agent can't be built.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The model or database is not known or can't be had.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// Two tools have the same name.
    #[error(transparent)]
    Tools(#[from] ToolSetError),
    /// There is no model.
    #[error("agent `{0}` has no model: add `.model(\"provider:model\")`")]
    NoModel(Arc<str>),
    /// A setting contradicts another or makes no sense.
    #[error("agent `{agent}`: {problem}")]
    Invalid {
        /// The agent.
        agent: Arc<str>,
        /// What is wrong and what to do.
        problem: Arc<str>,
    },
}

/// Why a run has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The run ended by an error.
    #[error("{}", .0.failure)]
    Failed(Box<FailedRun>),
    /// The run was cancelled.
    #[error("the run was cancelled: {reason}")]
    Cancelled {
        /// Who or what asked for it.
        reason: Arc<str>,
        /// The run so far.
        output: Box<RunOutput>,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// An agent can't be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A name means nothing.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The definition no longer leads to what was recorded.
    #[error("run {run} can't go on: {divergence}")]
    Diverged {
        /// The run.
        run: RunId,
        /// The difference.
        divergence: Box<Divergence>,
    },
    /// There is no such run.
    #[error("there is no run {0}")]
    UnknownRun(RunId),
    /// There is no such session, or it belongs to someone else.
    #[error("there is no session `{0}`")]
    UnknownSession(SessionId),
    /// The run is not where the request needs it to be.
    #[error("run {run} is {}: {hint}", status.as_str())]
    WrongStatus {
        /// The run.
        run: RunId,
        /// Where it stands.
        status: RunStatus,
        /// What to do instead.
        hint: &'static str,
    },
    /// Something that must be decided was not.
    #[error("run {run} still waits for a decision on {}", missing.join(", "))]
    Undecided {
        /// The run.
        run: RunId,
        /// Names and ids of the tool calls in question.
        missing: Vec<String>,
    },
    /// The request needs a database and the agent has none.
    #[error("{0} needs a database: add `.db(...)` to the agent")]
    NoDatabase(&'static str),
    /// The run asks for a durability that its database can't give.
    #[error("the run asks for {asked} durability, the database gives {given}")]
    Durability {
        /// What was asked for.
        asked: &'static str,
        /// What the database gives.
        given: &'static str,
    },
    /// The answer is JSON of the right schema, but not of the Rust type.
    #[error("the answer does not fit `{type_name}`: {error}")]
    OutputType {
        /// The Rust type.
        type_name: &'static str,
        /// Why not.
        error: Arc<str>,
    },
    /// A journal holds something that this version can't read.
    #[error("the journal of run {run} can't be read: {problem}")]
    Journal {
        /// The run.
        run: RunId,
        /// What is wrong.
        problem: Arc<str>,
    },
    /// The request itself makes no sense.
    #[error("{0}")]
    InvalidRequest(Arc<str>),
}

/// A run that ended by an error.
#[derive(Debug)]
pub struct FailedRun {
    /// Why.
    pub failure: RunFailure,
    /// The run; its journal is kept.
    pub output: RunOutput,
}
