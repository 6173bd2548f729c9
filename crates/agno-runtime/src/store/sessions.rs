//! Conversations.

use std::sync::Arc;

use agno_core::db::{
    Aggregate, Attribute, Condition, Db, DbError, Expect, Field, Query, Record, Test, Write,
};
use agno_core::{RunId, SessionId, Timestamp, Usage, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{RUNS, SESSIONS};

/// A conversation, without its runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// What runs in it: `agent`, `team` or `workflow`.
    pub kind: Arc<str>,
    /// The agent's id.
    pub component_id: Option<Arc<str>>,
    /// Whose it is.
    pub user_id: Option<UserId>,
    /// Its name: given by someone, or the beginning of the first input.
    pub name: Option<Arc<str>>,
    /// The state that its runs share.
    pub state: Map<String, Value>,
    /// Data of its creator.
    pub metadata: Map<String, Value>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed, or a run ended in it.
    pub updated: Timestamp,
    /// Counts the changes of the row.
    pub version: u64,
}

/// What a session begins with.
#[derive(Clone, Debug, Default)]
pub struct NewSession {
    /// The agent's id.
    pub component_id: Option<Arc<str>>,
    /// Whose it is.
    pub user_id: Option<UserId>,
    /// Its name.
    pub name: Option<Arc<str>>,
    /// Its state.
    pub state: Map<String, Value>,
    /// Data of its creator.
    pub metadata: Map<String, Value>,
}

/// The part of a session that is not an attribute.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Body {
    #[serde(skip_serializing_if = "Map::is_empty")]
    state: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    metadata: Map<String, Value>,
}

/// Which sessions are wanted.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// What runs in them.
    pub kind: Option<Arc<str>>,
    /// The agent's id.
    pub component_id: Option<Arc<str>>,
    /// Whose they are.
    pub user_id: Option<UserId>,
    /// Text that their name contains.
    pub name: Option<Arc<str>>,
}

/// What the runs of a session used, by model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionUsage {
    /// The model's id.
    pub model: Option<Arc<str>>,
    /// Who served it.
    pub provider: Option<Arc<str>>,
    /// The sum.
    pub usage: Usage,
}

impl Session {
    fn from_record(record: Record) -> Result<Self, DbError> {
        let body: Body = serde_json::from_str(&record.body).map_err(|error| {
            DbError::Backend(format!("session `{}` can't be read: {error}", record.key).into())
        })?;
        let mut attributes = record.attributes.into_iter();
        let mut text = || attributes.next().and_then(|value| value.as_text().cloned());
        Ok(Self {
            kind: text().unwrap_or_else(|| "agent".into()),
            component_id: text(),
            user_id: text().map(UserId::from),
            name: text(),
            id: record.key.into(),
            state: body.state,
            metadata: body.metadata,
            created: record.created,
            updated: record.updated,
            version: record.version,
        })
    }

    /// The write that stores this session.
    pub(crate) fn put(&self, time: Timestamp, expect: Expect) -> Result<Write, DbError> {
        let body = Body {
            state: self.state.clone(),
            metadata: self.metadata.clone(),
        };
        let body = serde_json::to_string(&body)
            .map_err(|error| DbError::InvalidQuery(error.to_string().into()))?;
        Ok(Write::Put {
            collection: &SESSIONS,
            key: self.id.as_str().into(),
            attributes: vec![
                Attribute::Text(Arc::clone(&self.kind)),
                self.component_id.clone().into(),
                self.user_id
                    .as_ref()
                    .map(|user| Arc::<str>::from(user.as_str()))
                    .into(),
                self.name.clone().into(),
            ],
            body: body.into(),
            time,
            expect,
        })
    }
}

/// The sessions of a database.
#[derive(Clone, Debug)]
pub struct SessionStore {
    pub(super) db: Arc<dyn Db>,
}

impl SessionStore {
    /// The sessions of `db`.
    pub fn new(db: Arc<dyn Db>) -> Self {
        Self { db }
    }

