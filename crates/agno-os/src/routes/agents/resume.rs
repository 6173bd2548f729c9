//! `POST /agents/{agent_id}/runs/{run_id}/resume`

use std::sync::Arc;

use agno_core::RunId;
use agno_runtime::Agent;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use bytes::{BufMut, BytesMut};
use serde::Serialize;

use crate::http::error::ApiError;
use crate::http::form::Form;
use crate::runs::inline::event_stream;
use crate::runs::live::Live;
use crate::runs::replay;
use crate::server::{Server, stored_run};
use crate::wire::frame::meta_frame;

#[derive(Serialize)]
struct CatchUp<'a> {
    event: &'static str,
    run_id: &'a str,
    status: &'static str,
    missed_events: usize,
    current_event_count: usize,
    message: String,
}

#[derive(Serialize)]
struct Subscribed<'a> {
    event: &'static str,
    run_id: &'a str,
    status: &'static str,
    current_event_count: usize,
    message: &'static str,
}

#[derive(Serialize)]
struct Replay<'a> {
    event: &'static str,
    run_id: &'a str,
    status: &'static str,
    total_events: usize,
    total_buffered: usize,
    last_event_index_requested: i64,
    message: String,
}

#[derive(Serialize)]
struct Unknown {
    event: &'static str,
    error: String,
}

/// Observes a run again: what was missed, and then what happens.
#[utoipa::path(post, path = "/agents/{agent_id}/runs/{run_id}/resume", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent"),
        ("run_id" = String, Path, description = "The run")),
    request_body(content_type = "application/x-www-form-urlencoded",
        description = "`last_event_index`: the last number that was received; `session_id`"),
    responses((status = 200, description = "Events"), (status = 400, description = "No database"),
        (status = 404, description = "Unknown agent")))]
pub(crate) async fn resume_run(
    State(server): State<Arc<Server>>,
    Path((agent_id, run_id)): Path<(String, String)>,
    request: Request,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    let mut form = Form::read(request, server.settings.body_limit).await?;
    let last = form.integer("last_event_index")?.unwrap_or(-1);
    let session = form.text("session_id");
    if agent.db().is_none() {
        return Err(ApiError::bad_request(
            "Resuming needs a database: this agent has none",
        ));
    }
    let from = usize::try_from(last.saturating_add(1)).unwrap_or_default();
    let live = run_id
        .parse::<RunId>()
        .ok()
        .and_then(|id| server.background.live.get(id))
        .filter(|live| live.belongs_to(agent.id(), session.as_deref()));
    match live {
        Some(live) => Ok(event_stream(observe(live, &run_id, from))),
        None => tell_again(&agent, &run_id, session.as_deref(), from, last).await,
    }
}

/// A run that is under way.
fn observe(live: Arc<Live>, run_id: &str, from: usize) -> Body {
    let mut head = BytesMut::new();
    let count = live.count();
    let (missed, next) = live.known(from);
    if !missed.is_empty() {
        let number = next - from;
        let catch_up = CatchUp {
            event: "catch_up",
            run_id,
            status: "running",
            missed_events: number,
            current_event_count: count,
            message: format!("Catching up on {number} missed events."),
        };
        meta_frame("catch_up", &catch_up, &mut head);
        head.put_slice(&missed);
    }
    let subscribed = Subscribed {
        event: "subscribed",
        run_id,
        status: "running",
        current_event_count: next,
        message: "Subscribed to agent run. Receiving live events.",
    };
    meta_frame("subscribed", &subscribed, &mut head);
    live.body(head, next)
}

/// A run that is over, waits for a person, or is unknown.
async fn tell_again(
    agent: &Agent,
    run_id: &str,
    session: Option<&str>,
    from: usize,
    last: i64,
) -> Result<Response, ApiError> {
    let mut out = BytesMut::new();
    let found = stored_run(agent, run_id, session, None).await?;
    let run = match &found {
        Some((store, stored)) => store.outputs(&[stored.run_id]).await?.pop(),
        None => None,
    };
    let (Some((_, stored)), Some(run)) = (found, run) else {
        let unknown = Unknown {
            event: "error",
            error: format!("Run {run_id} not found in buffer or database"),
        };
        meta_frame("error", &unknown, &mut out);
        return Ok(event_stream(Body::from(out.freeze())));
    };
    let frames = replay::frames(agent, &run, stored.background, &stored.state);
    let (total, missed) = (frames.len(), frames.len().saturating_sub(from));
    let status = stored.status.as_str();
    let replay = Replay {
        event: "replay",
        run_id,
        status,
        total_events: missed,
        total_buffered: total,
        last_event_index_requested: last,
        message: format!("Run {status}. Replaying {missed} missed events (of {total} total)."),
    };
    meta_frame("replay", &replay, &mut out);
    out.put_slice(frames.after(from));
    Ok(event_stream(Body::from(out.freeze())))
}
