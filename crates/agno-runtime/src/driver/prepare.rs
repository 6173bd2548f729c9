//! What has to be known before a run can begin: its session, its history, its system message.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use agno_core::db::{Db, Durability as Survives};
use agno_core::{BoxFuture, CommandId, Dependencies, Message, RunId, RunScope, RunStatus};
use agno_core::{SessionId, SessionState, StatePatch, Usage, UserId};
use agno_engine::{Fact, HistoryPolicy, OutputSpec, Record, Run, RunInput, Start};
use serde_json::{Map, Value};

use super::journal::Journal;
use crate::agent::Agent;
use crate::clock::now;
use crate::context::ContextScope;
use crate::error::Error;
use crate::policy::Durability;
use crate::request::{Rare, RunRequest};
use crate::store::{NewSession, RunRow, RunStore, Session, SessionStore};

/// What a driver starts from.
pub(crate) struct Prepared {
    pub(crate) scope: Arc<RunScope>,
    pub(crate) journal: Option<Journal>,
    pub(crate) output: Option<OutputSpec>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) background: bool,
    /// Whether every step has to be durable before the next.
    pub(crate) strict: bool,
    /// Whether events of known records are told again.
    pub(crate) tell_past: bool,
    pub(crate) loaded: Loaded,
}

/// A new run, or what is known of an earlier one.
pub(crate) enum Loaded {
    New(Box<Start>),
    Known {
        run: Box<Run>,
        records: Vec<Record>,
        /// Facts to begin with, such as a person's decisions.
        facts: Vec<FirstFact>,
    },
}

/// A fact with the address and digest of the command that it answers, if it answers one.
pub(crate) type FirstFact = (Option<(CommandId, u64)>, Fact);

/// The preparation, which needs no future for an agent without a database.
#[expect(
    clippy::large_enum_variant,
    reason = "it lies in the driver's one allocation; a box would be a second for every run"
)]
pub(crate) enum Preparing {
    Ready(Option<Result<Prepared, Error>>),
    Future(BoxFuture<Result<Prepared, Error>>),
}

impl Preparing {
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Prepared, Error>> {
        match self {
            Self::Ready(result) => Poll::Ready(
                result
                    .take()
                    .unwrap_or(Err(Error::InvalidRequest("the run has begun".into()))),
            ),
            Self::Future(future) => future.as_mut().poll(context),
        }
    }
}

pub(super) fn prepare(request: RunRequest, run_id: RunId) -> Preparing {
    let RunRequest {
        agent, input, rare, ..
    } = request;
    let rare = rare.map(|rare| *rare).unwrap_or_default();
    let messages = input.messages;
    match agent.db().cloned() {
        None => Preparing::Ready(Some(without_database(&agent, messages, rare, run_id))),
        Some(db) => Preparing::Future(Box::pin(with_database(agent, db, messages, rare, run_id))),
    }
}

fn without_database(
    agent: &Agent,
    messages: Vec<Arc<Message>>,
    rare: Rare,
    run_id: RunId,
) -> Result<Prepared, Error> {
    if rare.background {
        return Err(Error::NoDatabase("a background run"));
    }
    if rare.durability.is_some() || agent.0.durability == Durability::Strict {
        return Err(Error::NoDatabase("durability"));
    }
    let state = agent.session_state().cloned().unwrap_or_default();
    let session_id = rare.session_id.clone();
    Ok(assemble(
        agent,
        messages,
        rare,
        run_id,
        session_id,
        state,
        History::default(),
    ))
}

/// Messages of earlier runs, and which runs they are from.
#[derive(Default)]
struct History {
    runs: Vec<RunId>,
    messages: Vec<Arc<Message>>,
    policy: HistoryPolicy,
}

async fn with_database(
    agent: Agent,
    db: Arc<dyn Db>,
    messages: Vec<Arc<Message>>,
    rare: Rare,
    run_id: RunId,
) -> Result<Prepared, Error> {
    check_durability(&*db, &agent, &rare)?;
    let given = rare.session_id.clone();
    let known = match &given {
        Some(id) => open_session(&db, id, rare.user_id.as_ref()).await?,
        None => None,
    };
    let session_id = given.unwrap_or_else(|| SessionId::new(now()));
    let history = match &known {
        Some(session) => history(&agent, &db, session, rare.history).await?,
        None => History::default(),
    };
    let mut state = agent.session_state().cloned().unwrap_or_default();
    let new_session = known.is_none().then(|| NewSession {
        component_id: Some(agent.id().into()),
        user_id: rare.user_id.clone(),
        name: messages.last().map(|message| session_name(message.text())),
        state: state.clone(),
        metadata: Map::new(),
    });
    if let Some(session) = known {
        state.extend(session.state);
    }
    let background = rare.background;
    let row = row(
        &agent,
        run_id,
        Some(session_id.clone()),
        rare.user_id.clone(),
        background,
    );
    let mut prepared = assemble(
        &agent,
        messages,
        rare,
        run_id,
        Some(session_id),
        state,
        history,
    );
    prepared.journal = Some(Journal::new(db, row, 0, new_session, StatePatch::default()));
    Ok(prepared)
}

