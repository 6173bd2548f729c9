//! Tool calls, as flat objects with everything a client may want to fill in.

use agno_core::{
    Interaction, RequirementKind, Resolution, Schema, Timestamp, ToolCall, ToolExecution, ToolSpec,
};
use serde::Serialize;
use serde_json::Value;

use super::time::seconds;

/// A tool call with its result and what a person decided about it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tool<'a> {
    tool_call_id: &'a str,
    tool_name: &'a str,
    tool_args: Value,
    tool_call_error: Option<bool>,
    result: Option<&'a str>,
    metrics: Option<ToolMetrics>,
    child_run_id: Option<&'a str>,
    stop_after_tool_call: bool,
    created_at: u64,
    requires_confirmation: Option<bool>,
    confirmed: Option<bool>,
    confirmation_note: Option<&'a str>,
    requires_user_input: Option<bool>,
    user_input_schema: Option<Vec<InputField<'a>>>,
    user_feedback_schema: Option<()>,
    answered: Option<bool>,
    external_execution_required: Option<bool>,
    external_execution_silent: Option<bool>,
    approval_type: Option<&'a str>,
    approval_id: Option<&'a str>,
    parent_tool_call_id: Option<&'a str>,
    #[serde(skip)]
    took_micros: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct ToolMetrics {
    start_time: f64,
    end_time: f64,
    duration: f64,
}

/// One argument of a call that a person has a say in.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct InputField<'a> {
    name: &'a str,
    field_type: &'static str,
    description: Option<&'a str>,
    value: Option<Value>,
}

/// What a call waits or waited for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The question.
    pub(crate) kind: RequirementKind,
    /// The answer, if there is one.
    pub(crate) answer: Option<Resolution>,
}

/// How a call is shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ToolScope<'a> {
    /// The tool, if the agent (still) has it.
    pub(crate) spec: Option<&'a ToolSpec>,
    /// What a person was asked about it.
    pub(crate) asked: Option<&'a Asked>,
    /// Whether a question that was answered is shown as no longer required.
    pub(crate) settled: bool,
    /// When the model asked for it.
    pub(crate) created: Timestamp,
}

impl<'a> Tool<'a> {
    /// A call that was not made yet.
    pub(crate) fn started(call: &'a ToolCall, scope: ToolScope<'a>) -> Self {
        let arguments = agno_core::parse_arguments(&call.arguments)
            .unwrap_or_else(|_| Value::Object(serde_json::Map::new()));
        let mut tool = Self {
            tool_call_id: &call.id,
            tool_name: &call.name,
            tool_args: arguments,
            stop_after_tool_call: scope.spec.is_some_and(|spec| spec.stop_after_call),
            created_at: scope.created.seconds(),
            ..Self::default()
        };
        if let Some(asked) = scope.asked {
            tool.ask(asked, scope);
        }
        tool
    }

    /// A call with what became of it.
    pub(crate) fn done(execution: &'a ToolExecution, scope: ToolScope<'a>) -> Self {
        let mut tool = Self::started(&execution.call, scope);
        let Some(output) = &execution.output else {
            return tool;
        };
        let answer = scope.asked.and_then(|asked| asked.answer.as_ref());
        if let Some(Resolution::Reject { .. }) = answer {
            tool.tool_call_error = Some(true);
            return tool;
        }
        tool.result = Some(&output.text);
        if matches!(answer, Some(Resolution::Result(_))) && execution.timing.is_none() {
            // Made elsewhere: nobody here knows how it went.
            return tool;
        }
        tool.tool_call_error = Some(execution.error.is_some());
        tool.took_micros = execution.timing.map(|timing| timing.micros);
        // Clients of Agno know no metrics of calls that a person had a say in.
        let timing = execution.timing.filter(|_| scope.asked.is_none());
        tool.metrics = timing.map(|timing| ToolMetrics {
            start_time: timing.started.seconds_f64(),
            end_time: timing.started.plus_micros(timing.micros).seconds_f64(),
            duration: seconds(timing.micros),
        });
        tool
    }

