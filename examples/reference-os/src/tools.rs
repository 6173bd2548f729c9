//! The tools: one for each way in which a call can be handled.

use std::time::Duration;

use agno::prelude::*;

/// Get the weather of a city.
#[tool(effect = pure)]
pub(crate) fn get_weather(city: String) -> String {
    format!("Sunny in {city}")
}

/// Always fails.
#[tool(effect = pure)]
pub(crate) fn failing_tool(reason: String) -> Result<String, String> {
    Err(format!("tool failed: {reason}"))
}

/// Sleep for a while.
#[tool(effect = pure)]
pub(crate) async fn slow_tool(seconds: f64) -> String {
    tokio::time::sleep(Duration::from_secs_f64(seconds.clamp(0.0, 3600.0))).await;
    format!("slept {seconds}")
}

/// Delete a file (needs confirmation).
#[tool(confirm)]
pub(crate) fn delete_file(path: String) -> String {
    format!("deleted {path}")
}

/// Send an email; the human supplies the address.
///
/// * `subject` - subject line
/// * `to_address` - recipient address
#[tool(user_input(to_address))]
pub(crate) fn send_email(subject: String, to_address: String) -> String {
    format!("sent '{subject}' to {to_address}")
}

/// Run a shell command outside of the agent.
#[tool(external)]
pub(crate) fn run_shell(command: String) -> Result<String, String> {
    Err(format!("`{command}` is run by the client"))
}

/// Wire money (needs an approval record).
#[tool(confirm)]
pub(crate) fn wire_money(amount: i64) -> String {
    format!("wired {amount}")
}

/// Increase session_state.counter.
#[tool(effect = pure)]
pub(crate) fn bump_counter(by: Option<i64>, state: SessionState) -> Result<String, String> {
    let by = by.unwrap_or(1);
    let counter = state.update("counter", |counter: Option<i64>| counter.unwrap_or(0) + by);
    counter
        .map(|counter| format!("counter={counter}"))
        .map_err(|error| error.to_string())
}
