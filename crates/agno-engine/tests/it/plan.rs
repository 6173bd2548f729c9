//! A random agent and a random script of its model.

use std::sync::Arc;

use agno_core::{
    AssistantMessage, BoxFuture, Content, Effect, Interaction, ModelError, ModelErrorKind,
    ModelReply, Schema, Tool, ToolCall, ToolContext, ToolOutput, ToolResult, ToolSet, ToolSpec,
    Usage,
};
use agno_engine::{AgentDefinition, Limits, OutputSpec, RetryPolicy};
use serde_json::json;

use crate::entropy::Entropy;

/// An agent and what its model says, in order.
#[derive(Debug)]
pub struct Plan {
    pub definition: AgentDefinition,
    pub output: Option<OutputSpec>,
    pub script: Vec<Turn>,
}

/// What the model says to one call.
#[derive(Clone, Debug)]
pub enum Turn {
    Reply(ModelReply),
    Error(ModelError),
}

/// A tool that is never run: the tests answer in its place.
struct SpecOnly(ToolSpec);

impl Tool for SpecOnly {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn call(self: Arc<Self>, _: Arc<str>, _: ToolContext) -> BoxFuture<ToolResult> {
        Box::pin(async { Ok(ToolOutput::default()) })
    }
}

pub fn parameters() -> Schema {
    Schema::new(json!({
        "type": "object",
        "properties": {"n": {"type": "integer"}, "who": {"type": "string"}},
        "required": ["n", "who"],
    }))
}

pub fn tool(name: &str, change: impl FnOnce(&mut ToolSpec)) -> Arc<dyn Tool> {
    let mut spec = ToolSpec::new(name, "Does something.", parameters());
    change(&mut spec);
    Arc::new(SpecOnly(spec))
}

pub fn definition(tools: Vec<Arc<dyn Tool>>) -> AgentDefinition {
    AgentDefinition {
        id: "agent".into(),
        version: 7,
        tools: Arc::new(ToolSet::new(tools).unwrap()),
        limits: Limits::default(),
        retry: RetryPolicy::default(),
    }
}

impl Plan {
    pub fn random(entropy: &mut Entropy<'_>) -> Self {
        let tools = (0..1 + entropy.below(4)).map(|index| random_tool(index, entropy));
        let mut definition = definition(tools.collect());
        definition.limits = Limits {
            model_calls: [Some(50), Some(3), None][entropy.below(3)],
            tool_calls: [None, Some(2), Some(5)][entropy.below(3)],
            total_tokens: [None, Some(60)][usize::from(entropy.once_in(8))],
            output_repairs: [1, 0, 2][entropy.below(3)],
            ..Limits::default()
        };
        definition.retry = [RetryPolicy::default(), RetryPolicy::none()][entropy.below(2)];
        let output = entropy.once_in(3).then(|| OutputSpec {
            name: "Report".into(),
            schema: Arc::new(Schema::new(json!({
                "type": "object",
                "properties": {"score": {"type": "number"}},
                "required": ["score"],
            }))),
        });
        let tools = definition.tools.iter().count();
        let turns = 0..entropy.below(8);
        let script = turns.map(|_| random_turn(tools, entropy)).collect();
        Self {
            definition,
            output,
            script,
        }
    }

    /// What the model says to its call of the given number; it answers where the script ends.
    pub fn turn(&self, number: usize) -> Turn {
        let last = || Turn::Reply(reply(r#"{"score": 1.5}"#, Vec::new()));
        self.script.get(number).cloned().unwrap_or_else(last)
    }
}

fn random_tool(index: usize, entropy: &mut Entropy<'_>) -> Arc<dyn Tool> {
    tool(&format!("tool_{index}"), |spec| {
        spec.effect = [Effect::AtMostOnce, Effect::Pure, Effect::Idempotent][entropy.below(3)];
        spec.interaction = match entropy.below(6) {
            3 => Interaction::Confirm,
            4 => Interaction::UserInput(["who".into()].into()),
            5 => Interaction::External,
            _ => Interaction::None,
        };
        spec.call_limit = [None, None, None, Some(1), Some(2)][entropy.below(5)];
        spec.stop_after_call = entropy.once_in(10);
    })
}

fn random_turn(tools: usize, entropy: &mut Entropy<'_>) -> Turn {
    match entropy.below(16) {
        0 => Turn::Reply(reply("It is done.", Vec::new())),
        1 => Turn::Reply(reply(
            "```json\n{\"score\": 0.30000000000000004}\n```",
            Vec::new(),
        )),
        2 => Turn::Error(random_error(entropy)),
        3 => Turn::Reply(reply("", Vec::new())),
        _ => {
            let calls = (0..1 + entropy.below(4)).map(|index| random_call(index, tools, entropy));
            let calls: Vec<_> = calls.collect();
            let text = ["", "Let me see."][entropy.below(2)];
            Turn::Reply(reply(text, calls))
        }
    }
}

fn random_call(index: usize, tools: usize, entropy: &mut Entropy<'_>) -> ToolCall {
    let name = match entropy.below(16) {
        15 => "no_such_tool".to_owned(),
        tool => format!("tool_{}", tool % tools),
    };
    let arguments = match entropy.below(24) {
        20 => r#"{"n": "#,
        21 => r#"{"n": "many", "who": "x"}"#,
        22 => "[1]",
        23 => "",
        _ => r#"{"n": 1, "who": "Ada"}"#,
    };
    // The same ids in every reply, as some models do it; now and then twice in one reply.
    let id = match entropy.below(16) {
        14 => "call".to_owned(),
        15 => String::new(),
        _ => format!("call_{index}"),
    };
    ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
    }
}

fn random_error(entropy: &mut Entropy<'_>) -> ModelError {
    let kinds = [
        ModelErrorKind::RateLimited,
        ModelErrorKind::Unavailable,
        ModelErrorKind::Connection,
        ModelErrorKind::Malformed,
        ModelErrorKind::InvalidRequest,
        ModelErrorKind::Authentication,
        ModelErrorKind::ContextTooLong,
        ModelErrorKind::ContentFiltered,
        ModelErrorKind::LiveRequestsDisabled,
    ];
    let mut error = ModelError::new(kinds[entropy.below(kinds.len())], "the model failed");
    error.retry_after_ms = [None, Some(1500), Some(3_600_000)][entropy.below(3)];
    error.partial_text = [None, Some("It is".into())][entropy.below(2)].clone();
    error
}

pub fn reply(text: &str, calls: Vec<ToolCall>) -> ModelReply {
    let message = AssistantMessage {
        content: Content::text(text),
        tool_calls: calls,
    };
    let usage = Usage {
        input_tokens: 10,
        output_tokens: 5,
        total_tokens: 15,
        ..Usage::default()
    };
    ModelReply::new(message, usage)
}

pub fn call(id: &str, name: &str) -> ToolCall {
    ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: r#"{"n": 1, "who": "Ada"}"#.into(),
    }
}
