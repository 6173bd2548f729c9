//! The records of a run, one line each.

use agno::journal::{Fact, Record};
use agno::{Message, RequirementKind, Resolution, RunOutput};

use super::text::{call_of, duration, shortened};

/// One record in words.
pub(crate) fn tell(record: &Record, run: &RunOutput) -> String {
    match &record.fact {
        Fact::Started(start) => {
            let who = start.input.user_id.as_ref();
            let who = who.map_or("someone".to_owned(), ToString::to_string);
            let asked = start.input.messages.last();
            let asked = asked.map_or("", |message| message.text());
            let history = match start.input.history.len() {
                0 => String::new(),
                messages => format!(" (with {messages} earlier messages)"),
            };
            format!("{who} asked: {}{history}", shortened(asked))
        }
        Fact::ModelReplied(replied) => {
            let took = duration(replied.timing.micros);
            let tokens = replied.reply.usage.total_tokens;
            let said = match &*replied.reply.message {
                Message::Assistant(answer) if !answer.tool_calls.is_empty() => {
                    let calls = answer.tool_calls.iter();
                    let calls: Vec<String> = calls
                        .map(|call| call_of(&call.name, &call.arguments))
                        .collect();
                    format!("asks for {}", calls.join(", "))
                }
                message => format!("said: {}", shortened(message.text())),
            };
            format!("the model {said} [{took}, {tokens} tokens]")
        }
        Fact::ModelFailed(error) => format!("the model failed: {error}"),
        Fact::Intent => "about to run a tool that must not run twice".to_owned(),
        Fact::ToolReturned(returned) => format!(
            "{} returned: {} [{}]",
            tool_name(run, &returned.call_id),
            shortened(&returned.output.text),
            duration(returned.timing.micros)
        ),
        Fact::ToolFailed(failed) => format!(
            "{} failed: {} [{}]",
            tool_name(run, &failed.call_id),
            shortened(&failed.error.message),
            duration(failed.timing.micros)
        ),
        Fact::OutcomeUnknown => "a crash cut a tool off: nobody knows what became of it".to_owned(),
        Fact::Paused(requirements) => {
            let asked: Vec<String> = requirements
                .iter()
                .map(|one| {
                    let call = call_of(&one.call.name, &one.call.arguments);
                    match &one.kind {
                        RequirementKind::Confirm => format!("{call} to be confirmed"),
                        RequirementKind::UserInput { fields } => {
                            format!("{} for {call}", fields.join(", "))
                        }
                        RequirementKind::External => format!("the result of {call}"),
                        _ => format!("what became of {call}"),
                    }
                })
                .collect();
            format!("the run waits for {}", asked.join(" and "))
        }
        Fact::HumanAnswered(resolution) => match &**resolution {
            Resolution::Approve => "a person approved".to_owned(),
            Resolution::Reject { note: Some(note) } => format!("a person rejected: {note}"),
            Resolution::Reject { note: None } => "a person rejected".to_owned(),
            Resolution::Input(values) => {
                let names: Vec<&str> = values.keys().map(String::as_str).collect();
                format!("a person filled in {}", names.join(", "))
            }
            Resolution::Result(result) => {
                format!("someone handed in: {}", shortened(&result.text))
            }
            _ => "a person decided".to_owned(),
        },
        Fact::Continued => "the run goes on".to_owned(),
        Fact::Woke => "the waiting is over".to_owned(),
        Fact::Cancelled { reason, .. } => format!("cancelled: {reason}"),
        Fact::Failed(failure) => format!("failed: {failure}"),
        Fact::Finished(finished) => match &finished.failure {
            Some(failure) => format!("ended: {failure}"),
            None => "ended".to_owned(),
        },
        other => other.name().to_owned(),
    }
}

fn tool_name<'r>(run: &'r RunOutput, call_id: &str) -> &'r str {
    let known = run.tools.iter().find(|tool| *tool.call.id == *call_id);
    known.map_or("a tool", |tool| &tool.call.name)
}
