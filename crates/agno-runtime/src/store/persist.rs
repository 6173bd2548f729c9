//! Writing what happened in a run: its journal, its row and its session, in one atomic batch.

use std::sync::Arc;

use agno_core::db::{Attribute, Db, DbError, Expect, Write};
use agno_core::{Digest, RunId, RunStatus, SessionId, StatePatch, Timestamp, Usage, UserId};
use serde_json::{Map, Value};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::runs::Body;
use super::sessions::{NewSession, Session, SessionStore};
use super::{RUNS, SESSIONS};

/// What is to be written together.
#[derive(Clone, Debug)]
pub(crate) struct Persist {
    pub(crate) db: Arc<dyn Db>,
    pub(crate) time: Timestamp,
    /// How many journal entries there are already.
    pub(crate) sequence: u32,
    /// How many are in `records`.
    pub(crate) entries: u32,
    /// The new journal entries.
    pub(crate) records: Arc<str>,
    /// The run's row, if it changed.
    pub(crate) row: RunRow,
    /// Changes to the session state, if the run ended or paused.
    pub(crate) patch: Option<StatePatch>,
    /// What the session begins with, if it does not exist.
    pub(crate) new_session: Option<NewSession>,
}

/// The row of a run.
#[derive(Clone, Debug)]
pub(crate) struct RunRow {
    pub(crate) run_id: RunId,
    pub(crate) session_id: Option<SessionId>,
    pub(crate) user_id: Option<UserId>,
    pub(crate) component_id: Arc<str>,
    pub(crate) status: RunStatus,
    pub(crate) background: bool,
    pub(crate) model: Arc<str>,
    pub(crate) provider: Arc<str>,
    pub(crate) usage: Usage,
    pub(crate) state: Map<String, Value>,
}

impl RunRow {
    fn put(self, time: Timestamp) -> Result<Write, DbError> {
        let number = |tokens: u64| Attribute::Integer(i64::try_from(tokens).unwrap_or(i64::MAX));
        let body = serde_json::to_string(&Body { state: self.state })
            .map_err(|error| DbError::InvalidQuery(error.to_string().into()))?;
        let text = |id: &str| Attribute::Text(id.into());
        Ok(Write::Put {
            collection: &RUNS,
            key: self.run_id.to_string().into(),
            attributes: vec![
                self.session_id
                    .as_ref()
                    .map_or(Attribute::Null, |id| text(id.as_str())),
                self.user_id
                    .as_ref()
                    .map_or(Attribute::Null, |id| text(id.as_str())),
                self.component_id.into(),
                text(self.status.as_str()),
                Attribute::Null,
                Attribute::Integer(i64::from(self.background)),
                self.model.into(),
                self.provider.into(),
                number(self.usage.input_tokens),
                number(self.usage.output_tokens),
                number(self.usage.total_tokens),
                number(self.usage.cache_read_tokens),
                number(self.usage.cache_write_tokens),
                number(self.usage.reasoning_tokens),
                under_way(self.status, self.background),
            ],
            body: body.into(),
            time,
            expect: Expect::Anything,
        })
    }
}

/// Runs that wait for their turn to change a session, by a part of the session's name. Without, the
/// runs that end together in one session would all read it, all but one of them in vain, and again.
static TURNS: [Mutex<()>; 16] = [const { Mutex::const_new(()) }; 16];

/// How a run is under way, if it is.
fn under_way(status: RunStatus, background: bool) -> Attribute {
    match status {
        RunStatus::Pending | RunStatus::Running if background => BACKGROUND.into(),
        RunStatus::Pending | RunStatus::Running => OBSERVED.into(),
        _ => Attribute::Null,
    }
}

/// Under way, and goes on by itself after a restart.
pub(super) const BACKGROUND: &str = "background";

/// Under way as long as someone observes it.
pub(super) const OBSERVED: &str = "observed";

