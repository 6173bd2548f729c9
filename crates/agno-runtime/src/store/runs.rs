//! Runs and their journals.

use std::sync::Arc;

use agno_core::db::{Attribute, Condition, Db, DbError, JournalEntry, Query, Record as Row};
use agno_core::{Message, RunId, RunStatus, SessionId, Timestamp, UserId};
use agno_engine::{Fact, HistoryPolicy, Record, RunInput, RunOutput, journal};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::RUNS;
use super::persist::{BACKGROUND, OBSERVED};
use crate::error::Error;

/// The row of a run: what lists and filters need. What happened is in its journal.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// The run.
    pub run_id: RunId,
    /// The session it belongs to.
    pub session_id: Option<SessionId>,
    /// On whose behalf it was made.
    pub user_id: Option<UserId>,
    /// The agent's id.
    pub component_id: Arc<str>,
    /// Where it stands.
    pub status: RunStatus,
    /// Whether it goes on by itself after a restart.
    pub background: bool,
    /// The model's id.
    pub model: Option<Arc<str>>,
    /// Who served it.
    pub provider: Option<Arc<str>>,
    /// The session state at its last write.
    pub state: Map<String, Value>,
    /// When it began.
    pub created: Timestamp,
    /// When it was last written.
    pub updated: Timestamp,
}

/// The part of a run's row that is not an attribute.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub(super) struct Body {
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) state: Map<String, Value>,
}

impl StoredRun {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let unreadable = |problem: String| {
            DbError::Backend(format!("run `{}` can't be read: {problem}", row.key).into())
        };
        let body: Body =
            serde_json::from_str(&row.body).map_err(|error| unreadable(error.to_string()))?;
        let attribute = |index: usize| row.attributes.get(index);
        let text = |index: usize| attribute(index).and_then(|value| value.as_text().cloned());
        let status = text(3).unwrap_or_default();
        Ok(Self {
            run_id: row
                .key
                .parse()
                .map_err(|error| unreadable(format!("{error}")))?,
            session_id: text(0).map(SessionId::from),
            user_id: text(1).map(UserId::from),
            component_id: text(2).unwrap_or_default(),
            status: RunStatus::parse(&status)
                .ok_or_else(|| unreadable(format!("unknown status `{status}`")))?,
            background: attribute(5).and_then(Attribute::as_integer) == Some(1),
            model: text(6),
            provider: text(7),
            state: body.state,
            created: row.created,
            updated: row.updated,
        })
    }
}

/// The runs of a database.
#[derive(Clone, Debug)]
pub struct RunStore {
    db: Arc<dyn Db>,
}

impl RunStore {
    /// The runs of `db`.
    pub fn new(db: Arc<dyn Db>) -> Self {
        Self { db }
    }

