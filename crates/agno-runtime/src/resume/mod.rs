//! Going on with a run, forking it, and replaying it.

mod fork;
mod replay;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use agno_core::{
    CommandId, Dependencies, Requirement, RequirementKind, Resolution, RunId, RunScope, RunStatus,
    SessionState, StatePatch, ToolOutput,
};
use agno_engine::{Divergence, Fact, Record, Run, RunInput, RunOutput, VersionCheck};
use serde_json::{Map, Value};

pub use self::fork::{Edit, ForkRequest};
pub use self::replay::ReplayReport;
pub(crate) use self::replay::replay;
use crate::agent::Agent;
use crate::clock::now;
use crate::driver::{FirstFact, Loaded, Prepared, Preparing, RunStream, journal};
use crate::error::Error;
use crate::store::{SessionStore, StoredRun};

/// Where the records of a run are: in the agent's database, or in its output.
#[derive(Clone, Debug)]
pub enum ResumeFrom {
    /// In the database.
    Stored(RunId),
    /// Here.
    Records(RunId, Vec<Record>),
}

impl From<RunId> for ResumeFrom {
    fn from(run: RunId) -> Self {
        Self::Stored(run)
    }
}

impl From<&RunOutput> for ResumeFrom {
    fn from(output: &RunOutput) -> Self {
        Self::Records(output.run_id, output.records.clone())
    }
}

impl From<RunOutput> for ResumeFrom {
    fn from(output: RunOutput) -> Self {
        Self::Records(output.run_id, output.records)
    }
}

/// What a person decided, by the address of the question or the id of the tool call.
#[derive(Clone, Debug, Default)]
struct Decisions {
    by_command: Vec<(CommandId, Resolution)>,
    by_call: Vec<(Arc<str>, Resolution)>,
}

impl Decisions {
    fn of(&self, requirement: &Requirement) -> Option<&Resolution> {
        let by_command = self
            .by_command
            .iter()
            .find(|(at, _)| *at == requirement.at)
            .map(|(_, found)| found);
        by_command.or_else(|| {
            let same_call = |(id, _): &&(Arc<str>, Resolution)| **id == *requirement.call.id;
            self.by_call.iter().find(same_call).map(|(_, found)| found)
        })
    }
}

impl Decisions {
    /// Refuses decisions that answer nothing, or not what was asked.
    fn check(&self, run: RunId, requirements: &[Requirement]) -> Result<(), Error> {
        let stale = |what: &dyn std::fmt::Display| {
            let problem = format!("run {run} does not wait for a decision on {what}: load it anew");
            Err(Error::InvalidRequest(problem.into()))
        };
        for (at, _) in &self.by_command {
            if !requirements.iter().any(|asked| asked.at == *at) {
                return stale(&format_args!("command {at}"));
            }
        }
        for (id, _) in &self.by_call {
            if !requirements.iter().any(|asked| asked.call.id == *id) {
                return stale(&format_args!("call `{id}`"));
            }
        }
        for asked in requirements {
            let made_elsewhere = asked.kind == RequirementKind::External;
            let decided = self.of(asked);
            if made_elsewhere && matches!(decided, Some(Resolution::Approve | Resolution::Input(_)))
            {
                let name = &asked.call.name;
                let problem = format!("`{name}` is carried out elsewhere: hand in its result");
                return Err(Error::InvalidRequest(problem.into()));
            }
        }
        Ok(())
    }
}

/// Goes on with a run. Await it for the run's output, or take its stream of events.
#[must_use = "a run does not go on before it is awaited or streamed"]
#[derive(Debug)]
pub struct ResumeRequest {
    agent: Agent,
    from: ResumeFrom,
    decisions: Decisions,
    recovering: bool,
    tell_past: bool,
    cancel: Option<Arc<str>>,
    dependencies: Dependencies,
}

impl ResumeRequest {
    pub(crate) fn new(agent: Agent, from: ResumeFrom) -> Self {
        Self {
            agent,
            from,
            decisions: Decisions::default(),
            recovering: false,
            tell_past: false,
            cancel: None,
            dependencies: Dependencies::default(),
        }
    }

    pub(crate) fn recovering(agent: Agent, run: RunId) -> Self {
        Self {
            recovering: true,
            ..Self::new(agent, ResumeFrom::Stored(run))
        }
    }

