//! `agno-bench SCENARIO` measures agno-rs through its public API, as a user writes it.
//!
//! The contract is that of the comparison harness: configuration by environment variables, one
//! JSON object of numbers as the last line on standard output, a failed check exits non-zero and
//! prints no numbers. `docs/performance.md` has the command and the table.

mod agents;
mod measure;
mod scenarios;

use std::process::ExitCode;

/// What a scenario gives: its numbers, or what went wrong.
type Outcome = Result<serde_json::Value, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let scenario = std::env::args().nth(1).unwrap_or_default();
    // PLACEMENT=worker spawns the work; otherwise it is awaited on the main thread, as most
    // programs do. The two differ several times in programs that drive connections elsewhere.
    let outcome = if std::env::var("PLACEMENT").is_ok_and(|placement| placement == "worker") {
        match tokio::spawn(async move { scenarios::run(&scenario).await }).await {
            Ok(outcome) => outcome,
            Err(error) => Err(error.into()),
        }
    } else {
        scenarios::run(&scenario).await
    };
    match outcome {
        Ok(numbers) => {
            measure::print_line(&numbers.to_string());
            ExitCode::SUCCESS
        }
        Err(error) => {
            measure::print_error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