    /// The session of the given id.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn get(&self, id: &SessionId) -> Result<Option<Session>, DbError> {
        self.db
            .get(&SESSIONS, id.as_str())
            .await?
            .map(Session::from_record)
            .transpose()
    }

    /// Creates a session.
    ///
    /// # Errors
    /// [`DbError::Conflict`] if the id is taken.
    pub async fn create(
        &self,
        id: SessionId,
        kind: &str,
        new: NewSession,
        time: Timestamp,
    ) -> Result<Session, DbError> {
        let session = Session {
            id,
            kind: kind.into(),
            component_id: new.component_id,
            user_id: new.user_id,
            name: new.name,
            state: new.state,
            metadata: new.metadata,
            created: time,
            updated: time,
            version: 1,
        };
        self.db
            .write(vec![session.put(time, Expect::Absent)?])
            .done()
            .await?;
        Ok(session)
    }

    /// Changes a session; the change is made again if someone else was faster.
    ///
    /// # Errors
    /// If the database fails; `None` if there is no such session.
    pub async fn update(
        &self,
        id: &SessionId,
        time: Timestamp,
        change: impl Fn(&mut Session),
    ) -> Result<Option<Session>, DbError> {
        loop {
            let Some(mut session) = self.get(id).await? else {
                return Ok(None);
            };
            change(&mut session);
            let write = session.put(time, Expect::Version(session.version))?;
            match self.db.write(vec![write]).done().await {
                Err(DbError::Conflict { .. }) => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    session.version += 1;
                    session.updated = time;
                    return Ok(Some(session));
                }
            }
        }
    }

    /// Deletes a session with its runs and their journals.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn delete(&self, id: &SessionId) -> Result<(), DbError> {
        let of_session = Condition::equals("session_id", id.as_str());
        let runs = self
            .db
            .query(Query::new(&RUNS).filter(of_session.clone()))
            .await?;
        let mut batch: Vec<Write> = runs
            .iter()
            .filter_map(|run| run.key.parse::<RunId>().ok())
            .map(|run| Write::DeleteJournal { run })
            .collect();
        batch.push(Write::Delete {
            collection: &RUNS,
            conditions: vec![of_session],
        });
        batch.push(Write::Delete {
            collection: &SESSIONS,
            conditions: vec![Condition::key(id.as_str())],
        });
        self.db.write(batch).done().await
    }

    /// The sessions that match, and how many there are in all.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn list(
        &self,
        filter: &SessionFilter,
        order: Field,
        descending: bool,
        limit: u32,
        offset: u64,
    ) -> Result<(Vec<Session>, u64), DbError> {
        let conditions = filter.conditions();
        let total = self.db.count(&SESSIONS, conditions.clone()).await?;
        let query = Query {
            conditions,
            order,
            descending,
            limit: Some(limit),
            offset,
            ..Query::new(&SESSIONS)
        };
        let records = self.db.query(query).await?;
        let sessions: Result<Vec<_>, _> = records.into_iter().map(Session::from_record).collect();
        Ok((sessions?, total))
    }

    /// What the runs of a session used, by model.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn usage(&self, id: &SessionId) -> Result<Vec<SessionUsage>, DbError> {
        let aggregate = Aggregate {
            collection: &RUNS,
            conditions: vec![Condition::equals("session_id", id.as_str())],
            group_by: vec!["model", "provider"],
            sum: vec![
                "input_tokens",
                "output_tokens",
                "total_tokens",
                "cache_read_tokens",
                "cache_write_tokens",
                "reasoning_tokens",
            ],
        };
        let groups = self.db.aggregate(aggregate).await?;
        Ok(groups
            .into_iter()
            .map(|group| {
                let mut sums = group
                    .sums
                    .into_iter()
                    .map(|sum| u64::try_from(sum).unwrap_or_default());
                let mut sum = || sums.next().unwrap_or_default();
                let usage = Usage {
                    input_tokens: sum(),
                    output_tokens: sum(),
                    total_tokens: sum(),
                    cache_read_tokens: sum(),
                    cache_write_tokens: sum(),
                    reasoning_tokens: sum(),
                    ..Usage::default()
                };
                let mut by = group.by.into_iter();
                let mut text = || by.next().and_then(|value| value.as_text().cloned());
                SessionUsage {
                    model: text(),
                    provider: text(),
                    usage,
                }
            })
            .collect())
    }
}

impl SessionFilter {
    fn conditions(&self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        if let Some(kind) = &self.kind {
            conditions.push(Condition::equals("session_type", Arc::clone(kind)));
        }
        if let Some(component) = &self.component_id {
            conditions.push(Condition::equals("component_id", Arc::clone(component)));
        }
        if let Some(user) = &self.user_id {
            conditions.push(Condition::equals("user_id", user.as_str()));
        }
        if let Some(name) = &self.name {
            conditions.push(Condition {
                field: Field::Attribute("session_name"),
                test: Test::Contains(Arc::clone(name)),
            });
        }
        conditions
    }
}
