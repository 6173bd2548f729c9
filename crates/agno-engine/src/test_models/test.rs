//! A model that exercises an agent.

use std::sync::Arc;

use agno_core::{AssistantMessage, Content, Model, ModelInfo, ModelRequest, ReplyStream, ToolCall};

use super::{info, reply_stream, reply_to, tool_results, tool_rounds};

/// Calls each tool once, with values made from its schema, then answers with their results; or
/// fills the output schema, if there is one.
#[derive(Debug)]
pub struct TestModel {
    info: ModelInfo,
    text: Option<Arc<str>>,
}

impl TestModel {
    /// A model that answers with the tools' results.
    pub fn new() -> Self {
        Self {
            info: info("test"),
            text: None,
        }
    }

    /// Answers with this text instead.
    #[must_use]
    pub fn answering(mut self, text: impl Into<Arc<str>>) -> Self {
        self.text = Some(text.into());
        self
    }
}

impl Default for TestModel {
    fn default() -> Self {
        Self::new()
    }
}

impl Model for TestModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn stream(&self, request: ModelRequest) -> ReplyStream {
        let mut message = AssistantMessage::default();
        if tool_rounds(&request) == 0 && !request.tools.is_empty() {
            message.tool_calls = sample_calls(&request);
        } else {
            message.content = Content::text(self.answer(&request));
        }
        let reply = reply_to(&request, message);
        reply_stream(&request, reply)
    }
}

impl TestModel {
    fn answer(&self, request: &ModelRequest) -> Arc<str> {
        if let Some(text) = &self.text {
            return Arc::clone(text);
        }
        let output = request
            .options
            .as_ref()
            .and_then(|options| options.output.as_ref());
        if let Some(output) = output {
            return output.schema.sample().to_string().into();
        }
        let results: Vec<&str> = tool_results(request)
            .iter()
            .map(|message| &**message.text())
            .collect();
        if results.is_empty() {
            "success (no tool calls)".into()
        } else {
            results.join("\n").into()
        }
    }
}

fn sample_calls(request: &ModelRequest) -> Vec<ToolCall> {
    let tools = request.tools.iter().enumerate();
    tools
        .map(|(index, tool)| ToolCall {
            id: format!("call_{index}").into(),
            name: Arc::clone(&tool.spec().name),
            arguments: tool.spec().parameters.sample().to_string().into(),
        })
        .collect()
}
