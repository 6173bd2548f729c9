//! Going on with a run, forking it, and replaying it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use agno_core::{
    CommandId, Dependencies, Message, Requirement, Resolution, RunId, RunScope, RunStatus,
    SessionState, StatePatch, ToolOutput,
};
use agno_engine::{Divergence, Fact, Record, Run, RunInput, RunOutput, VersionCheck};
use serde_json::{Map, Value};

use crate::agent::Agent;
use crate::clock::now;
use crate::driver::{Loaded, Prepared, Preparing, RunStream, journal};
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
        let run_id = match &self.from {
            ResumeFrom::Stored(run) | ResumeFrom::Records(run, _) => *run,
        };
        let agent = self.agent.clone();
        RunStream::resume(
            agent,
            run_id,
            true,
            Preparing::Future(Box::pin(prepare(self, run_id))),
        )
    }
}

impl IntoFuture for ResumeRequest {
    type Output = Result<RunOutput, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.stream().finish().await })
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
    let scope = scope(agent, run_id, &input, &run, request.dependencies).await?;
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
        run.apply(agent.definition(), record)?;
        if let (Fact::Paused(_), Some(patch)) = (&record.fact, run.state_patch()) {
            patched = patch.clone();
        }
    }
    run.take_added();
    Ok((run, patched))
}

/// The facts that a person's decisions come to. All that is asked must be decided.
fn decisions(
    run: &Run,
    run_id: RunId,
    decisions: &Decisions,
) -> Result<Vec<(Option<(CommandId, u64)>, Fact)>, Error> {
    let mut facts = vec![(None, Fact::Continued)];
    let mut missing = Vec::new();
    for requirement in run.requirements().unwrap_or_default() {
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
    dependencies: Dependencies,
) -> Result<Arc<RunScope>, Error> {
    let mut state = agent.session_state().cloned().unwrap_or_default();
    if let (Some(db), Some(id)) = (agent.db(), &input.session_id) {
        let session = SessionStore::new(Arc::clone(db)).get(id).await?;
        state.extend(session.map(|session| session.state).unwrap_or_default());
    }
    let state = SessionState::new(state);
    if let Some(patch) = run.state_patch() {
        state.restore(patch);
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

/// What came of replaying a run.
#[derive(Clone, Debug)]
pub struct ReplayReport {
    /// How many records were replayed.
    pub records: usize,
    /// Where the run stood at its last record.
    pub status: RunStatus,
    /// The first difference, if there is one.
    pub divergence: Option<Divergence>,
    /// The number of the record that showed it.
    pub at_record: Option<usize>,
    /// Whether the definition was changed since the run began.
    pub definition_changed: bool,
}

pub(crate) async fn replay(agent: &Agent, from: ResumeFrom) -> Result<ReplayReport, Error> {
    let (_, records) = load(agent, &from).await?;
    let changed = match records.first().map(|record| &record.fact) {
        Some(Fact::Started(start)) => start.version != agent.definition().version,
        _ => false,
    };
    let mut run = Run::new();
    let mut found = None;
    for (index, record) in records.iter().enumerate() {
        if let Err(divergence) = run.apply_with(agent.definition(), record, VersionCheck::Ignore) {
            found = Some((index, divergence));
            break;
        }
    }
    Ok(ReplayReport {
        records: records.len(),
        status: run.status(),
        at_record: found.as_ref().map(|(index, _)| *index),
        divergence: found.map(|(_, divergence)| divergence),
        definition_changed: changed,
    })
}

/// A new run that shares the beginning of an earlier one.
#[must_use = "a fork does nothing before it is awaited or streamed"]
#[derive(Debug)]
pub struct ForkRequest {
    agent: Agent,
    from: ResumeFrom,
    at: Option<usize>,
    run_id: RunId,
    edit: Option<(usize, Edit)>,
}

/// A change of a forked run's past.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Edit {
    /// What a tool returned.
    ToolOutput(ToolOutput),
    /// What was asked.
    Input(Arc<str>),
}

impl ForkRequest {
    pub(crate) fn new(agent: Agent, from: ResumeFrom) -> Self {
        Self {
            agent,
            from,
            at: None,
            run_id: RunId::new(now()),
            edit: None,
        }
    }

    /// How many records of the earlier run are kept; as many as possible if not set.
    pub fn at(mut self, records: usize) -> Self {
        self.at = Some(records);
        self
    }

    /// Changes the record of the given number; what follows it is left out.
    pub fn edit(mut self, record: usize, edit: Edit) -> Self {
        self.edit = Some((record, edit));
        self
    }

    /// The new run's id.
    pub fn run_id(&self) -> RunId {
        self.run_id
    }

    /// The new run's events, those of its shared beginning left out.
    pub fn stream(self) -> RunStream {
        let (agent, run_id) = (self.agent.clone(), self.run_id);
        RunStream::resume(
            agent,
            run_id,
            true,
            Preparing::Future(Box::pin(prepare_fork(self))),
        )
    }
}

impl IntoFuture for ForkRequest {
    type Output = Result<RunOutput, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.stream().finish().await })
    }
}

