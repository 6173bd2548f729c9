//! `GET /sessions`

use std::sync::Arc;
use std::time::Instant;

use agno_core::db::Field as Order;
use agno_runtime::store::{SessionFilter, SessionStore};
use axum::extract::State;
use axum::response::Response;

use super::find::kind;
use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::server::Server;
use crate::wire::session::{Page, SessionRow};

/// The most sessions of a page.
const MOST: u64 = 1000;

/// What sessions can be sorted by.
fn order(query: &Query) -> Result<Order, ApiError> {
    match query.text("sort_by") {
        None | Some("created_at") => Ok(Order::Created),
        Some("updated_at") => Ok(Order::Updated),
        Some("session_id") => Ok(Order::Key),
        Some("session_name") => Ok(Order::Attribute("session_name")),
        Some("user_id") => Ok(Order::Attribute("user_id")),
        Some("session_type") => Ok(Order::Attribute("session_type")),
        Some("component_id" | "agent_id") => Ok(Order::Attribute("component_id")),
        Some(other) => Err(ApiError::bad_request(format!(
            "Sessions can't be sorted by `{other}`: use created_at, updated_at, session_id, \
             session_name, user_id, session_type or component_id"
        ))),
    }
}

/// Sessions, page by page.
#[utoipa::path(get, path = "/sessions", tag = "Sessions",
    params(("type" = Option<String>, Query, description = "`agent`, `team` or `workflow`"),
        ("component_id" = Option<String>, Query, description = "Only of this component"),
        ("user_id" = Option<String>, Query, description = "Only of this user"),
        ("session_name" = Option<String>, Query, description = "Text that the name contains"),
        ("limit" = Option<u64>, Query, description = "Sessions a page, default 20"),
        ("page" = Option<u64>, Query, description = "The page, from 1"),
        ("sort_by" = Option<String>, Query, description = "Default `created_at`"),
        ("sort_order" = Option<String>, Query, description = "`asc` or `desc` (default)"),
        ("db_id" = Option<String>, Query, description = "The database")),
    responses((status = 200, description = "A page of sessions")))]
pub(crate) async fn list_sessions(
    State(server): State<Arc<Server>>,
    query: Query,
) -> Result<Response, ApiError> {
    let began = Instant::now();
    let number = |name, default| {
        query
            .get(name)
            .map_or(Ok(default), |field| field.at_least(1))
    };
    let (limit, page) = (number("limit", 20)?.min(MOST), number("page", 1)?);
    let descending = match query.get("sort_order") {
        Some(field) => field.one_of(&["asc", "desc"])? == "desc",
        None => true,
    };
    let filter = SessionFilter {
        kind: kind(&query)?.map(Into::into),
        component_id: query.text("component_id").map(Into::into),
        user_id: query.text("user_id").map(Into::into),
        name: query.text("session_name").map(Into::into),
    };
    let order = order(&query)?;
    let store = SessionStore::new(server.database(&query)?);
    let offset = (page - 1).saturating_mul(limit);
    let count = u32::try_from(limit).unwrap_or(u32::MAX);
    let (sessions, total) = store
        .list(&filter, order, descending, count, offset)
        .await?;
    let mut usages = Vec::with_capacity(sessions.len());
    for session in &sessions {
        usages.push(store.usage(&session.id).await?);
    }
    let components = server.components();
    let rows = sessions
        .iter()
        .zip(&usages)
        .map(|(session, usage)| SessionRow::new(session, usage, &components.agents))
        .collect();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(ok(&Page::new(rows, page, limit, total, micros)))
}