/// A run that asks for a durability that its database can't give is refused, not degraded.
fn check_durability(db: &dyn Db, agent: &Agent, rare: &Rare) -> Result<(), Error> {
    let memory_only = db.durability() == Survives::Memory;
    if memory_only && (rare.background || is_strict(agent, rare)) {
        let asked = if rare.background {
            "background"
        } else {
            "strict"
        };
        return Err(Error::Durability {
            asked,
            given: "none: it is kept in memory",
        });
    }
    Ok(())
}

fn is_strict(agent: &Agent, rare: &Rare) -> bool {
    rare.durability.unwrap_or(agent.0.durability) == Durability::Strict
}

/// The session, if it exists. One of someone else is as good as unknown.
async fn open_session(
    db: &Arc<dyn Db>,
    id: &SessionId,
    user: Option<&UserId>,
) -> Result<Option<Session>, Error> {
    let session = SessionStore::new(Arc::clone(db)).get(id).await?;
    match &session {
        Some(Session {
            user_id: Some(owner),
            ..
        }) if Some(owner) != user => Err(Error::UnknownSession(id.clone())),
        _ => Ok(session),
    }
}

async fn history(
    agent: &Agent,
    db: &Arc<dyn Db>,
    session: &Session,
    asked: Option<bool>,
) -> Result<History, Error> {
    let policy = match (asked, *agent.history()) {
        (Some(false), _) => HistoryPolicy::off(),
        // Agno shows three runs where nothing else is said.
        (Some(true), policy) if policy.is_off() => HistoryPolicy::last_runs(3),
        (_, policy) => policy,
    };
    if policy.is_off() {
        return Ok(History::default());
    }
    let store = RunStore::new(Arc::clone(db));
    let (runs, messages) = store.history(&session.id, agent.id(), &policy).await?;
    Ok(History {
        runs,
        messages,
        policy,
    })
}

fn assemble(
    agent: &Agent,
    messages: Vec<Arc<Message>>,
    rare: Rare,
    run_id: RunId,
    session_id: Option<SessionId>,
    mut state: Map<String, Value>,
    history: History,
) -> Prepared {
    StatePatch(rare.state.clone()).apply(&mut state);
    let state = SessionState::new(state);
    let strict = is_strict(agent, &rare);
    let dependencies = dependencies(agent, rare.dependencies);
    let output = rare
        .output
        .or_else(|| agent.extras().and_then(|extras| extras.output.clone()));
    let system = agent.system_message(&ContextScope {
        state: &state,
        dependencies: &dependencies,
        user_id: rare.user_id.as_ref(),
        output: output.as_ref(),
        time: now(),
    });
    let messages = agent.finish_input(messages, &dependencies);
    let start = Start {
        definition: Arc::clone(&agent.0.definition.id),
        version: agent.0.definition.version,
        input: RunInput {
            session_id: session_id.clone(),
            user_id: rare.user_id.clone(),
            system,
            history: history.messages,
            history_runs: history.runs,
            history_policy: history.policy,
            messages,
            output: output.clone(),
            state: rare.state,
            metadata: rare.metadata,
            forked_from: rare.forked_from,
            strict,
        },
    };
    let user_id = rare.user_id;
    Prepared {
        scope: Arc::new(RunScope {
            run_id,
            session_id,
            user_id,
            state,
            dependencies,
        }),
        journal: None,
        output,
        deadline: agent.0.definition.limits.seconds.map(Duration::from_secs),
        background: rare.background,
        strict,
        tell_past: false,
        loaded: Loaded::New(Box::new(start)),
    }
}

pub(crate) fn dependencies(agent: &Agent, given: Dependencies) -> Dependencies {
    match agent.extras() {
        Some(extras) if !extras.dependencies.is_empty() => extras.dependencies.merged(&given),
        _ => given,
    }
}

pub(crate) fn row(
    agent: &Agent,
    run_id: RunId,
    session_id: Option<SessionId>,
    user_id: Option<UserId>,
    background: bool,
) -> RunRow {
    let info = agent.model().info();
    RunRow {
        run_id,
        session_id,
        user_id,
        component_id: Arc::clone(&agent.0.definition.id),
        status: RunStatus::Pending,
        background,
        model: Arc::clone(&info.id),
        provider: Arc::clone(&info.provider),
        usage: Usage::default(),
        state: Map::new(),
    }
}

/// What a session is called until someone names it: the beginning of its first input.
fn session_name(input: &str) -> Arc<str> {
    match input.char_indices().nth(200) {
        Some((end, _)) => input.get(..end).unwrap_or(input).into(),
        None => input.into(),
    }
}