/// Writes it. A session that someone else created or changed meanwhile is read again and the
/// changes of this run are applied to what it has become, key by key: of two runs that change the
/// same key, the later one wins. A journal that someone else wrote to is a conflict for good.
pub(crate) async fn persist(mut what: Persist) -> Result<(), DbError> {
    match attempt(&mut what).await {
        Err(conflict) if is_of_session(&conflict) => {
            check_owner(&mut what, conflict).await?;
        }
        result => return result,
    }
    // In a task of its own: a driver that nobody polls must not hold up the others.
    let Ok(runtime) = Handle::try_current() else {
        return persist_in_turn(what).await;
    };
    match runtime.spawn(persist_in_turn(what)).await {
        Ok(result) => result,
        Err(_) => Err(DbError::Backend(
            "the tokio runtime ended before the run was written".into(),
        )),
    }
}

async fn persist_in_turn(mut what: Persist) -> Result<(), DbError> {
    let mut digest = Digest::new();
    digest.text(what.row.session_id.as_ref().map_or("", SessionId::as_str));
    let turn = usize::try_from(digest.finish() % TURNS.len() as u64).unwrap_or_default();
    let _turn = match TURNS.get(turn) {
        Some(turn) => Some(turn.lock().await),
        None => None,
    };
    // Other processes, and runs that have just ended, don't wait for a turn.
    loop {
        match attempt(&mut what).await {
            Err(conflict) if is_of_session(&conflict) => check_owner(&mut what, conflict).await?,
            result => return result,
        }
    }
}

async fn attempt(what: &mut Persist) -> Result<(), DbError> {
    let batch = batch(what).await?;
    what.db.write(batch).done().await
}

fn is_of_session(error: &DbError) -> bool {
    matches!(error, DbError::Conflict { collection, .. } if **collection == *SESSIONS.name)
}

/// A session that was created meanwhile is written to only if it is not somebody else's.
async fn check_owner(what: &mut Persist, conflict: DbError) -> Result<(), DbError> {
    if what.new_session.take().is_some() && is_foreign(what).await? {
        return Err(conflict);
    }
    Ok(())
}

/// Whether the session belongs to another user.
async fn is_foreign(what: &Persist) -> Result<bool, DbError> {
    let Some(id) = &what.row.session_id else {
        return Ok(false);
    };
    let session = SessionStore::new(Arc::clone(&what.db)).get(id).await?;
    let owner = session.and_then(|session| session.user_id);
    Ok(owner.is_some() && owner != what.row.user_id)
}

async fn batch(what: &mut Persist) -> Result<Vec<Write>, DbError> {
    let mut batch = Vec::with_capacity(3);
    if what.entries > 0 {
        batch.push(Write::Append {
            run: what.row.run_id,
            sequence: what.sequence,
            entries: what.entries,
            body: Arc::clone(&what.records),
        });
    }
    batch.push(what.row.clone().put(what.time)?);
    if let Some(session) = session_write(what).await? {
        batch.push(session);
    }
    Ok(batch)
}

async fn session_write(what: &Persist) -> Result<Option<Write>, DbError> {
    let Some(id) = &what.row.session_id else {
        return Ok(None);
    };
    if let Some(new) = &what.new_session {
        let mut session = Session {
            id: id.clone(),
            kind: "agent".into(),
            component_id: new.component_id.clone(),
            user_id: new.user_id.clone(),
            name: new.name.clone(),
            state: new.state.clone(),
            metadata: new.metadata.clone(),
            created: what.time,
            updated: what.time,
            version: 1,
        };
        if let Some(patch) = &what.patch {
            patch.apply(&mut session.state);
        }
        return session.put(what.time, Expect::Absent).map(Some);
    }
    let changes = what.patch.as_ref().filter(|patch| !patch.is_empty());
    let Some(patch) = changes else {
        let key = id.as_str().into();
        return Ok(Some(Write::Touch {
            collection: &SESSIONS,
            key,
            time: what.time,
        }));
    };
    let store = SessionStore::new(Arc::clone(&what.db));
    let Some(mut session) = store.get(id).await? else {
        // The session was deleted while the run went on; the run does not bring it back.
        return Ok(None);
    };
    patch.apply(&mut session.state);
    session
        .put(what.time, Expect::Version(session.version))
        .map(Some)
}
