//! Runs, events and errors as JSON: the form for scripts.

use agno::{Event, EventKind, Requirement, RunOutput, ToolExecution};
use serde_json::{Map, Value, json};

/// A run as a whole.
pub(crate) fn run(output: &RunOutput) -> Value {
    let mut run = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            run.insert(key.to_owned(), value);
        }
    };
    put("run_id", output.run_id.to_string().into());
    put("agent_id", (*output.agent_id).into());
    let session = output.input.session_id.as_ref();
    put("session_id", session.map(|id| id.as_str()).into());
    let user = output.input.user_id.as_ref();
    put("user_id", user.map(|id| id.as_str()).into());
    let forked = output.input.forked_from;
    put("forked_from", forked.map(|run| run.to_string()).into());
    put("status", output.status.as_str().into());
    let input = output.input.messages.last();
    put(
        "input",
        input.map(|message| message.text().to_string()).into(),
    );
    put("content", (*output.content).into());
    put("structured", output.structured.clone().into());
    put("tools", output.tools.iter().map(tool).collect());
    if !output.requirements.is_empty() {
        let list = output.requirements.iter().map(requirement);
        put("requirements", list.collect());
    }
    if let Some(failure) = &output.failure {
        let error = json!({ "kind": failure.code(), "message": failure.to_string() });
        put("error", error);
    }
    put("model_calls", output.model_calls.into());
    put("usage", json!(output.usage));
    let micros = output.updated.micros_since(output.started);
    put("duration_ms", milliseconds(micros));
    Value::Object(run)
}

fn tool(execution: &ToolExecution) -> Value {
    let mut tool = json!({
        "id": &*execution.call.id,
        "name": &*execution.call.name,
        "arguments": execution.arguments(),
        "result": execution.result().map(|text| &**text),
        "is_error": execution.error.is_some(),
    });
    if let (Value::Object(members), Some(timing)) = (&mut tool, execution.timing) {
        members.insert("duration_ms".to_owned(), milliseconds(timing.micros));
    }
    tool
}

fn requirement(requirement: &Requirement) -> Value {
    json!({
        "call_id": &*requirement.call.id,
        "tool": &*requirement.call.name,
        "arguments": agno::parse_arguments(&requirement.call.arguments).unwrap_or_default(),
        "kind": json!(requirement.kind),
    })
}

fn milliseconds(micros: u64) -> Value {
    // Thousandths are kept: tools that take less than a millisecond are common.
    json!(micros as f64 / 1_000.0)
}

/// One event.
pub(crate) fn event(event: &Event) -> Value {
    let (name, mut members) = match &event.kind {
        EventKind::RunStarted => ("run_started", json!({})),
        EventKind::RunContinued => ("run_continued", json!({})),
        EventKind::ModelRequestStarted => ("model_request_started", json!({})),
        EventKind::Content(text) => ("content", json!({ "text": &**text })),
        EventKind::Reasoning(text) => ("reasoning", json!({ "text": &**text })),
        EventKind::ToolArguments { index, text } => {
            ("tool_arguments", json!({ "index": index, "text": &**text }))
        }
        EventKind::ContentReset => ("content_reset", json!({})),
        EventKind::ModelRequestCompleted(done) => {
            let duration = milliseconds(done.timing.micros);
            let members = json!({ "usage": done.usage, "duration_ms": duration });
            ("model_request_completed", members)
        }
        EventKind::ModelRequestRetried(retried) => {
            let members = json!({ "error": retried.error.to_string() });
            ("model_request_retried", members)
        }
        EventKind::ToolCallStarted(call) => (
            "tool_call_started",
            json!({ "id": &*call.id, "name": &*call.name, "arguments": &*call.arguments }),
        ),
        EventKind::ToolCallCompleted(execution) => ("tool_call_completed", tool(execution)),
        EventKind::ContentCompleted => ("content_completed", json!({})),
        EventKind::Warning(text) => ("warning", json!({ "message": &**text })),
        EventKind::RunPaused(requirements) => {
            let list: Value = requirements.iter().map(requirement).collect();
            ("run_paused", json!({ "requirements": list }))
        }
        EventKind::RunCompleted => ("run_completed", json!({})),
        EventKind::RunCancelled { reason } => ("run_cancelled", json!({ "reason": &**reason })),
        EventKind::RunFailed(failure) => {
            let error = json!({ "kind": failure.code(), "message": failure.to_string() });
            ("run_failed", json!({ "error": error }))
        }
        _ => ("other", json!({})),
    };
    let mut told = Map::new();
    told.insert("event".to_owned(), name.into());
    told.insert("time".to_owned(), event.time.seconds_f64().into());
    if let Value::Object(members) = &mut members {
        told.append(members);
    }
    Value::Object(told)
}
