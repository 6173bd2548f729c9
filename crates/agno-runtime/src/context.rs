//! The system message and the input, in an order that keeps provider caches warm: what never
//! changes first, what changes with each run last.

use std::fmt::Write;
use std::sync::Arc;

use agno_core::{Dependencies, Message, SessionState, StructuredOutput, Timestamp, UserId};
use agno_engine::OutputSpec;
use serde_json::{Map, Value};

use crate::agent::{Agent, AgentCard};
use crate::policy::{Context, InstructionScope, Instructions};

/// What a system message may depend on.
pub(crate) struct ContextScope<'a> {
    pub(crate) state: &'a SessionState,
    pub(crate) dependencies: &'a Dependencies,
    pub(crate) user_id: Option<&'a UserId>,
    pub(crate) output: Option<&'a OutputSpec>,
    pub(crate) time: Timestamp,
}

impl Agent {
    /// The system message of a run; none if there is nothing to say.
    pub(crate) fn system_message(&self, scope: &ContextScope<'_>) -> Option<Arc<str>> {
        let extras = self.extras();
        if self.0.instructions.is_empty() && extras.is_none() && scope.output.is_none() {
            return None;
        }
        let default_context = Context::default();
        let default_card = AgentCard::default();
        let context = extras.map_or(&default_context, |extras| &extras.context);
        let card = extras.map_or(&default_card, |extras| &extras.card);
        let mut text = String::new();
        if let Some(description) = &card.description {
            line(&mut text, description);
        }
        if let Some(role) = &context.role {
            section(&mut text, "your_role", role);
        }
        self.push_instructions(&mut text, scope);
        self.push_additional_information(&mut text, context, scope.output.is_some());
        if let Some(expected) = &context.expected_output {
            section(&mut text, "expected_output", expected);
        }
        if let Some(additional) = &context.additional {
            line(&mut text, additional);
        }
        if let Some(output) = scope.output {
            self.push_output_schema(&mut text, output);
        }
        // From here on the text differs between runs.
        if context.session_state {
            let state = Value::Object(scope.state.snapshot()).to_string();
            section(&mut text, "session_state", &state);
        }
        if context.datetime {
            line(
                &mut text,
                &format!("The current time is {}.", to_the_minute(scope.time)),
            );
        }
        let text = text.trim();
        (!text.is_empty()).then(|| text.into())
    }

    fn push_instructions(&self, text: &mut String, scope: &ContextScope<'_>) {
        let several = self.0.instructions.len() > 1;
        let mut values = None;
        for instruction in &self.0.instructions {
            let instruction = match instruction {
                Instructions::Text(template) if template.contains('{') => {
                    let values = values.get_or_insert_with(|| template_values(scope));
                    fill_template(template, values)
                }
                Instructions::Text(plain) => plain.to_string(),
                Instructions::Dynamic(make) => make(&InstructionScope {
                    state: scope.state,
                    user_id: scope.user_id,
                }),
            };
            if several {
                text.push_str("- ");
            }
            line(text, instruction.trim_end());
        }
        if !self.0.instructions.is_empty() {
            text.push('\n');
        }
    }

    fn push_additional_information(&self, text: &mut String, context: &Context, has_schema: bool) {
        let mut lines = Vec::new();
        if context.markdown && !has_schema {
            lines.push("Use markdown to format your answers.".to_owned());
        }
        if context.name {
            lines.push(format!("Your name is: {}.", self.name()));
        }
        if !lines.is_empty() {
            let list: Vec<String> = lines.iter().map(|line| format!("- {line}")).collect();
            section(text, "additional_information", &list.join("\n"));
        }
    }

    /// Tells a model that can't be held to a schema what it is.
    fn push_output_schema(&self, text: &mut String, output: &OutputSpec) {
        if self.0.model.info().structured_output == StructuredOutput::Native {
            return;
        }
        line(
            text,
            "Answer with nothing but one JSON value that fits this JSON schema:",
        );
        section(text, "json_schema", output.schema.text());
    }

    /// The input with what belongs behind it.
    pub(crate) fn finish_input(
        &self,
        mut messages: Vec<Arc<Message>>,
        dependencies: &Dependencies,
    ) -> Vec<Arc<Message>> {
        let shown = self
            .extras()
            .is_some_and(|extras| extras.context.dependencies);
        if !shown || dependencies.values.is_empty() {
            return messages;
        }
        let values = Value::Object(dependencies.values.clone());
        let addition = format!("\n\n<additional context>\n{values:#}\n</additional context>");
        if let Some(last) = messages.last_mut()
            && let Message::User(user) = Arc::make_mut(last)
        {
            user.content.text = format!("{}{addition}", user.content.text).into();
        }
        messages
    }
}

fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}

fn section(text: &mut String, tag: &str, content: &str) {
    // Writing to a String can't fail.
    let _infallible = writeln!(text, "<{tag}>\n{content}\n</{tag}>\n");
}

fn template_values(scope: &ContextScope<'_>) -> Map<String, Value> {
    let mut values = scope.dependencies.values.clone();
    values.extend(scope.state.snapshot());
    if let Some(user) = scope.user_id {
        values
            .entry("user_id")
            .or_insert_with(|| user.as_str().into());
    }
    values
}

/// Replaces `{key}` by its value. Braces around anything else stay as they are, and a value is
/// never looked at again.
fn fill_template(template: &str, values: &Map<String, Value>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after
            .split_once('}')
            .and_then(|(key, tail)| Some((values.get(key)?, tail)))
        {
            Some((value, tail)) => {
                match value {
                    Value::String(text) => filled.push_str(text),
                    other => filled.push_str(&other.to_string()),
                }
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The time to the minute: a finer one would only defeat provider caches.
fn to_the_minute(time: Timestamp) -> String {
    let minutes = time.seconds() / 60;
    let (days, minute_of_day) = (minutes / 1440, minutes % 1440);
    let (year, month, day) = civil_from_days(days);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC",
        minute_of_day / 60,
        minute_of_day % 60
    )
}

/// The date of a day counted from 1970-01-01 (the `civil_from_days` algorithm).
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_keys_of_a_template_are_replaced_and_only_once() {
        let values = serde_json::json!({"city": "{user_id}", "n": 3, "user_id": "u1"});
        let values = values.as_object().unwrap();
        assert_eq!(
            fill_template("In {city}: {n} of {unknown} {\"json\": {n}} {", values),
            "In {user_id}: 3 of {unknown} {\"json\": 3} {"
        );
    }

    #[test]
    fn the_time_is_shown_to_the_minute() {
        assert_eq!(
            to_the_minute(Timestamp(1_795_175_680_123_456)),
            "2026-11-20 11:54 UTC"
        );
        assert_eq!(
            to_the_minute(Timestamp(951_782_400_000_000)),
            "2000-02-29 00:00 UTC"
        );
    }
}