    /// Decides one requirement.
    pub fn decide(mut self, requirement: &Requirement, resolution: Resolution) -> Self {
        self.decisions.by_command.push((requirement.at, resolution));
        self
    }

    /// Decides the requirement of the tool call with the given id.
    pub fn decide_call(mut self, call_id: impl Into<Arc<str>>, resolution: Resolution) -> Self {
        self.decisions.by_call.push((call_id.into(), resolution));
        self
    }

    /// Lets the call be made.
    pub fn approve(self, requirement: &Requirement) -> Self {
        self.decide(requirement, Resolution::Approve)
    }

    /// Does not let the call be made, and tells the model why.
    pub fn reject(self, requirement: &Requirement, note: impl Into<Arc<str>>) -> Self {
        self.decide(
            requirement,
            Resolution::Reject {
                note: Some(note.into()),
            },
        )
    }

    /// Fills in the arguments that were asked of a person, and lets the call be made.
    pub fn input(self, requirement: &Requirement, values: Map<String, Value>) -> Self {
        self.decide(requirement, Resolution::Input(values))
    }

    /// Hands in the result of a call that was made elsewhere.
    pub fn result(self, requirement: &Requirement, text: impl Into<Arc<str>>) -> Self {
        self.decide(requirement, Resolution::Result(ToolOutput::text(text)))
    }

    /// Hands a value to tools that take a `Dependency<T>`.
    pub fn dependency<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.dependencies.insert(Arc::new(value));
        self
    }

    /// Tells the events of what is known already, before those that follow.
    pub fn tell_past(mut self) -> Self {
        self.tell_past = true;
        self
    }

    /// Ends the run instead of going on with it, whether it is paused or was cut off. Decisions are
    /// not needed then.
    pub fn cancel(mut self, reason: impl Into<Arc<str>>) -> Self {
        self.cancel = Some(reason.into());
        self
    }

    /// The run's events from here on.
    pub fn stream(self) -> RunStream {
        self.start(true)
    }

    fn start(self, deltas: bool) -> RunStream {
        let run_id = match &self.from {
            ResumeFrom::Stored(run) | ResumeFrom::Records(run, _) => *run,
        };
        let agent = self.agent.clone();
        RunStream::resume(
            agent,
            run_id,
            deltas,
            Preparing::Future(Box::pin(prepare(self, run_id))),
        )
    }
}

impl IntoFuture for ResumeRequest {
    type Output = Result<RunOutput, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.start(false).finish().await })
    }
}

async fn prepare(request: ResumeRequest, run_id: RunId) -> Result<Prepared, Error> {
    let agent = &request.agent;
    let (stored, records) = load(agent, &request.from).await?;
    let diverged = |divergence| Error::Diverged {
        run: run_id,
        divergence: Box::new(divergence),
    };
    let (run, patched) = replay_noting_patch(agent, &records).map_err(diverged)?;
    let facts = match run.status() {
        // It was about to end, and only that is left to do.
        RunStatus::Running
            if run.outcome().is_some() && (request.recovering || request.cancel.is_some()) =>
        {
            Vec::new()
        }
        status if request.cancel.is_some() && !status.is_terminal() => {
            let reason = request.cancel.clone().unwrap_or_default();
            let partial_text = None;
            vec![(
                None,
                Fact::Cancelled {
                    reason,
                    partial_text,
                    partial: None,
                },
            )]
        }
        RunStatus::Paused => decisions(&run, run_id, &request.decisions)?,
        RunStatus::Running if request.recovering => Vec::new(),
        status if request.recovering => {
            let hint = "only a run that was cut off can be recovered";
            return Err(Error::WrongStatus {
                run: run_id,
                status,
                hint,
            });
        }
        status => {
            let hint = "only a paused run can be resumed; start a new one, or fork it";
            return Err(Error::WrongStatus {
                run: run_id,
                status,
                hint,
            });
        }
    };
    let input = match records.first() {
        Some(Record {
            fact: Fact::Started(start),
            ..
        }) => start.input.clone(),
        _ => return Err(Error::UnknownRun(run_id)),
    };
    let scope = scope(agent, run_id, &input, &run, &patched, request.dependencies).await?;
    let background = stored.as_ref().is_some_and(|stored| stored.background);
    let journal = agent.db().filter(|_| stored.is_some()).map(|db| {
        let (session, user) = (input.session_id.clone(), input.user_id.clone());
        let mut row = crate::driver::row(agent, run_id, session, user, background);
        row.usage = journal::usage_of(&records);
        journal::Journal::new(Arc::clone(db), row, records.len(), None, patched)
    });
    Ok(Prepared {
        scope,
        journal,
        output: input.output,
        deadline: remaining_time(agent, &records),
        background,
        strict: input.strict,
        tell_past: request.tell_past,
        loaded: Loaded::Known {
            run: Box::new(run),
            records,
            facts,
        },
    })
}

