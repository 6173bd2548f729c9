//! The arguments of a tool call, held to the tool's schema before anything is run.

use agno_core::{Interaction, ToolCall, ToolError, ToolSpec, parse_arguments};
use serde_json::{Map, Value};

/// The call with the values that a person filled in.
pub(crate) fn with_input(call: &ToolCall, values: &Map<String, Value>) -> ToolCall {
    let mut arguments = match parse_arguments(&call.arguments) {
        Ok(Value::Object(arguments)) => arguments,
        _ => Map::new(),
    };
    arguments.extend(values.clone());
    ToolCall {
        arguments: Value::Object(arguments).to_string().into(),
        ..call.clone()
    }
}

/// Checks what the model wrote. Arguments that a person fills in may still be missing.
pub(super) fn check_arguments(spec: &ToolSpec, call: &ToolCall) -> Result<(), ToolError> {
    let mut arguments = parse(call)?;
    if let (Interaction::UserInput(fields), Value::Object(given)) =
        (&spec.interaction, &mut arguments)
    {
        // Stand-ins of the right type, so that the rest can be checked by the same schema.
        let sample = spec.parameters.sample();
        for field in fields
            .iter()
            .filter(|field| !given.contains_key(&***field))
            .collect::<Vec<_>>()
        {
            if let Some(value) = sample.get(&**field) {
                given.insert(field.to_string(), value.clone());
            }
        }
    }
    check(spec, &arguments)
}

/// Checks the arguments of a call that a person has completed.
pub(super) fn check_all_arguments(spec: &ToolSpec, call: &ToolCall) -> Result<(), ToolError> {
    check(spec, &parse(call)?)
}

fn parse(call: &ToolCall) -> Result<Value, ToolError> {
    parse_arguments(&call.arguments).map_err(|error| {
        ToolError::invalid_arguments(format_args!(
            "the arguments of `{}` are not valid JSON ({error}); send one JSON object",
            call.name
        ))
    })
}

fn check(spec: &ToolSpec, arguments: &Value) -> Result<(), ToolError> {
    spec.parameters.check(arguments).map_err(|violations| {
        ToolError::invalid_arguments(format_args!(
            "the arguments of `{}` don't fit its schema: {violations}",
            spec.name
        ))
    })
}
