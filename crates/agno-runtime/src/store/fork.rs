//! Copies of sessions.

use std::collections::HashMap;
use std::sync::Arc;

use agno_core::db::{Attribute, Condition, Expect, Query, Write};
use agno_core::{RunId, SessionId, Timestamp};
use agno_engine::{Fact, Record, journal};

use super::RUNS;
use super::runs::decode;
use super::sessions::{Session, SessionStore};
use crate::error::Error;

impl SessionStore {
    /// Copies a session with its runs that have ended, under new ids. `None` if it does not exist.
    ///
    /// # Errors
    /// If the database fails or a journal can't be read.
    pub async fn fork(
        &self,
        id: &SessionId,
        copy: SessionId,
        time: Timestamp,
    ) -> Result<Option<Session>, Error> {
        let Some(session) = self.get(id).await? else {
            return Ok(None);
        };
        let copied = Session {
            id: copy.clone(),
            created: time,
            updated: time,
            version: 1,
            ..session
        };
        let of_session = Condition::equals("session_id", id.as_str());
        let rows = self.db.query(Query::new(&RUNS).filter(of_session)).await?;
        let ended = |row: &agno_core::db::Record| {
            let status = row.attributes.get(3).and_then(Attribute::as_text);
            matches!(
                status.map(|status| &**status),
                Some("COMPLETED" | "CANCELLED" | "ERROR")
            )
        };
        let rows: Vec<_> = rows.into_iter().filter(ended).collect();
        let runs: Vec<RunId> = rows.iter().filter_map(|row| row.key.parse().ok()).collect();
        let journals = self.db.journals(runs.clone(), 0).await?;
        let mut batch = vec![copied.put(time, Expect::Absent)?];
        let mut new_ids = HashMap::new();
        for ((row, run), entries) in rows.iter().zip(&runs).zip(journals) {
            let new = RunId::new(time);
            new_ids.insert(*run, new);
            let mut records = decode(*run, entries.into_iter())?;
            move_to(&mut records, &copy, *run, &new_ids);
            let unwritable = |problem: serde_json::Error| Error::Journal {
                run: *run,
                problem: problem.to_string().into(),
            };
            batch.push(Write::Append {
                run: new,
                sequence: 0,
                entries: u32::try_from(records.len()).unwrap_or(u32::MAX),
                body: journal::encode(&records).map_err(unwritable)?.into(),
            });
            let mut attributes = row.attributes.clone();
            if let Some(session) = attributes.first_mut() {
                *session = copy.as_str().into();
            }
            batch.push(Write::Put {
                collection: &RUNS,
                key: new.to_string().into(),
                attributes,
                body: Arc::clone(&row.body),
                time: row.created,
                expect: Expect::Absent,
            });
        }
        self.db.write(batch).done().await?;
        Ok(Some(copied))
    }
}

/// Makes the records those of a run in the copied session.
fn move_to(
    records: &mut [Record],
    session: &SessionId,
    original: RunId,
    new_ids: &HashMap<RunId, RunId>,
) {
    if let Some(Record {
        fact: Fact::Started(start),
        ..
    }) = records.first_mut()
    {
        start.input.session_id = Some(session.clone());
        start.input.forked_from = Some(original);
        for run in &mut start.input.history_runs {
            if let Some(new) = new_ids.get(run) {
                *run = *new;
            }
        }
    }
}
