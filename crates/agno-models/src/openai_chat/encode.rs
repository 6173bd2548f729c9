//! A [`ModelRequest`] as the body of a Chat Completions request.

use std::borrow::Cow;

use agno_core::{
    CallOptions, ModelError, ModelRequest, ModelSettings, StructuredOutput, ToolChoice, ToolSpec,
};
use serde_json::{Map, Value};

use super::dialect::{Dialect, MaxTokens};
use super::encode_message::messages;
use super::json::{Array, Object};

/// Writes the body of a request to `model`. Settings of the request win over `defaults`.
///
/// # Errors
/// If the dialect has no way to say something, such as media of a kind it does not know.
pub fn encode(
    request: &ModelRequest,
    model: &str,
    dialect: &Dialect,
    defaults: Option<&ModelSettings>,
) -> Result<Vec<u8>, ModelError> {
    let mut buffer = Vec::with_capacity(size_hint(request));
    let options = request.options.as_deref();
    let settings = merged(defaults, options.map(|options| &options.settings));
    let no_extra = Map::new();
    let mut body = Body {
        object: Object::begin(&mut buffer),
        extra: settings
            .as_deref()
            .map_or(&no_extra, |settings| &settings.extra_body),
    };
    if body.wants("model") {
        body.object.text("model", model);
    }
    if body.wants("messages") {
        messages(body.object.array("messages"), request, dialect)?;
    }
    if !request.tools.is_empty() && body.wants("tools") {
        tools(body.object.array("tools"), request);
    }
    if let Some(options) = options {
        body.options(options, dialect);
    }
    if let Some(settings) = settings.as_deref() {
        body.settings(settings, dialect)?;
    }
    if request.deltas {
        if body.wants("stream") {
            body.object.raw("stream", "true");
        }
        if dialect.ask_for_usage && body.wants("stream_options") {
            body.object
                .raw("stream_options", "{\"include_usage\":true}");
        }
    }
    let extra = body.extra;
    body.object.members(extra);
    body.object.end();
    Ok(buffer)
}

/// The body, whose members the caller may replace by his own.
struct Body<'b> {
    object: Object<'b>,
    extra: &'b Map<String, Value>,
}

impl Body<'_> {
    /// Whether the caller has not set this member himself.
    fn wants(&self, key: &str) -> bool {
        self.extra.is_empty() || !self.extra.contains_key(key)
    }

    fn options(&mut self, options: &CallOptions, dialect: &Dialect) {
        if self.wants("tool_choice") {
            match &options.tool_choice {
                ToolChoice::None => self.object.text("tool_choice", "none"),
                ToolChoice::Required => self.object.text("tool_choice", dialect.required_word),
                ToolChoice::Tool(name) => {
                    let mut choice = self.object.object("tool_choice");
                    choice.text("type", "function");
                    let mut function = choice.object("function");
                    function.text("name", name);
                    function.end();
                    choice.end();
                }
                // `Auto` is what servers do by themselves, and some know no word for it.
                _ => {}
            }
        }
        let Some(output) = &options.output else {
            return;
        };
        if !self.wants("response_format") {
            return;
        }
        match dialect.structured_output {
            StructuredOutput::Native => {
                let mut format = self.object.object("response_format");
                format.text("type", "json_schema");
                let mut schema = format.object("json_schema");
                schema.text("name", &output.name);
                schema.raw("schema", output.schema.text());
                if output.strict {
                    schema.raw("strict", "true");
                }
                schema.end();
                format.end();
            }
            StructuredOutput::JsonMode => {
                self.object
                    .raw("response_format", "{\"type\":\"json_object\"}");
            }
            // The instructions carry the schema.
            _ => {}
        }
    }

    fn settings(&mut self, settings: &ModelSettings, dialect: &Dialect) -> Result<(), ModelError> {
        let floats = [
            ("temperature", settings.temperature),
            ("top_p", settings.top_p),
            ("frequency_penalty", settings.frequency_penalty),
            ("presence_penalty", settings.presence_penalty),
        ];
        for (key, number) in floats {
            if let Some(number) = number
                && self.wants(key)
            {
                self.object.float(key, number)?;
            }
        }
        let max_tokens = match dialect.max_tokens {
            MaxTokens::MaxTokens => "max_tokens",
            MaxTokens::MaxCompletionTokens => "max_completion_tokens",
        };
        let integers = [
            (
                max_tokens,
                settings.max_tokens.map(|number| number.to_string()),
            ),
            (
                dialect.seed_field,
                settings.seed.map(|number| number.to_string()),
            ),
        ];
        for (key, number) in integers {
            if let Some(number) = number
                && self.wants(key)
            {
                self.object.raw(key, &number);
            }
        }
        if !settings.stop.is_empty() && self.wants("stop") {
            let mut stop = self.object.array("stop");
            for text in &settings.stop {
                super::json::text(stop.item(), text);
            }
            stop.end();
        }
        if let Some(effort) = &settings.reasoning_effort
            && self.wants("reasoning_effort")
        {
            self.object.text("reasoning_effort", effort);
        }
        if let Some(parallel) = settings.parallel_tool_calls
            && self.wants("parallel_tool_calls")
        {
            let word = if parallel { "true" } else { "false" };
            self.object.raw("parallel_tool_calls", word);
        }
        Ok(())
    }
}

