//! Telling the events of a run again from its journal.

use std::sync::Arc;

use agno_core::{Event, EventKind, ReplyMetadata, RunStatus};
use agno_engine::{Divergence, Fact, Record, Run, RunOutput, VersionCheck};
use agno_runtime::Agent;
use serde_json::{Map, Value};

use super::frames::Frames;
use crate::wire::event::EventEncoder;

/// The frames of a stored run, under the numbers that they had when they were told.
///
/// The frames of a background run are numbered from its beginning. Those of any other run were
/// numbered only from the last time it went on, so only these are told.
pub(crate) fn frames(
    agent: &Agent,
    run: &RunOutput,
    background: bool,
    state: &Map<String, Value>,
) -> Frames {
    let mut frames = Frames::default();
    let mut encoder = EventEncoder::new(agent, run.run_id, &run.records, true);
    for (event, metadata) in events(agent, &run.records) {
        encoder.note_metadata(metadata.as_ref());
        if !background && matches!(event.kind, EventKind::RunContinued) {
            frames.clear();
            encoder.restart_numbers();
        }
        frames.push(&mut encoder, &event, || state.clone());
    }
    frames
}

/// Whether the answer was streamed while the run went on.
pub(crate) fn was_streamed(records: &[Record]) -> bool {
    records.iter().any(|record| match &record.fact {
        Fact::ModelReplied(replied) => {
            replied.timing.first_micros.is_some() || !replied.pieces.is_empty()
        }
        Fact::Cancelled { partial_text, .. } => partial_text.is_some(),
        _ => false,
    })
}

/// An event with what the provider said beside the reply that it is part of.
type Told = (Event, Option<Arc<ReplyMetadata>>);

/// The events that follow from the records. If today's agent would not have led to them, they are
/// told as far as the records alone say: then the order of what happened at the same time, and so
/// the numbers, may differ from what was told live.
fn events(agent: &Agent, records: &[Record]) -> Vec<Told> {
    let mut run = Run::new();
    let mut events = Vec::new();
    for record in records {
        if let Err(divergence) = apply(agent, &mut run, record) {
            tracing::debug!(%divergence, "the agent was changed since; telling the bare records");
            return from_records(records);
        }
        let metadata = match &record.fact {
            Fact::ModelReplied(replied) => replied.reply.metadata.clone(),
            Fact::Cancelled { partial, .. } => partial
                .as_ref()
                .and_then(|partial| partial.metadata.clone()),
            _ => None,
        };
        let told = std::iter::from_fn(|| run.poll_event());
        events.extend(told.map(|event| (event, metadata.clone())));
    }
    events
}

/// Applies a record to the command at its address, whatever messages that was made with: what is
/// told does not depend on them, and those of earlier runs are not loaded for it.
fn apply(agent: &Agent, run: &mut Run, record: &Record) -> Result<(), Divergence> {
    let issued = run
        .open()
        .find(|issued| Some(issued.at) == record.at)
        .map(|issued| issued.digest);
    let definition = agent.definition();
    match issued {
        Some(digest) if digest != record.digest => {
            let record = Record {
                digest,
                ..record.clone()
            };
            run.apply_with(definition, &record, VersionCheck::Ignore)
        }
        _ => run.apply_with(definition, record, VersionCheck::Ignore),
    }
}

/// What the records say without the definition that they were made with.
fn from_records(records: &[Record]) -> Vec<Told> {
    let mut events = Vec::new();
    let mut waiting = RunStatus::Running;
    for record in records {
        let mut tell = |kind| {
            let event = Event {
                node: 0,
                time: record.time,
                kind,
            };
            events.push((event, None));
        };
        match &record.fact {
            Fact::Started(_) => tell(EventKind::RunStarted),
            Fact::ModelReplied(replied) => {
                tell(EventKind::ModelRequestStarted);
                let text = replied.reply.message.text();
                if !text.is_empty() {
                    tell(EventKind::Content(text.clone()));
                }
                let done = agno_core::ModelRequestCompleted {
                    usage: replied.reply.usage,
                    timing: replied.timing,
                    metadata: replied.reply.metadata.clone(),
                };
                tell(EventKind::ModelRequestCompleted(Box::new(done)));
            }
            Fact::Paused(requirements) => {
                waiting = RunStatus::Paused;
                tell(EventKind::RunPaused(requirements.clone()));
            }
            Fact::Continued => {
                waiting = RunStatus::Running;
                tell(EventKind::RunContinued);
            }
            Fact::Cancelled { reason, .. } => {
                waiting = RunStatus::Cancelled;
                tell(EventKind::RunCancelled {
                    reason: reason.clone(),
                });
            }
            Fact::Finished(finished) => match &finished.failure {
                Some(failure) => tell(EventKind::RunFailed(failure.clone())),
                None if waiting != RunStatus::Cancelled => tell(EventKind::RunCompleted),
                None => {}
            },
            _ => {}
        }
    }
    events
}
