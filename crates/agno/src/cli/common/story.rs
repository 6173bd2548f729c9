//! A run as it is told while it happens.

use std::pin::pin;

use agno::{Event, EventKind, RunError, RunOutput, RunStatus, RunStream};
use serde_json::json;
use tokio::signal::ctrl_c;

use super::exit::Failure;
use super::output::Output;
use super::{json, text};

/// The column at whose end durations stand.
const WIDTH: usize = 66;

/// How a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// In words.
    Story,
    /// As one JSON object at the end.
    Json,
    /// As one JSON object per event, and the run at the end.
    JsonEvents,
}

/// Tells a run to its end or pause. Ctrl-C cancels it.
pub(crate) async fn tell(
    mut stream: RunStream,
    telling: Telling,
    output: &mut Output,
) -> Result<RunOutput, Failure> {
    let cancel = stream.cancel_handle();
    let mut interrupt = pin!(ctrl_c());
    let mut interrupted = false;
    loop {
        let event = tokio::select! {
            event = stream.next() => event,
            signal = &mut interrupt, if !interrupted => {
                interrupted = signal.is_ok();
                cancel.cancel("interrupted at the terminal");
                continue;
            }
        };
        let Some(event) = event else { break };
        match telling {
            Telling::Story => tell_event(&event, output)?,
            Telling::JsonEvents => output.line(json::event(&event))?,
            Telling::Json => {}
        }
    }
    output.end_line()?;
    conclude(stream, telling, interrupted, output)
}

fn conclude(
    stream: RunStream,
    telling: Telling,
    interrupted: bool,
    output: &mut Output,
) -> Result<RunOutput, Failure> {
    let run_id = stream.run_id();
    let so_far = stream.output();
    let error = match stream.into_result() {
        Ok(run) => {
            tell_end(&run, telling, output)?;
            return Ok(run);
        }
        Err(error) => error,
    };
    if let Some(run) = so_far {
        tell_end(&run, telling, output)?;
    } else if telling != Telling::Story {
        let error = json!({ "kind": "error", "message": error.to_string() });
        output.line(json!({ "run_id": run_id.to_string(), "error": error }))?;
    }
    match error {
        RunError::Cancelled { .. } if interrupted => Err(Failure::Interrupted),
        error => Err(Failure::failed(error)),
    }
}

fn tell_end(run: &RunOutput, telling: Telling, output: &mut Output) -> Result<(), Failure> {
    if telling != Telling::Story {
        return output.line(json::run(run));
    }
    output.line(output.style.dim(summary(run)))
}

/// `run … · 2 model calls · 1 tool · 213 tokens · 0.9 s`.
pub(crate) fn summary(run: &RunOutput) -> String {
    let micros = run.updated.micros_since(run.started);
    let mut parts = vec![
        format!("run {}", run.run_id),
        text::count(run.model_calls as usize, "model call"),
    ];
    if !run.tools.is_empty() {
        parts.push(text::count(run.tools.len(), "tool"));
    }
    if run.usage.total_tokens > 0 {
        parts.push(format!("{} tokens", run.usage.total_tokens));
    }
    parts.push(text::duration(micros));
    match run.status {
        RunStatus::Completed => {}
        status => parts.push(status.as_str().to_lowercase()),
    }
    parts.join(" · ")
}

fn tell_event(event: &Event, output: &mut Output) -> Result<(), Failure> {
    match &event.kind {
        EventKind::Content(piece) => output.text(piece),
        EventKind::ContentReset => output.note("the answer starts over"),
        EventKind::Warning(warning) => output.note(format!("warning: {warning}")),
        EventKind::ModelRequestRetried(retried) => {
            output.note(format!("the model is asked again: {}", retried.error))
        }
        EventKind::ToolCallCompleted(execution) => {
            let call = text::call(execution);
            let took = execution.timing.map(|timing| text::duration(timing.micros));
            let took = took.unwrap_or_default();
            let used = call.chars().count() + took.chars().count() + 2;
            let gap = " ".repeat(WIDTH.saturating_sub(used).max(2));
            let style = output.style;
            output.line(format!(
                "{} {}{gap}{}",
                style.cyan("›"),
                style.bold(call),
                style.dim(took)
            ))?;
            match (&execution.error, execution.result()) {
                (Some(_), Some(message)) => {
                    output.line(format!("  {}", style.red(text::shortened(message))))
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
