//! Going on with a run that has ended: with new input, or doing its answer over.

use std::sync::Arc;

use agno_core::{Message, SessionId, UserId};
use agno_engine::RunOutput;
use agno_runtime::{Agent, Input, RunStream};
use axum::body::Body;
use axum::response::Response;
use bytes::BytesMut;

use super::start::pending;
use crate::http::edge::ok;
use crate::http::error::ApiError;
use crate::http::form::Form;
use crate::runs::background::Telling;
use crate::runs::inline::{EventBody, InlineRun, event_stream, first_event};
use crate::runs::view::ShownRun;
use crate::server::Server;
use crate::wire::event::EventEncoder;
use crate::wire::run::Lineage;

/// What to do with a run that has ended.
#[derive(Debug)]
pub(super) enum Rewrite {
    /// Go on with this input.
    Input(String),
    /// Ask for the last answer again.
    Regenerate,
}

impl Rewrite {
    /// Reads what is asked for, if anything is. What can't be done is refused.
    pub(super) fn read(form: &mut Form) -> Result<Option<Self>, ApiError> {
        let at_end = form.text("continue_from").is_none_or(|from| from == "end");
        let mut refused = (!at_end).then_some("continue_from");
        if form.boolean("replace_original")? == Some(true) {
            refused = Some("replace_original");
        }
        if form.get("additional_instructions").is_some() {
            refused = Some("additional_instructions");
        }
        if let Some(name) = refused {
            return Err(ApiError::bad_request(format!(
                "`{name}` is not supported: a run goes on from its end, and both are kept"
            )));
        }
        // A run that goes on is a new run in any case.
        let fork = form.boolean("fork")?.unwrap_or(false);
        let regenerate = form.boolean("regenerate")?.unwrap_or(false);
        match (form.text("input"), regenerate) {
            (Some(_), true) => Err(ApiError::bad_request(
                "give either `input` or `regenerate`, not both",
            )),
            (Some(input), false) => Ok(Some(Self::Input(input))),
            (None, true) => Ok(Some(Self::Regenerate)),
            (None, false) if fork => Err(ApiError::bad_request(
                "`fork` needs `input` or `regenerate`",
            )),
            (None, false) => Ok(None),
        }
    }

    /// Makes the new run and answers with it.
    pub(super) async fn answer(
        self,
        server: &Server,
        agent: &Agent,
        run: &RunOutput,
        (stream, background): (bool, bool),
    ) -> Result<Response, ApiError> {
        if background {
            return self.in_background(server, agent, run, stream).await;
        }
        let lineage = self.lineage(run);
        let events = match &self {
            Self::Input(input) => {
                let request = request(agent, run, input);
                if stream {
                    request.stream()
                } else {
                    request.stream_whole()
                }
            }
            Self::Regenerate => agent.fork(run.run_id).stream(),
        };
        if stream {
            return streamed(server, agent, events).await;
        }
        let inline = InlineRun::enter(events, &server.active)?;
        let (mut output, state) = inline.finish().await?;
        // What is known of shared replies is known of the copies.
        for (copy, original) in output.messages.iter_mut().zip(&run.messages) {
            if copy.reply.is_none() {
                copy.reply.clone_from(&original.reply);
            }
        }
        let mut shown = ShownRun::fresh(agent, output, state, false).await?;
        for (copy, original) in shown.output.tools.iter_mut().zip(&run.tools) {
            if copy.call.id == original.call.id && copy.timing.is_none() {
                copy.timing = original.timing;
            }
        }
        Ok(ok(&shown.with_lineage(lineage).view(Some(agent))))
    }

    fn lineage(&self, run: &RunOutput) -> Lineage {
        let messages = run.messages.len();
        match self {
            Self::Input(_) => Lineage {
                message_index: Some(messages),
                ..Lineage::default()
            },
            Self::Regenerate => Lineage {
                message_index: Some(messages.saturating_sub(1)),
                regenerated_from: Some(run.run_id),
                checkpoint: Some(messages.saturating_sub(1)),
                ..Lineage::default()
            },
        }
    }

    async fn in_background(
        self,
        server: &Server,
        agent: &Agent,
        run: &RunOutput,
        stream: bool,
    ) -> Result<Response, ApiError> {
        let Self::Input(input) = self else {
            return Err(ApiError::bad_request(
                "`regenerate` can't be done in the background",
            ));
        };
        let telling = Telling {
            deltas: stream,
            ..Telling::default()
        };
        let accepted = server
            .start_background(agent, request(agent, run, &input), telling)
            .await?;
        if stream {
            return Ok(event_stream(accepted.live.body(BytesMut::new(), 0)));
        }
        Ok(pending(&accepted))
    }
}

/// A run that begins with the conversation of another.
fn request(agent: &Agent, run: &RunOutput, input: &str) -> agno_runtime::RunRequest {
    let mut messages: Vec<Arc<Message>> = run
        .messages
        .iter()
        .map(|known| Arc::clone(&known.message))
        .filter(|message| !matches!(**message, Message::System(_)))
        .collect();
    messages.push(Arc::new(Message::user(input)));
    let mut request = agent.run(Input { messages }).forked_from(run.run_id);
    if let Some(session) = &run.input.session_id {
        request = request.session(SessionId::clone(session));
    }
    if let Some(user) = &run.input.user_id {
        request = request.user(UserId::clone(user));
    }
    request
}

async fn streamed(server: &Server, agent: &Agent, events: RunStream) -> Result<Response, ApiError> {
    let (stream, first) = first_event(events).await?;
    let encoder = EventEncoder::new(agent, stream.run_id(), stream.records(), true);
    let run = InlineRun::enter(stream, &server.active)?;
    Ok(event_stream(Body::new(EventBody::new(
        run, encoder, &first,
    ))))
}