async fn prepare_fork(request: ForkRequest) -> Result<Prepared, Error> {
    let agent = &request.agent;
    let run_id = request.run_id;
    let (stored, mut records) = load(agent, &request.from).await?;
    truncate(&mut records, &request)?;
    if let Some(Record {
        fact: Fact::Started(start),
        ..
    }) = records.first_mut()
    {
        start.version = agent.definition().version;
        start.input.forked_from = Some(match request.from {
            ResumeFrom::Stored(run) | ResumeFrom::Records(run, _) => run,
        });
    }
    let run =
        Run::replay(agent.definition(), &records, VersionCheck::Ignore).map_err(|divergence| {
            Error::Diverged {
                run: run_id,
                divergence: Box::new(divergence),
            }
        })?;
    let input = match records.first() {
        Some(Record {
            fact: Fact::Started(start),
            ..
        }) => start.input.clone(),
        _ => return Err(Error::UnknownRun(run_id)),
    };
    let scope = scope(agent, run_id, &input, &run, Dependencies::default()).await?;
    let journal = agent.db().filter(|_| stored.is_some()).map(|db| {
        let (session, user) = (input.session_id.clone(), input.user_id.clone());
        let mut row = crate::driver::row(agent, run_id, session, user, false);
        row.usage = journal::usage_of(&records);
        journal::Journal::new(Arc::clone(db), row, 0, None, StatePatch::default())
    });
    Ok(Prepared {
        scope,
        journal,
        output: input.output,
        deadline: agent.definition().limits.seconds.map(Duration::from_secs),
        background: false,
        tell_past: false,
        loaded: Loaded::Known {
            run: Box::new(run),
            records,
            facts: Vec::new(),
        },
    })
}

/// Keeps the shared beginning: up to the asked record, and never the end itself, since a fork of
/// an ended run has nothing to do.
fn truncate(records: &mut Vec<Record>, request: &ForkRequest) -> Result<(), Error> {
    let last_reply = records
        .iter()
        .rposition(|record| matches!(record.fact, Fact::ModelReplied(_)))
        .unwrap_or(records.len());
    let keep = match (&request.edit, request.at) {
        (Some((record, _)), _) => record + 1,
        (None, Some(at)) => at,
        (None, None) => last_reply,
    };
    if keep == 0 || keep > records.len() {
        let message = format!("the run has {} records: fork it at 1 to {0}", records.len());
        return Err(Error::InvalidRequest(message.into()));
    }
    records.truncate(keep);
    // Intents are the earlier run's own: the fork makes its calls under its own id.
    let of_the_past = |fact: &Fact| {
        matches!(
            fact,
            Fact::Intent | Fact::Cancelled { .. } | Fact::Failed(_) | Fact::Finished(_)
        )
    };
    records.retain(|record| !of_the_past(&record.fact));
    let Some((index, edit)) = &request.edit else {
        return Ok(());
    };
    match (records.get_mut(*index).map(|record| &mut record.fact), edit) {
        (Some(Fact::ToolReturned(returned)), Edit::ToolOutput(output)) => {
            returned.output = output.clone();
            Ok(())
        }
        (Some(Fact::Started(start)), Edit::Input(text)) => {
            match start.input.messages.last_mut() {
                Some(message) => *message = Arc::new(Message::user(Arc::clone(text))),
                None => start
                    .input
                    .messages
                    .push(Arc::new(Message::user(Arc::clone(text)))),
            }
            Ok(())
        }
        (Some(fact), _) => Err(Error::InvalidRequest(
            format!(
                "record {index} is `{}` and can't be edited like that",
                fact.name()
            )
            .into(),
        )),
        (None, _) => Err(Error::InvalidRequest(
            format!("there is no record {index}").into(),
        )),
    }
}