    fn ask(&mut self, asked: &'a Asked, scope: ToolScope<'a>) {
        let required = Some(!(scope.settled && asked.answer.is_some()));
        match &asked.kind {
            RequirementKind::UserInput { .. } => {
                self.requires_user_input = required;
                self.user_input_schema = Some(self.input_fields(scope.spec));
                self.answered = asked.answer.is_some().then_some(true);
            }
            RequirementKind::External => self.external_execution_required = required,
            _ => {
                self.requires_confirmation = required;
                self.confirmed = match &asked.answer {
                    None => None,
                    Some(Resolution::Reject { .. }) => Some(false),
                    Some(_) => Some(true),
                };
                self.confirmation_note = match (&asked.kind, &asked.answer) {
                    (_, Some(Resolution::Reject { note })) => note.as_deref(),
                    (RequirementKind::OutcomeUnknown, None) => Some(
                        "The call was cut off and nobody knows whether it took effect: confirm to \
                         make it again, reject it, or send its result.",
                    ),
                    _ => None,
                };
            }
        }
    }

    /// All arguments of the tool, with the values that are known.
    fn input_fields(&self, spec: Option<&'a ToolSpec>) -> Vec<InputField<'a>> {
        let properties = spec.and_then(|spec| spec.parameters.value().get("properties"));
        let Some(Value::Object(properties)) = properties else {
            return Vec::new();
        };
        properties
            .iter()
            .map(|(name, schema)| InputField {
                name,
                field_type: field_type(schema),
                description: schema.get("description").and_then(Value::as_str),
                value: self.tool_args.get(name).cloned(),
            })
            .collect()
    }

    /// Whether a person answered a question about it.
    pub(crate) const fn is_answered(&self) -> bool {
        matches!(
            (
                self.requires_confirmation,
                self.requires_user_input,
                self.external_execution_required
            ),
            (Some(false), ..) | (_, Some(false), _) | (.., Some(false))
        )
    }

    /// The arguments of the tool with their values, where a person was asked for some.
    pub(crate) fn user_input_schema(&self) -> Option<&[InputField<'a>]> {
        self.user_input_schema.as_deref()
    }

    /// The line for people that goes with the end of the call.
    pub(crate) fn summary(&self) -> String {
        use std::fmt::Write;
        let mut line = format!("{}(", self.tool_name);
        if let Value::Object(arguments) = &self.tool_args {
            for (index, (name, value)) in arguments.iter().enumerate() {
                let separator = if index == 0 { "" } else { ", " };
                // Writing to a String can't fail.
                let _infallible = match value {
                    Value::String(text) => write!(line, "{separator}{name}={text}"),
                    other => write!(line, "{separator}{name}={other}"),
                };
            }
        }
        let took = seconds(self.took_micros.unwrap_or_default());
        let _infallible = write!(line, ") completed in {took:.4}s. ");
        line
    }
}

/// Python's name of a JSON Schema type: what clients of Agno expect.
fn field_type(schema: &Value) -> &'static str {
    let name = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().find_map(|kind| match kind.as_str() {
            Some("null") => None,
            other => other,
        }),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match name {
        Some("integer") => "int",
        Some("number") => "float",
        Some("boolean") => "bool",
        Some("array") => "list",
        Some("object") => "dict",
        _ => "str",
    }
}

/// A tool as an agent advertises it.
#[derive(Debug, Serialize)]
pub(crate) struct ToolDefinition<'a> {
    name: &'a str,
    description: &'a str,
    parameters: Value,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    requires_confirmation: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    external_execution: bool,
}

impl<'a> From<&'a ToolSpec> for ToolDefinition<'a> {
    fn from(spec: &'a ToolSpec) -> Self {
        Self {
            name: &spec.name,
            description: &spec.description,
            parameters: advertised(&spec.parameters, &spec.interaction),
            requires_confirmation: matches!(spec.interaction, Interaction::Confirm),
            external_execution: matches!(spec.interaction, Interaction::External),
        }
    }
}

/// The schema without what a person fills in.
fn advertised(schema: &Schema, interaction: &Interaction) -> Value {
    let mut parameters = schema.value().clone();
    let Interaction::UserInput(fields) = interaction else {
        return parameters;
    };
    let asked = |name: &str| fields.iter().any(|field| **field == *name);
    if let Some(Value::Object(properties)) = parameters.get_mut("properties") {
        properties.retain(|name, _| !asked(name));
    }
    if let Some(Value::Array(required)) = parameters.get_mut("required") {
        required.retain(|name| !name.as_str().is_some_and(asked));
    }
    parameters
}
