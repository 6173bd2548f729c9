//! `agno model call`: a model without an agent, for scripts and conformance tests.
//!
//! Reply and error both go to standard output, so that a caller reads one stream; the exit code
//! tells them apart.

use std::future::poll_fn;
use std::io::Read;

use agno::Message;
use agno::models::{
    Model, ModelChunk, ModelError, ModelErrorKind, ModelReply, ModelRequest, OpenAiChat,
    parse_request, providers,
};
use serde_json::{Value, json};

use super::args::ModelCallArguments;
use super::common::exit::Failure;
use super::common::output::Output;

pub(super) async fn model_call(
    arguments: ModelCallArguments,
    output: &mut Output,
) -> Result<(), Failure> {
    match call(&arguments).await {
        Ok(reply) => output.line(reply_json(&reply)),
        Err(error) => {
            output.line(error_json(&error))?;
            Err(Failure::Told)
        }
    }
}

fn invalid(message: impl std::fmt::Display) -> ModelError {
    ModelError::new(ModelErrorKind::InvalidRequest, message.to_string())
}

async fn call(arguments: &ModelCallArguments) -> Result<ModelReply, ModelError> {
    let model = model(arguments)?;
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| invalid(format_args!("standard input can't be read: {error}")))?;
    let body: Value = serde_json::from_str(&text)
        .map_err(|error| invalid(format_args!("standard input is not JSON: {error}")))?;
    let mut request: ModelRequest = parse_request(&body).map_err(invalid)?;
    request.deltas |= arguments.stream;
    reply(&*model, request).await
}

fn model(arguments: &ModelCallArguments) -> Result<std::sync::Arc<dyn Model>, ModelError> {
    let mut chat = OpenAiChat::new(arguments.model.as_str()).provider(&arguments.provider);
    if let Some(url) = &arguments.base_url {
        chat = chat.base_url(url.as_str());
    }
    if let Some(name) = &arguments.api_key_env {
        match std::env::var(name)
            .ok()
            .filter(|key| !key.trim().is_empty())
        {
            Some(key) => chat = chat.api_key(key),
            // A server on this machine is used without a key; `build` refuses the others.
            None if loopback(arguments) => {}
            None => {
                let message = format!("the environment variable {name} is not set: set it");
                return Err(ModelError::new(ModelErrorKind::Authentication, message));
            }
        }
    }
    match chat.build() {
        Ok(model) => Ok(model),
        Err(error) => {
            // What fails here is the key, or what was written on the command line.
            let unknown = providers::find(&arguments.provider).is_none();
            let kind = if !unknown && error.to_string().contains("needs a key") {
                ModelErrorKind::Authentication
            } else {
                ModelErrorKind::InvalidRequest
            };
            Err(ModelError::new(kind, error.to_string()))
        }
    }
}

fn loopback(arguments: &ModelCallArguments) -> bool {
    let url = arguments.base_url.as_deref();
    url.is_some_and(agno::models::is_loopback_url)
}

async fn reply(model: &dyn Model, request: ModelRequest) -> Result<ModelReply, ModelError> {
    let mut stream = model.stream(request);
    loop {
        match poll_fn(|context| stream.poll_next(context)).await {
            Some(Ok(ModelChunk::Done(reply))) => return Ok(*reply),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
            None => {
                let message = "the model ended its stream without a reply: try again";
                return Err(ModelError::new(ModelErrorKind::Malformed, message));
            }
        }
    }
}

fn reply_json(reply: &ModelReply) -> Value {
    let mut calls = Vec::new();
    let (mut text, mut thinking) = (None, None);
    if let Message::Assistant(answer) = &*reply.message {
        text = Some(answer.content.text.to_string());
        thinking = answer.content.reasoning().map(ToString::to_string);
        for call in &answer.tool_calls {
            // What is not JSON is shown as the model wrote it.
            let arguments = agno::parse_arguments(&call.arguments)
                .unwrap_or_else(|_| Value::from(&*call.arguments));
            calls.push(json!({ "id": &*call.id, "name": &*call.name, "arguments": arguments }));
        }
    }
    let usage = &reply.usage;
    json!({
        "text": text.unwrap_or_default(),
        "thinking": thinking,
        "tool_calls": calls,
        "usage": {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cache_read_tokens": usage.cache_read_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
        },
        "finish_reason": Some(reply.finish.as_str()).filter(|word| !word.is_empty()),
    })
}

fn error_json(error: &ModelError) -> Value {
    json!({
        "error": {
            "kind": error.kind,
            "message": &*error.message,
            "status": error.status,
            "code": error.code.as_deref(),
            "retry_after_ms": error.retry_after_ms,
            "partial_text": error.partial_text.as_deref(),
        }
    })
}
