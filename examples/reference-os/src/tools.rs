//! The tools: one for each way in which a call can be handled.

use std::sync::Arc;
use std::time::Duration;

use agno_core::{
    Effect, Interaction, IntoTool, Schema, Tool, ToolContext, ToolError, ToolSpec, function_tool,
};
use serde_json::{Value, json};

/// All tools, in the order in which the agent lists them.
pub(crate) fn all() -> Vec<Arc<dyn Tool>> {
    vec![
        function_tool(get_weather(), |arguments, _| async move {
            format!("Sunny in {}", text(&arguments, "city"))
        })
        .into_tool(),
        function_tool(failing_tool(), |arguments, _| async move {
            let reason = text(&arguments, "reason");
            Err::<String, _>(ToolError::failed(format_args!("tool failed: {reason}")))
        })
        .into_tool(),
        function_tool(slow_tool(), |arguments: Value, _| async move {
            let seconds = arguments
                .get("seconds")
                .and_then(Value::as_f64)
                .unwrap_or_default();
            tokio::time::sleep(Duration::from_secs_f64(seconds.clamp(0.0, 3600.0))).await;
            format!("slept {seconds}")
        })
        .into_tool(),
        function_tool(delete_file(), |arguments, _| async move {
            format!("deleted {}", text(&arguments, "path"))
        })
        .into_tool(),
        function_tool(send_email(), |arguments, _| async move {
            let (subject, to) = (text(&arguments, "subject"), text(&arguments, "to_address"));
            format!("sent '{subject}' to {to}")
        })
        .into_tool(),
        function_tool(run_shell(), |_, _| async move {
            Err::<String, _>(ToolError::fatal("shell commands are run by the client"))
        })
        .into_tool(),
        function_tool(wire_money(), |arguments: Value, _| async move {
            let amount = arguments.get("amount").cloned().unwrap_or_default();
            format!("wired {amount}")
        })
        .into_tool(),
        function_tool(
            bump_counter(),
            |arguments: Value, context: ToolContext| async move {
                let by = arguments.get("by").and_then(Value::as_i64).unwrap_or(1);
                let counter = context
                    .state()
                    .update("counter", |counter: Option<i64>| counter.unwrap_or(0) + by)?;
                Ok::<_, serde_json::Error>(format!("counter={counter}"))
            },
        )
        .into_tool(),
    ]
}

fn text(arguments: &Value, name: &str) -> String {
    arguments
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn spec(name: &str, description: &str, properties: Value, required: &[&str]) -> ToolSpec {
    let parameters = json!({
        "type": "object",
        "properties": properties,
        "required": required,
    });
    let mut spec = ToolSpec::new(name, description, Schema::new(parameters));
    spec.effect = Effect::Pure;
    spec
}

fn get_weather() -> ToolSpec {
    let properties = json!({"city": {"type": "string"}});
    spec(
        "get_weather",
        "Get the weather of a city.",
        properties,
        &["city"],
    )
}

fn failing_tool() -> ToolSpec {
    let properties = json!({"reason": {"type": "string"}});
    spec("failing_tool", "Always fails.", properties, &["reason"])
}

fn slow_tool() -> ToolSpec {
    let properties = json!({"seconds": {"type": "number"}});
    spec("slow_tool", "Sleep for a while.", properties, &["seconds"])
}

fn delete_file() -> ToolSpec {
    let properties = json!({"path": {"type": "string"}});
    let description = "Delete a file (needs confirmation).";
    let mut spec = spec("delete_file", description, properties, &["path"]);
    spec.effect = Effect::AtMostOnce;
    spec.interaction = Interaction::Confirm;
    spec
}

fn send_email() -> ToolSpec {
    let properties = json!({
        "subject": {"type": "string", "description": "subject line"},
        "to_address": {"type": "string", "description": "recipient address"},
    });
    let description = "Send an email; the human supplies the address.";
    let required = ["subject", "to_address"];
    let mut spec = spec("send_email", description, properties, &required);
    spec.effect = Effect::AtMostOnce;
    spec.interaction = Interaction::UserInput(["to_address".into()].into());
    spec
}

fn run_shell() -> ToolSpec {
    let properties = json!({"command": {"type": "string"}});
    let description = "Run a shell command outside of the agent.";
    let mut spec = spec("run_shell", description, properties, &["command"]);
    spec.interaction = Interaction::External;
    spec
}

fn wire_money() -> ToolSpec {
    let properties = json!({"amount": {"type": "integer"}});
    let description = "Wire money (needs an approval record).";
    let mut spec = spec("wire_money", description, properties, &["amount"]);
    spec.effect = Effect::AtMostOnce;
    spec.interaction = Interaction::Confirm;
    spec
}

fn bump_counter() -> ToolSpec {
    let properties = json!({"by": {"type": "integer"}});
    let mut spec = spec(
        "bump_counter",
        "Increase session_state.counter.",
        properties,
        &[],
    );
    spec.effect = Effect::Idempotent;
    spec
}
