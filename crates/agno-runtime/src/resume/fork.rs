//! A new run that shares the beginning of an earlier one.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use agno_core::{Dependencies, Message, RunId, StatePatch, ToolOutput};
use agno_engine::{Fact, Record, Run, RunOutput, VersionCheck};

use super::{ResumeFrom, load, scope};
use crate::agent::Agent;
use crate::clock::now;
use crate::driver::{Loaded, Prepared, Preparing, RunStream, journal};
use crate::error::Error;

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
        self.start(true)
    }

    fn start(self, deltas: bool) -> RunStream {
        let (agent, run_id) = (self.agent.clone(), self.run_id);
        RunStream::resume(
            agent,
            run_id,
            deltas,
            Preparing::Future(Box::pin(prepare_fork(self))),
        )
    }
}

impl IntoFuture for ForkRequest {
    type Output = Result<RunOutput, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.start(false).finish().await })
    }
}

async fn prepare_fork(request: ForkRequest) -> Result<Prepared, Error> {
    let agent = &request.agent;
    let run_id = request.run_id;
    let (stored, mut records) = load(agent, &request.from).await?;
    truncate(&mut records, &request)?;
    if let Some(Record {
        fact: Fact::Started(start),
        time,
        ..
    }) = records.first_mut()
    {
        // The limit on its time counts from here.
        *time = now();
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
    let nothing = StatePatch::default();
    let scope = scope(
        agent,
        run_id,
        &input,
        &run,
        &nothing,
        Dependencies::default(),
    )
    .await?;
    let journal = agent.db().filter(|_| stored.is_some()).map(|db| {
        let (session, user) = (input.session_id.clone(), input.user_id.clone());
        let row = crate::driver::row(agent, run_id, session, user, false);
        journal::Journal::new(Arc::clone(db), row, 0, None, StatePatch::default())
    });
    Ok(Prepared {
        scope,
        journal,
        output: input.output,
        deadline: agent.definition().limits.seconds.map(Duration::from_secs),
        background: false,
        strict: input.strict,
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
        (Some((record, _)), at) => {
            let keep = record.saturating_add(1);
            if at.is_some_and(|at| at != keep) {
                let message = format!("an edit of record {record} forks at {keep}: leave out `at`");
                return Err(Error::InvalidRequest(message.into()));
            }
            keep
        }
        (None, Some(at)) => at,
        (None, None) => last_reply,
    };
    if keep == 0 || keep > records.len() {
        let message = format!("the run has {} records: fork it at 1 to {0}", records.len());
        return Err(Error::InvalidRequest(message.into()));
    }
    records.truncate(keep);
    if let Some((index, edit)) = &request.edit {
        apply_edit(records, *index, edit)?;
    }
    // Intents are the earlier run's own: the fork makes its calls under its own id.
    let of_the_past = |fact: &Fact| {
        matches!(
            fact,
            Fact::Intent | Fact::Cancelled { .. } | Fact::Failed(_) | Fact::Finished(_)
        )
    };
    records.retain(|record| !of_the_past(&record.fact));
    // What the earlier run waited for, the fork asks anew.
    while matches!(records.last().map(|last| &last.fact), Some(Fact::Paused(_))) {
        records.pop();
    }
    Ok(())
}

fn apply_edit(records: &mut [Record], index: usize, edit: &Edit) -> Result<(), Error> {
    match (records.get_mut(index).map(|record| &mut record.fact), edit) {
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