    /// The row of a run.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn get(&self, run: RunId) -> Result<Option<StoredRun>, DbError> {
        let row = self.db.get(&RUNS, &run.to_string()).await?;
        row.as_ref().map(StoredRun::from_row).transpose()
    }

    /// A run as a whole.
    ///
    /// # Errors
    /// If the database fails or the journal can't be read.
    pub async fn output(&self, run: RunId) -> Result<Option<RunOutput>, Error> {
        let records = self.records(run).await?;
        Ok(RunOutput::from_records(run, records))
    }

    /// The runs of a session, oldest first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn of_session(
        &self,
        session: &SessionId,
        status: Option<RunStatus>,
    ) -> Result<Vec<StoredRun>, DbError> {
        let mut query = Query::new(&RUNS).filter(Condition::equals("session_id", session.as_str()));
        if let Some(status) = status {
            query = query.filter(Condition::equals("status", status.as_str()));
        }
        self.query(query).await
    }

    /// The newest runs, newest first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn newest(&self, limit: u32) -> Result<Vec<StoredRun>, DbError> {
        let query = Query::new(&RUNS).newest_first().limit(limit);
        self.query(query).await
    }

    /// Background runs that had not ended when their process did, oldest first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn interrupted(&self) -> Result<Vec<StoredRun>, DbError> {
        self.under_way(BACKGROUND).await
    }

    /// Runs without an own life that had not ended when their process did, oldest first. Also those
    /// of another process that is alive: ask only when there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn cut_off(&self) -> Result<Vec<StoredRun>, DbError> {
        self.under_way(OBSERVED).await
    }

    async fn query(&self, query: Query) -> Result<Vec<StoredRun>, DbError> {
        let rows = self.db.query(query).await?;
        rows.iter().map(StoredRun::from_row).collect()
    }

    async fn under_way(&self, how: &'static str) -> Result<Vec<StoredRun>, DbError> {
        let query = Query::new(&RUNS).filter(Condition::equals("under_way", how));
        self.query(query).await
    }

    /// The journal of a run; empty if there is no such run. Messages of earlier runs that were
    /// shown to the model are filled in again.
    ///
    /// # Errors
    /// If the database fails or the journal can't be read.
    pub async fn records(&self, run: RunId) -> Result<Vec<Record>, Error> {
        let journals = self.db.journals(vec![run], 0).await?;
        let mut records = decode(run, journals.into_iter().flatten())?;
        if let Some(Record {
            fact: Fact::Started(start),
            ..
        }) = records.first_mut()
        {
            self.fill_history(&mut start.input).await?;
        }
        Ok(records)
    }

    /// Runs as wholes, in the order asked for, without those that do not exist. Messages of earlier
    /// runs that were shown to the model are left out.
    ///
    /// # Errors
    /// If the database fails or a journal can't be read.
    pub async fn outputs(&self, runs: &[RunId]) -> Result<Vec<RunOutput>, Error> {
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let journals = self.db.journals(runs.to_vec(), 0).await?;
        let mut outputs = Vec::with_capacity(runs.len());
        for (run, entries) in runs.iter().zip(journals) {
            let records = decode(*run, entries.into_iter())?;
            outputs.extend(RunOutput::from_records(*run, records));
        }
        Ok(outputs)
    }

    async fn fill_history(&self, input: &mut RunInput) -> Result<(), Error> {
        if !input.history_runs.is_empty() {
            let messages = self.messages(&input.history_runs).await?;
            input.history = input.history_policy.select(messages);
        }
        Ok(())
    }

    /// The messages of earlier runs that an agent's policy shows, and the runs they are from.
    pub(crate) async fn history(
        &self,
        session: &SessionId,
        agent: &str,
        policy: &HistoryPolicy,
    ) -> Result<(Vec<RunId>, Vec<Arc<Message>>), Error> {
        let query = Query::new(&RUNS)
            .filter(Condition::equals("session_id", session.as_str()))
            .filter(Condition::equals("component_id", agent))
            .filter(Condition::equals("status", RunStatus::Completed.as_str()))
            .newest_first()
            .limit(policy.last_runs);
        let rows = self.db.query(query).await?;
        let mut runs: Vec<RunId> = rows.iter().filter_map(|row| row.key.parse().ok()).collect();
        runs.reverse();
        let messages = self.messages(&runs).await?;
        Ok((runs, policy.select(messages)))
    }

    /// The messages of the given runs, in their order.
    async fn messages(&self, runs: &[RunId]) -> Result<Vec<Arc<Message>>, Error> {
        let outputs = self.outputs(runs).await?;
        Ok(outputs
            .into_iter()
            .flat_map(|output| {
                let inherited = output.inherited();
                let messages = output.messages.into_iter().enumerate();
                messages.filter(move |(index, _)| !inherited.contains(index))
            })
            .map(|(_, known)| known.message)
            .collect())
    }
}

pub(super) fn decode(
    run: RunId,
    entries: impl Iterator<Item = JournalEntry>,
) -> Result<Vec<Record>, Error> {
    let unreadable = |problem: String| Error::Journal {
        run,
        problem: problem.into(),
    };
    let mut records = Vec::new();
    for entry in entries {
        let mut batch =
            journal::decode(&entry.body).map_err(|error| unreadable(error.to_string()))?;
        if entry.sequence as usize != records.len() || entry.entries as usize != batch.len() {
            return Err(unreadable(format!("entry {} is missing", records.len())));
        }
        records.append(&mut batch);
    }
    Ok(records)
}
