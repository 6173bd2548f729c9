//! `POST /agents/{agent_id}/runs`

use std::sync::Arc;

use agno_core::SessionId;
use agno_runtime::Agent;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use bytes::BytesMut;
use http::StatusCode;
use serde::Serialize;

use super::run_form::RunForm;
use crate::http::edge::ok;
use crate::http::error::{ApiError, json};
use crate::http::form::Form;
use crate::runs::background::Accepted;
use crate::runs::inline::{EventBody, InlineRun, event_stream, first_event};
use crate::runs::view::ShownRun;
use crate::server::Server;
use crate::wire::event::EventEncoder;
use crate::wire::time::now;

#[derive(Serialize)]
struct Pending<'a> {
    run_id: String,
    session_id: &'a str,
    status: &'static str,
}

/// The answer for a run that goes on in the background.
pub(super) fn pending(accepted: &Accepted) -> Response {
    let body = Pending {
        run_id: accepted.run_id.to_string(),
        session_id: &accepted.session_id,
        status: "PENDING",
    };
    json(StatusCode::ACCEPTED, &body)
}

/// Runs an agent.
#[utoipa::path(post, path = "/agents/{agent_id}/runs", tag = "Agents",
    params(("agent_id" = String, Path, description = "The agent")),
    request_body(content_type = "multipart/form-data",
        description = "`message`; optional `stream` (default true), `background`, `session_id`, \
                       `user_id`, `files`, and as JSON text `session_state`, `dependencies`, \
                       `metadata`, `output_schema`, `images`, `audio`, `videos`, `input_files`"),
    responses(
        (status = 200, description = "The run, or its events as `text/event-stream`"),
        (status = 202, description = "A background run was accepted"),
        (status = 404, description = "Unknown agent, or a session of someone else"),
        (status = 422, description = "A field is not what it has to be")))]
pub(crate) async fn start_run(
    State(server): State<Arc<Server>>,
    Path(agent_id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let agent = server.agent(&agent_id)?;
    let mut form = Form::read(request, server.settings.body_limit).await?;
    let form = RunForm::read(&mut form, &agent)?;
    if form.background {
        return background(&server, &agent, form).await;
    }
    let telling = form.telling;
    // Without a database nobody else gives the conversation an id.
    let request = match agent.db() {
        Some(_) => form.request,
        None => form.request.session_if_none(|| SessionId::new(now())),
    };
    if !form.stream {
        let run = InlineRun::enter(request.stream_whole(), &server.active)?;
        let (output, state) = run.finish().await?;
        let shown = ShownRun::fresh(&agent, output, state, telling.raw_answer).await?;
        return Ok(ok(&shown.view(Some(&agent))));
    }
    let (stream, first) = first_event(request.stream()).await?;
    let mut encoder = EventEncoder::new(&agent, stream.run_id(), stream.records(), false);
    telling.apply(&mut encoder);
    let run = InlineRun::enter(stream, &server.active)?;
    let body = EventBody::new(run, encoder, &first);
    Ok(event_stream(Body::new(body)))
}

async fn background(server: &Server, agent: &Agent, form: RunForm) -> Result<Response, ApiError> {
    let accepted = server
        .start_background(agent, form.request, form.telling)
        .await?;
    if form.stream {
        return Ok(event_stream(accepted.live.body(BytesMut::new(), 0)));
    }
    Ok(pending(&accepted))
}
