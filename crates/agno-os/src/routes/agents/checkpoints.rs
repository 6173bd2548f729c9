//! `GET /agents/{agent_id}/runs/{run_id}/checkpoints[/{message_index}]`
//!
//! A run is a journal, so each of its messages is a place to go on from; what is listed is the end.

use std::sync::Arc;

use agno_core::Message;
use agno_engine::RunOutput;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use uuid::Uuid;

use crate::http::edge::ok;
use crate::http::error::{ApiError, FieldError};
use crate::http::query::Query;
use crate::runs::view::{ShownRun, find};
use crate::server::Server;
use crate::wire::run::{Lineage, RunView};

#[derive(Serialize)]
struct Checkpoint<'a> {
    checkpoint_id: Option<&'static str>,
    run_id: String,
    session_id: &'a str,
    message_index: usize,
    continue_from: usize,
    status: &'static str,
    reason: &'static str,
    created_at: u64,
    message_id: Uuid,
    message_role: &'static str,
    message_preview: String,
    is_latest: bool,
}

#[derive(Serialize)]
struct Checkpoints<'a> {
    run_id: String,
    session_id: &'a str,
    checkpoints: Vec<Checkpoint<'a>>,
}

#[derive(Serialize)]
struct Snapshot<'a> {
    checkpoint: Checkpoint<'a>,
    snapshot: RunView<'a>,
}

/// How many characters of a message a checkpoint shows.
const PREVIEW_CHARACTERS: usize = 120;

/// The run after its first `index` messages.
fn checkpoint<'a>(run: &RunOutput, session: &'a str, index: usize) -> Option<Checkpoint<'a>> {
    let position = index.checked_sub(1)?;
    let known = run.messages.get(position)?;
    let is_latest = index == run.messages.len();
    Some(Checkpoint {
        checkpoint_id: is_latest.then_some("1"),
        run_id: run.run_id.to_string(),
        session_id: session,
        message_index: index,
        continue_from: index,
        status: run.status.as_str(),
        reason: if is_latest { "end" } else { "snapshot" },
        created_at: known.time.seconds(),
        message_id: run.run_id.message_id(position),
        message_role: match &*known.message {
            Message::System(_) => "system",
            Message::User(_) => "user",
            Message::Tool(_) => "tool",
            _ => "assistant",
        },
        message_preview: known
            .message
            .text()
            .chars()
            .take(PREVIEW_CHARACTERS)
            .collect(),
        is_latest,
    })
}

/// The places of a run to go on from.
#[utoipa::path(get, path = "/agents/{agent_id}/runs/{run_id}/checkpoints", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent"),
        ("run_id" = String, Path, description = "The run"),
        ("session_id" = String, Query, description = "Its session"),
        ("user_id" = Option<String>, Query, description = "Whose it has to be")),
    responses((status = 200, description = "The checkpoints"), (status = 404, description = "Unknown run")))]
pub(crate) async fn list_checkpoints(
    State(server): State<Arc<Server>>,
    Path((agent_id, run_id)): Path<(String, String)>,
    query: Query,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    let session = query.required("session_id")?;
    let (_, run) = find(&agent, &run_id, session, query.text("user_id")).await?;
    Ok(ok(&Checkpoints {
        run_id: run.run_id.to_string(),
        session_id: session,
        checkpoints: checkpoint(&run, session, run.messages.len())
            .into_iter()
            .collect(),
    }))
}

/// A run as it was after some of its messages.
#[utoipa::path(get, path = "/agents/{agent_id}/runs/{run_id}/checkpoints/{message_index}", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent"),
        ("run_id" = String, Path, description = "The run"),
        ("message_index" = usize, Path, description = "How many messages"),
        ("session_id" = String, Query, description = "Its session"),
        ("user_id" = Option<String>, Query, description = "Whose it has to be")),
    responses((status = 200, description = "The run so far"), (status = 404, description = "Unknown run or message")))]
pub(crate) async fn get_checkpoint(
    State(server): State<Arc<Server>>,
    Path((agent_id, run_id, index)): Path<(String, String, String)>,
    query: Query,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    let session = query.required("session_id")?;
    let count: usize = index.parse().map_err(|_| {
        let message = "Input should be a valid integer, unable to parse string as an integer";
        FieldError::new(
            "int_parsing",
            "path",
            "message_index",
            message,
            index.as_str(),
        )
    })?;
    let (stored, mut run) = find(&agent, &run_id, session, query.text("user_id")).await?;
    let checkpoint = checkpoint(&run, session, count)
        .ok_or_else(|| ApiError::not_found(format!("The run has no message {count}")))?;
    let asked = |id: &str| {
        run.messages
            .iter()
            .take(count)
            .any(|known| match &*known.message {
                Message::Assistant(answer) => answer.tool_calls.iter().any(|call| *call.id == *id),
                _ => false,
            })
    };
    let tools = run
        .tools
        .iter()
        .filter(|tool| asked(&tool.call.id))
        .cloned();
    run.tools = tools.collect();
    let lineage = Lineage {
        checkpoint: Some(count),
        shown_messages: Some(count),
        ..Lineage::default()
    };
    let shown = ShownRun::stored(Some(&agent), stored, run)
        .without_events()
        .with_lineage(lineage);
    Ok(ok(&Snapshot {
        checkpoint,
        snapshot: shown.view(Some(&agent)),
    }))
}
