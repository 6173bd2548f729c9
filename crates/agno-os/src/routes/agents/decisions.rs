//! What a person decided about the calls that a run waits for.

use std::sync::Arc;

use agno_core::{Requirement, RequirementKind, Resolution, ToolOutput, parse_arguments};
use agno_engine::RunOutput;
use agno_runtime::Agent;
use serde_json::{Map, Value};

use crate::http::error::ApiError;
use crate::http::form::Form;

/// The tool objects that a client sent back, with its decisions filled in.
#[derive(Debug, Default)]
pub(super) struct Decided(Vec<Value>);

/// A decision about one requirement.
pub(super) type Decision = (Requirement, Resolution);

impl Decided {
    /// Reads `tools`, and `requirements`, which hold a tool object each.
    pub(super) fn read(form: &mut Form) -> Result<Self, ApiError> {
        let mut tools = Vec::new();
        if let Some(text) = form.text("tools") {
            tools.extend(array("tools", &text)?);
        }
        if let Some(text) = form.text("requirements") {
            for requirement in array("requirements", &text)? {
                tools.push(tool_of(requirement)?);
            }
        }
        Ok(Self(tools))
    }

    /// The decisions about everything that the run waits for.
    ///
    /// # Errors
    /// If something is not decided, or a value is not what the tool takes: nothing has happened
    /// then.
    pub(super) fn resolve(
        &self,
        agent: &Agent,
        run: &RunOutput,
    ) -> Result<Vec<Decision>, ApiError> {
        let mut decisions = Vec::with_capacity(run.requirements.len());
        let mut missing = Vec::new();
        for requirement in &*run.requirements {
            match self.about(requirement) {
                Some(resolution) => {
                    check(agent, requirement, &resolution)?;
                    decisions.push((requirement.clone(), resolution));
                }
                None => missing.push(format!("'{}'", requirement.call.name)),
            }
        }
        if missing.is_empty() {
            return Ok(decisions);
        }
        Err(ApiError::bad_request(format!(
            "Cannot continue run - unresolved requirements: [{}]",
            missing.join(", ")
        )))
    }

    fn about(&self, requirement: &Requirement) -> Option<Resolution> {
        let tool = self.0.iter().find(|tool| {
            tool.get("tool_call_id").and_then(Value::as_str) == Some(&requirement.call.id)
        })?;
        match &requirement.kind {
            RequirementKind::UserInput { fields } => {
                if tool.get("confirmed") == Some(&Value::Bool(false)) {
                    return rejected(tool);
                }
                values(tool, fields).map(Resolution::Input)
            }
            RequirementKind::External => result(tool),
            RequirementKind::Confirm => confirmed(tool),
            _ => result(tool).or_else(|| confirmed(tool)),
        }
    }
}

fn array(name: &str, text: &str) -> Result<Vec<Value>, ApiError> {
    match serde_json::from_str(text) {
        Ok(Value::Array(items)) => Ok(items),
        Ok(_) => Err(ApiError::bad_request(format!(
            "The {name} field must be a JSON array"
        ))),
        Err(_) => Err(ApiError::bad_request(format!(
            "Invalid JSON in {name} field"
        ))),
    }
}

/// The tool object of a requirement, with what the requirement itself says about it.
fn tool_of(requirement: Value) -> Result<Value, ApiError> {
    let Value::Object(mut requirement) = requirement else {
        return Err(ApiError::bad_request("A requirement must be a JSON object"));
    };
    let Some(Value::Object(mut tool)) = requirement.remove("tool_execution") else {
        return Err(ApiError::bad_request(
            "A requirement needs its `tool_execution`",
        ));
    };
    let moved = [
        ("confirmation", "confirmed"),
        ("confirmation_note", "confirmation_note"),
        ("note", "confirmation_note"),
        ("external_execution_result", "result"),
        ("user_input_schema", "user_input_schema"),
    ];
    for (from, to) in moved {
        match requirement.remove(from) {
            None | Some(Value::Null) => {}
            Some(value) => {
                tool.insert(to.to_owned(), value);
            }
        }
    }
    Ok(Value::Object(tool))
}

fn confirmed(tool: &Value) -> Option<Resolution> {
    match tool.get("confirmed") {
        Some(Value::Bool(true)) => Some(Resolution::Approve),
        Some(Value::Bool(false)) => rejected(tool),
        _ => None,
    }
}

fn rejected(tool: &Value) -> Option<Resolution> {
    let note = tool
        .get("confirmation_note")
        .and_then(Value::as_str)
        .map(Arc::from);
    Some(Resolution::Reject { note })
}

fn result(tool: &Value) -> Option<Resolution> {
    let text: Arc<str> = match tool.get("result")? {
        Value::Null => return None,
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    };
    Some(Resolution::Result(ToolOutput::text(text)))
}

/// The values that a person filled in; `None` if one that was asked for is missing.
fn values(tool: &Value, asked: &[Arc<str>]) -> Option<Map<String, Value>> {
    let mut values = Map::new();
    for field in tool.get("user_input_schema")?.as_array()? {
        match (
            field.get("name").and_then(Value::as_str),
            field.get("value"),
        ) {
            (Some(_), None | Some(Value::Null)) | (None, _) => {}
            (Some(name), Some(value)) => {
                values.insert(name.to_owned(), value.clone());
            }
        }
    }
    asked
        .iter()
        .all(|field| values.contains_key(&**field))
        .then_some(values)
}

/// Checks a person's values against the tool's schema, so that a slip can be corrected instead of
/// being told to the model.
fn check(
    agent: &Agent,
    requirement: &Requirement,
    resolution: &Resolution,
) -> Result<(), ApiError> {
    let Resolution::Input(values) = resolution else {
        return Ok(());
    };
    let call = &requirement.call;
    let Some(tool) = agent.definition().tools.get(&call.name) else {
        return Ok(());
    };
    let mut arguments = match parse_arguments(&call.arguments) {
        Ok(Value::Object(arguments)) => arguments,
        _ => Map::new(),
    };
    arguments.extend(values.clone());
    let arguments = Value::Object(arguments);
    tool.spec()
        .parameters
        .check(&arguments)
        .map_err(|violations| {
            ApiError::unprocessable(format!(
                "The values for `{}` don't fit: {violations}",
                call.name
            ))
        })
}