fn tools(mut array: Array<'_>, request: &ModelRequest) {
    for tool in request.tools.iter() {
        let spec: &ToolSpec = tool.spec();
        let mut item = array.object();
        item.text("type", "function");
        let mut function = item.object("function");
        function.text("name", &spec.name);
        if !spec.description.is_empty() {
            function.text("description", &spec.description);
        }
        function.raw("parameters", spec.parameters.text());
        if let Some(strict) = spec.strict {
            function.raw("strict", if strict { "true" } else { "false" });
        }
        function.end();
        item.end();
    }
    array.end();
}

/// About how long the body gets, so that the buffer is allocated once.
fn size_hint(request: &ModelRequest) -> usize {
    const ENVELOPE: usize = 256;
    const PER_MESSAGE: usize = 96;
    const PER_CALL: usize = 128;
    let messages: usize = request
        .thread
        .messages()
        .iter()
        .map(|message| {
            let calls: usize = match &**message {
                agno_core::Message::Assistant(message) => message
                    .tool_calls
                    .iter()
                    .map(|call| PER_CALL + call.arguments.len())
                    .sum(),
                _ => 0,
            };
            // Escapes make text a little longer.
            PER_MESSAGE + calls + message.text().len() + message.text().len() / 16
        })
        .sum();
    let tools: usize = request
        .tools
        .iter()
        .map(|tool| {
            let spec = tool.spec();
            PER_CALL + spec.description.len() + spec.parameters.text().len()
        })
        .sum();
    ENVELOPE + messages + tools
}

/// The settings of the call, completed by those of the model.
fn merged<'s>(
    defaults: Option<&'s ModelSettings>,
    own: Option<&'s ModelSettings>,
) -> Option<Cow<'s, ModelSettings>> {
    let (defaults, own) = match (defaults, own) {
        (None, None) => return None,
        (Some(only), None) | (None, Some(only)) => return Some(Cow::Borrowed(only)),
        (Some(defaults), Some(own)) => (defaults, own),
    };
    let mut extra_body = defaults.extra_body.clone();
    extra_body.extend(own.extra_body.clone());
    Some(Cow::Owned(ModelSettings {
        temperature: own.temperature.or(defaults.temperature),
        top_p: own.top_p.or(defaults.top_p),
        max_tokens: own.max_tokens.or(defaults.max_tokens),
        stop: if own.stop.is_empty() {
            defaults.stop.clone()
        } else {
            own.stop.clone()
        },
        seed: own.seed.or(defaults.seed),
        frequency_penalty: own.frequency_penalty.or(defaults.frequency_penalty),
        presence_penalty: own.presence_penalty.or(defaults.presence_penalty),
        reasoning_effort: own
            .reasoning_effort
            .clone()
            .or_else(|| defaults.reasoning_effort.clone()),
        parallel_tool_calls: own.parallel_tool_calls.or(defaults.parallel_tool_calls),
        extra_body,
    }))
}
