//! What a client asks of a run.
//!
//! Each field is used, a documented no-op, or refused: a client must not believe that something was
//! heard that was not.

use agno_core::{Content, Schema};
use agno_runtime::{Agent, RunRequest};
use http::StatusCode;
use serde_json::Value;

use super::run_media;
use crate::http::error::{ApiError, FieldError};
use crate::http::form::Form;
use crate::runs::background::Telling;

/// A run as it was asked for.
#[derive(Debug)]
pub(crate) struct RunForm {
    pub(crate) request: RunRequest,
    pub(crate) stream: bool,
    pub(crate) background: bool,
    pub(crate) telling: Telling,
}

/// Fields that change nothing here: telemetry switches of Agno's clients, and debug output, which
/// is a matter of the server's log.
const NO_OPS: [&str; 3] = ["monitor", "debug_mode", "debug_level"];

/// Fields of Agno that ask for what this server does not do.
const UNSUPPORTED: [(&str, &str); 6] = [
    ("version", "agents of this server have no stored versions"),
    (
        "factory_input",
        "agents of this server are not made by factories",
    ),
    ("knowledge_filters", "this agent has no knowledge to filter"),
    (
        "files_metadata",
        "files carry no metadata here; put it into the message",
    ),
    (
        "retries",
        "how often a model is asked again is a setting of the agent",
    ),
    (
        "add_dependencies_to_context",
        "whether dependencies are shown is a setting of the agent",
    ),
];

impl RunForm {
    /// Reads the form of a run of `agent`.
    pub(crate) fn read(form: &mut Form, agent: &Agent) -> Result<Self, ApiError> {
        let message = form.required("message")?;
        let stream = form.boolean("stream")?.unwrap_or(true);
        let background = form.boolean("background")?.unwrap_or(false);
        form.integer("version")?;
        for name in NO_OPS {
            form.get(name);
        }
        for (name, reason) in UNSUPPORTED {
            if form.get(name).is_some() {
                return Err(ApiError::bad_request(format!(
                    "`{name}` is not supported: {reason}"
                )));
            }
        }
        let raw_answer = form.boolean("use_json_schema")?.unwrap_or(false);
        let quiet = form.boolean("stream_events")? == Some(false);
        let mut content = Content::text(message);
        let media = run_media::read(form)?;
        if !media.is_empty() {
            content.rich_mut().media = media;
        }
        let request = Self::options(form, agent.run(content))?;
        if let Some(unknown) = form.unknown().first() {
            let message = "Extra inputs are not permitted";
            return Err(
                FieldError::new("extra_forbidden", "body", unknown, message, Value::Null).into(),
            );
        }
        Ok(Self {
            request,
            stream,
            background,
            telling: Telling {
                deltas: stream,
                content_only: quiet && stream,
                raw_answer,
            },
        })
    }

    fn options(form: &mut Form, mut request: RunRequest) -> Result<RunRequest, ApiError> {
        if let Some(session) = form.text("session_id") {
            request = request.session(session);
        }
        if let Some(user) = form.text("user_id") {
            request = request.user(user);
        }
        if let Some(field) = form.get("session_state") {
            for (key, value) in field.object()? {
                request = request.state(key, value);
            }
        }
        if let Some(field) = form.get("dependencies") {
            for (name, value) in field.object()? {
                request = request.dependency_value(name, value);
            }
        }
        if let Some(field) = form.get("metadata") {
            let metadata = field.object().map_err(|_| {
                ApiError::unprocessable("Invalid metadata parameter: expected a JSON object")
            })?;
            for (key, value) in metadata {
                request = request.metadata(key, value);
            }
        }
        if let Some(shown) = form.boolean("add_history_to_context")? {
            request = request.with_history(shown);
        }
        if let Some(field) = form.get("output_schema") {
            let (name, schema) = output_schema(field.json()?)?;
            request = request.output_schema(name, schema);
        }
        Ok(request)
    }
}

/// The schema that an answer has to fit, and its name.
fn output_schema(value: Value) -> Result<(String, Schema), ApiError> {
    let invalid = |problem: &str| {
        ApiError::Text(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("Invalid output_schema: {problem}"),
        )
    };
    if !value.is_object() {
        return Err(invalid("expected a JSON object schema"));
    }
    let name = value
        .get("title")
        .and_then(Value::as_str)
        .unwrap_or("DynamicModel")
        .to_owned();
    let schema = Schema::parse(value).map_err(|error| invalid(&error.to_string()))?;
    Ok((name, schema))
}
