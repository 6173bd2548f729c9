//! One file a scenario.

mod hello;
mod history;
mod instantiate;
mod run;
mod serve;

mod stream;
mod tools50;

use crate::Outcome;
use crate::agents::LAST_WORD;

/// Runs the scenario of the given name.
pub(crate) async fn run(name: &str) -> Outcome {
    match name {
        "instantiate" => instantiate::measure(),
        "run" => run::measure().await,
        "stream" => stream::measure().await,
        "serve" => serve::measure().await,
        "tools50" => tools50::measure().await,
        "hello" => hello::measure().await,
        "history" => history::measure().await,
        other => Err(format!(
            "unknown scenario `{other}`: instantiate, run, stream, tools50, hello, history, serve"
        )
        .into()),
    }
}

/// Checks that an answer is whole.
fn check_answer(answer: &str) -> Result<(), String> {
    if answer.contains(LAST_WORD) {
        Ok(())
    } else {
        Err(format!("incomplete answer: {answer:?}"))
    }
}
