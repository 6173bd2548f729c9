//! Finding a session, and showing it.

use std::sync::Arc;

use agno_core::db::Db;
use agno_engine::RunOutput;
use agno_runtime::Agent;
use agno_runtime::store::{RunStore, Session, SessionStore, StoredRun};
use axum::response::Response;
use http::StatusCode;

use crate::http::error::{ApiError, json};
use crate::http::field::Field;
use crate::http::query::Query;
use crate::routes::agents::runs::statuses;
use crate::runs::view::load;
use crate::server::Server;
use crate::wire::session::SessionDetail;

/// What runs in sessions.
pub(super) const KINDS: [&str; 3] = ["agent", "team", "workflow"];

/// The kind of session that a query asks for.
pub(super) fn kind(query: &Query) -> Result<Option<&'static str>, ApiError> {
    query
        .get("type")
        .map(|field| Ok(field.one_of(&KINDS)?))
        .transpose()
}

/// The session of the given id, if it is of the kind and the user that the query asks for.
pub(super) async fn session(
    db: &Arc<dyn Db>,
    id: &str,
    query: &Query,
) -> Result<Option<Session>, ApiError> {
    let kind = kind(query)?;
    let found = SessionStore::new(Arc::clone(db)).get(&id.into()).await?;
    Ok(found
        .filter(|session| kind.is_none_or(|kind| *session.kind == *kind))
        .filter(|session| {
            let owner = session.user_id.as_ref().map(|user| user.as_str());
            query
                .text("user_id")
                .is_none_or(|user| owner.is_none_or(|owner| owner == user))
        }))
}

/// The answer with all there is to say about a session.
pub(super) async fn detail(
    server: &Server,
    db: &Arc<dyn Db>,
    session: &Session,
    status: StatusCode,
) -> Result<Response, ApiError> {
    let usage = SessionStore::new(Arc::clone(db)).usage(&session.id).await?;
    let store = RunStore::new(Arc::clone(db));
    let stored = store.of_session(&session.id, None).await?;
    let runs: Vec<RunOutput> = load(&store, stored)
        .await?
        .into_iter()
        .map(|(_, run)| run)
        .collect();
    let components = server.components();
    let agents: &[Agent] = &components.agents;
    Ok(json(
        status,
        &SessionDetail::new(session, &usage, &runs, agents),
    ))
}

/// The runs of a session that a query asks for, oldest first.
pub(super) async fn runs(
    db: &Arc<dyn Db>,
    id: &str,
    query: &Query,
) -> Result<Vec<(StoredRun, RunOutput)>, ApiError> {
    let after = query.get("created_after").map(Field::integer).transpose()?;
    let before = query
        .get("created_before")
        .map(Field::integer)
        .transpose()?;
    let wanted = statuses(query)?;
    if session(db, id, query).await?.is_none() {
        return Err(ApiError::not_found(format!(
            "Session with ID {id} not found"
        )));
    }
    let store = RunStore::new(Arc::clone(db));
    let mut stored = store.of_session(&id.into(), None).await?;
    let seconds = |run: &StoredRun| i64::try_from(run.created.seconds()).unwrap_or(i64::MAX);
    stored.retain(|run| {
        wanted(run.status)
            && after.is_none_or(|after| seconds(run) >= after)
            && before.is_none_or(|before| seconds(run) <= before)
    });
    load(&store, stored).await
}
