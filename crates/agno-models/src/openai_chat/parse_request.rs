//! A request in OpenAI's shape as a [`ModelRequest`]: the encoder's inverse.

use std::collections::HashMap;
use std::sync::Arc;

use agno_core::{
    CallOptions, ModelRequest, ModelSettings, OutputFormat, Schema, Thread, Tool, ToolChoice,
    ToolSet,
};
use serde_json::{Map, Value};

use super::parse_message::parse_message;
use crate::DeclaredTool;

/// A request that can't be understood. The message names the place and what belongs there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct RequestError {
    /// Where in the JSON, such as `messages[2].role`.
    pub place: String,
    /// What is wrong and what is expected.
    pub problem: String,
}

impl RequestError {
    pub(super) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

/// Reads a request in OpenAI's shape:
/// `{"messages": […], "tools": […], "output_schema": {…}, "settings": {…}}`.
///
/// `settings` are [`ModelSettings`] or members of a Chat Completions body, which may also stand at
/// the top: what [`ModelSettings`] has a name for is taken there, `stream` asks for pieces, and any
/// other member is sent as it is. `output_schema` is a JSON Schema, or one with its `name` as in
/// `response_format`. `model` and `stream_options` are no part of a request and have no effect.
/// Tools are only declared: calling one fails.
///
/// # Errors
/// If something is not in that shape.
pub fn parse_request(body: &Value) -> Result<ModelRequest, RequestError> {
    let Some(body) = body.as_object() else {
        return Err(RequestError::new("request", "must be a JSON object"));
    };
    let mut request = ModelRequest {
        thread: Thread::new(),
        tools: Arc::default(),
        deltas: false,
        options: None,
    };
    let mut options = CallOptions::default();
    let Some(messages) = body.get("messages").and_then(Value::as_array) else {
        return Err(RequestError::new("messages", "must be a list of messages"));
    };
    let mut tool_names = HashMap::new();
    for (position, message) in messages.iter().enumerate() {
        let place = format!("messages[{position}]");
        for message in parse_message(message, &place, &mut tool_names)? {
            request.thread.push(Arc::new(message));
        }
    }
    for (key, value) in body {
        match key.as_str() {
            "messages" | "model" | "stream_options" => {}
            "settings" => settings(value, &mut options)?,
            "stream" => {
                request.deltas = value
                    .as_bool()
                    .ok_or_else(|| RequestError::new("stream", "must be true or false"))?;
            }
            "tools" => request.tools = Arc::new(parse_tools(value)?),
            "output_schema" => options.output = Some(output_schema(value)?),
            _ => option(key, value, &mut options)?,
        }
    }
    if options != CallOptions::default() {
        request.options = Some(Arc::new(options));
    }
    Ok(request)
}

fn settings(settings: &Value, options: &mut CallOptions) -> Result<(), RequestError> {
    let Some(settings) = settings.as_object() else {
        return Err(RequestError::new("settings", "must be a JSON object"));
    };
    for (key, value) in settings {
        match (key.as_str(), value) {
            ("extra_body", Value::Object(extra)) => {
                options.settings.extra_body.extend(extra.clone());
            }
            ("extra_body", _) => {
                return Err(RequestError::new(
                    "settings.extra_body",
                    "must be a JSON object",
                ));
            }
            _ => option(key, value, options).map_err(|error| {
                RequestError::new(format!("settings.{}", error.place), error.problem)
            })?,
        }
    }
    Ok(())
}

/// A member of a Chat Completions body beside messages and tools.
fn option(key: &str, value: &Value, options: &mut CallOptions) -> Result<(), RequestError> {
    match key {
        "response_format" => response_format(value, options),
        "tool_choice" => tool_choice(value, options),
        _ => setting(key, value, &mut options.settings),
    }
}

fn parse_tools(tools: &Value) -> Result<ToolSet, RequestError> {
    let list = match tools {
        Value::Null => return Ok(ToolSet::default()),
        Value::Array(list) => list,
        _ => return Err(RequestError::new("tools", "must be a list of tools")),
    };
    let mut set: Vec<Arc<dyn Tool>> = Vec::with_capacity(list.len());
    for (position, tool) in list.iter().enumerate() {
        let place = format!("tools[{position}]");
        // Both `{"type": "function", "function": {…}}` and the inner object alone.
        let function = tool.get("function").unwrap_or(tool);
        if let Some(kind) = tool.get("type").and_then(Value::as_str)
            && kind != "function"
        {
            let problem = format!("tools of type `{kind}` can't be declared: use `function`");
            return Err(RequestError::new(place, problem));
        }
        let Some(name) = function.get("name").and_then(Value::as_str) else {
            return Err(RequestError::new(place, "must have a `name`"));
        };
        let description = function.get("description").and_then(Value::as_str);
        let parameters = match function.get("parameters") {
            None | Some(Value::Null) => serde_json::json!({"type": "object", "properties": {}}),
            Some(parameters) => parameters.clone(),
        };
        let strict = function.get("strict").and_then(Value::as_bool);
        set.push(Arc::new(DeclaredTool::new(
            name,
            description.unwrap_or_default(),
            parameters,
            strict,
        )));
    }
    ToolSet::new(set).map_err(|error| RequestError::new("tools", error.to_string()))
}

fn output_schema(schema: &Value) -> Result<OutputFormat, RequestError> {
    if !schema.is_object() {
        return Err(RequestError::new(
            "output_schema",
            "must be a JSON Schema object",
        ));
    }
    // `{"type": "json_schema", "json_schema": {…}}`, or the inner object alone.
    let wrapped = schema.get("json_schema").unwrap_or(schema);
    if wrapped.get("schema").is_some_and(Value::is_object) {
        return wrapped_schema(wrapped);
    }
    let name = schema.get("title").and_then(Value::as_str);
    Ok(OutputFormat {
        name: name.unwrap_or("output").into(),
        schema: Arc::new(Schema::new(schema.clone())),
        strict: true,
    })
}

fn response_format(format: &Value, options: &mut CallOptions) -> Result<(), RequestError> {
    let wrapped = format
        .get("json_schema")
        .filter(|_| format.get("type").and_then(Value::as_str) == Some("json_schema"));
    let Some(wrapped) = wrapped else {
        // `json_object` and the like hold no schema.
        keep("response_format", format, &mut options.settings);
        return Ok(());
    };
    options.output = Some(wrapped_schema(wrapped)?);
    Ok(())
}

/// A schema with its name: `{"name": …, "schema": …, "strict": …}`.
fn wrapped_schema(wrapped: &Value) -> Result<OutputFormat, RequestError> {
    // Perplexity's spelling and Mistral's beside OpenAI's.
    let schema = wrapped
        .get("schema")
        .or_else(|| wrapped.get("schema_definition"));
    let Some(schema) = schema else {
        let place = "response_format.json_schema.schema";
        return Err(RequestError::new(place, "must be a JSON Schema"));
    };
    let name = wrapped.get("name").and_then(Value::as_str);
    Ok(OutputFormat {
        name: name.unwrap_or("output").into(),
        schema: Arc::new(Schema::new(schema.clone())),
        strict: wrapped.get("strict").and_then(Value::as_bool) == Some(true),
    })
}

fn tool_choice(choice: &Value, options: &mut CallOptions) -> Result<(), RequestError> {
    let named = choice
        .get("function")
        .and_then(|function| function.get("name"))
        .or_else(|| choice.get("name"))
        .and_then(Value::as_str);
    match (choice, named) {
        (Value::Null, _) => {}
        (_, Some(name)) => options.tool_choice = ToolChoice::Tool(name.into()),
        (Value::String(word), _) => match word.as_str() {
            "none" => options.tool_choice = ToolChoice::None,
            "required" | "any" => options.tool_choice = ToolChoice::Required,
            // What is the default anyway is kept as it was written.
            "auto" => keep("tool_choice", choice, &mut options.settings),
            other => {
                let problem = format!("`{other}` is none of auto, none, required");
                return Err(RequestError::new("tool_choice", problem));
            }
        },
        _ => {
            let problem = "must be auto, none, required or {\"function\": {\"name\": …}}";
            return Err(RequestError::new("tool_choice", problem));
        }
    }
    Ok(())
}

fn setting(key: &str, value: &Value, settings: &mut ModelSettings) -> Result<(), RequestError> {
    if value.is_null() {
        keep(key, value, settings);
        return Ok(());
    }
    let wrong = |expected: &str| RequestError::new(key, format!("must be {expected}"));
    let float = || value.as_f64().map(Some).ok_or_else(|| wrong("a number"));
    match key {
        "temperature" => settings.temperature = float()?,
        "top_p" => settings.top_p = float()?,
        "frequency_penalty" => settings.frequency_penalty = float()?,
        "presence_penalty" => settings.presence_penalty = float()?,
        "max_tokens" | "max_completion_tokens" => {
            settings.max_tokens = Some(value.as_u64().ok_or_else(|| wrong("a whole number"))?);
        }
        "seed" | "random_seed" => {
            settings.seed = Some(value.as_i64().ok_or_else(|| wrong("a whole number"))?);
        }
        "reasoning_effort" => {
            let effort = value.as_str().ok_or_else(|| wrong("a text"))?;
            settings.reasoning_effort = Some(effort.to_owned());
        }
        "parallel_tool_calls" => {
            let parallel = value.as_bool().ok_or_else(|| wrong("true or false"))?;
            settings.parallel_tool_calls = Some(parallel);
        }
        "stop" => settings.stop = stop(value).ok_or_else(|| wrong("a text or a list of texts"))?,
        _ => keep(key, value, settings),
    }
    Ok(())
}

fn stop(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(list) => list
            .iter()
            .map(|text| text.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

fn keep(key: &str, value: &Value, settings: &mut ModelSettings) {
    let extra: &mut Map<String, Value> = &mut settings.extra_body;
    extra.insert(key.to_owned(), value.clone());
}