/// The records of a run, and its row if it is stored.
async fn load(agent: &Agent, from: &ResumeFrom) -> Result<(Option<StoredRun>, Vec<Record>), Error> {
    match from {
        ResumeFrom::Records(_, records) if agent.db().is_none() => Ok((None, records.clone())),
        // What is stored may be further on than what the caller holds.
        ResumeFrom::Stored(run) | ResumeFrom::Records(run, _) => {
            let store = agent
                .runs()
                .ok_or(Error::NoDatabase("resuming a run by its id"))?;
            let stored = store.get(*run).await?.ok_or(Error::UnknownRun(*run))?;
            Ok((Some(stored), store.records(*run).await?))
        }
    }
}

/// Replays the records, and notes which changes of the session state were written at a pause.
fn replay_noting_patch(agent: &Agent, records: &[Record]) -> Result<(Run, StatePatch), Divergence> {
    let mut run = Run::new();
    let mut patched = StatePatch::default();
    for record in records {
        run.apply_recorded(agent.definition(), record, VersionCheck::Strict)?;
        if let (Fact::Paused(_), Some(patch)) = (&record.fact, run.state_patch()) {
            patched = patch.clone();
        }
    }
    Ok((run, patched))
}

/// The facts that a person's decisions come to. All that is asked must be decided.
fn decisions(run: &Run, run_id: RunId, decisions: &Decisions) -> Result<Vec<FirstFact>, Error> {
    let mut facts = vec![(None, Fact::Continued)];
    let mut missing = Vec::new();
    let requirements = run.requirements().unwrap_or_default();
    decisions.check(run_id, &requirements)?;
    for requirement in requirements {
        let digest = run
            .open()
            .find(|open| open.at == requirement.at)
            .map(|open| open.digest);
        match (decisions.of(&requirement), digest) {
            (Some(resolution), Some(digest)) => {
                let fact = Fact::HumanAnswered(Box::new(resolution.clone()));
                facts.push((Some((requirement.at, digest)), fact));
            }
            _ => missing.push(format!(
                "`{}` ({})",
                requirement.call.name, requirement.call.id
            )),
        }
    }
    if missing.is_empty() {
        Ok(facts)
    } else {
        Err(Error::Undecided {
            run: run_id,
            missing,
        })
    }
}

async fn scope(
    agent: &Agent,
    run_id: RunId,
    input: &RunInput,
    run: &Run,
    patched: &StatePatch,
    dependencies: Dependencies,
) -> Result<Arc<RunScope>, Error> {
    let mut state = agent.session_state().cloned().unwrap_or_default();
    let session = match (agent.db(), &input.session_id) {
        (Some(db), Some(id)) => SessionStore::new(Arc::clone(db)).get(id).await?,
        _ => None,
    };
    // What the run wrote to the session at a pause may have been changed by others since.
    let unwritten = run.state_patch().map(|patch| match &session {
        Some(_) => journal::changes_since(patch, patched),
        None => patch.clone(),
    });
    state.extend(session.map(|session| session.state).unwrap_or_default());
    let state = SessionState::new(state);
    if let Some(patch) = unwritten {
        state.restore(&patch);
    }
    Ok(Arc::new(RunScope {
        run_id,
        session_id: input.session_id.clone(),
        user_id: input.user_id.clone(),
        state,
        dependencies: crate::driver::dependencies(agent, dependencies),
    }))
}

fn remaining_time(agent: &Agent, records: &[Record]) -> Option<Duration> {
    let limit = Duration::from_secs(agent.definition().limits.seconds?);
    let started = records.first()?.time;
    Some(limit.saturating_sub(Duration::from_micros(now().micros_since(started))))
}
