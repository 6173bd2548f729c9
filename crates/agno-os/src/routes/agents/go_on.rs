//! `POST /agents/{agent_id}/runs/{run_id}/continue`

use std::sync::Arc;

use agno_core::{RunStatus, SessionId};
use agno_engine::{Fact, RunOutput};
use agno_runtime::store::StoredRun;
use agno_runtime::{Agent, ResumeRequest};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use bytes::BytesMut;

use super::decisions::{Decided, Decision};
use super::rewrite::Rewrite;
use super::start::pending;
use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::http::form::Form;
use crate::runs::background::Accepted;
use crate::runs::inline::{InlineRun, event_stream, first_event};
use crate::runs::view::{ShownRun, load};
use crate::server::{Server, stored_run};
use crate::wire::event::EventEncoder;
use crate::wire::tool::Asked;

/// Goes on with a run that waits for a person.
#[utoipa::path(post, path = "/agents/{agent_id}/runs/{run_id}/continue", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent"),
        ("run_id" = String, Path, description = "The run")),
    request_body(content_type = "application/x-www-form-urlencoded",
        description = "`session_id`; `tools` or `requirements` with the decisions, as JSON text; \
                       `stream` (default true), `background`"),
    responses((status = 200, description = "The run, or its events"),
        (status = 202, description = "It goes on in the background"),
        (status = 400, description = "Something is not decided"),
        (status = 404, description = "Unknown run"),
        (status = 409, description = "The run does not wait for anybody")))]
pub(crate) async fn continue_run(
    State(server): State<Arc<Server>>,
    Path((agent_id, run_id)): Path<(String, String)>,
    request: Request,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    let mut form = Form::read(request, server.settings.body_limit).await?;
    let Some(session) = form.text("session_id") else {
        return Err(ApiError::bad_request(
            "session_id is required for this action",
        ));
    };
    let stream = form.boolean("stream")?.unwrap_or(true);
    let background = form.boolean("background")?.unwrap_or(false);
    let user = form.text("user_id");
    let decided = Decided::read(&mut form)?;
    let rewrite = Rewrite::read(&mut form)?;
    let unknown = || ApiError::not_found(format!("No runs found for run ID {run_id}"));
    let (store, stored) = stored_run(&agent, &run_id, Some(&session), user.as_deref())
        .await?
        .ok_or_else(unknown)?;
    let (stored, run) = load(&store, vec![stored])
        .await?
        .pop()
        .ok_or_else(unknown)?;
    if let Some(rewrite) = rewrite {
        if !stored.status.is_terminal() {
            return Err(ApiError::conflict(
                "the run has not ended: decide what it waits for, or cancel it",
            ));
        }
        return rewrite
            .answer(&server, &agent, &run, (stream, background))
            .await;
    }
    waits_for_someone(&server, &stored)?;
    let decisions = decided.resolve(&agent, &run)?;
    let request = resume(&agent, &stored, &decisions);
    if stream || background {
        let accepted = go_on(&server, &agent, &stored, &run, decisions, request).await?;
        if background && !stream {
            return Ok(pending(&accepted));
        }
        let from = accepted.live.continued_at(pauses(&stored, &run)).await;
        return Ok(event_stream(accepted.live.body(BytesMut::new(), from)));
    }
    let inline = InlineRun::enter(request.stream(), &server.active)?;
    let (output, state) = inline.finish().await?;
    let stored = StoredRun {
        status: output.status,
        state,
        ..stored
    };
    let shown = ShownRun::stored(Some(&agent), stored, output).without_events();
    Ok(ok(&shown.view(Some(&agent))))
}

/// Whether and why the run does not wait for anybody.
fn waits_for_someone(server: &Server, stored: &StoredRun) -> Result<(), ApiError> {
    match stored.status {
        RunStatus::Paused if !server.active.contains(stored.run_id) => Ok(()),
        RunStatus::Paused | RunStatus::Running | RunStatus::Pending => {
            Err(ApiError::conflict("run is still running"))
        }
        status => Err(ApiError::conflict(format!(
            "run is already {}",
            status.as_str().to_lowercase()
        ))),
    }
}

fn resume(agent: &Agent, stored: &StoredRun, decisions: &[Decision]) -> ResumeRequest {
    let mut request = agent.resume(stored.run_id);
    for (requirement, resolution) in decisions {
        request = request.decide(requirement, resolution.clone());
    }
    if stored.background {
        // Its frames are numbered from its beginning.
        request = request.tell_past();
    }
    request
}

/// How many pauses are told before the new frames begin.
fn pauses(stored: &StoredRun, run: &RunOutput) -> usize {
    if !stored.background {
        return 0;
    }
    run.records
        .iter()
        .filter(|record| matches!(record.fact, Fact::Continued))
        .count()
}

/// Lets the run go on in a task of its own, so that its observers can come and go.
async fn go_on(
    server: &Server,
    agent: &Agent,
    stored: &StoredRun,
    run: &RunOutput,
    decisions: Vec<Decision>,
    request: ResumeRequest,
) -> Result<Accepted, ApiError> {
    let (stream, first) = first_event(request.stream()).await?;
    let mut encoder = if stored.background {
        EventEncoder::new(agent, run.run_id, &run.records, true)
    } else {
        EventEncoder::resumed(agent, run)
    };
    for (requirement, resolution) in decisions {
        let asked = Asked {
            kind: requirement.kind,
            answer: Some(resolution),
        };
        encoder.note_answer(&requirement.call.id, asked);
    }
    let session = stored
        .session_id
        .as_ref()
        .map_or("", SessionId::as_str)
        .to_owned();
    let begun = (stream, first);
    let live = server
        .background
        .go_on(&server.active, agent, begun, encoder, &session)?;
    Ok(Accepted {
        run_id: stored.run_id,
        session_id: session,
        live,
    })
}
