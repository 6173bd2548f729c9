//! The smallest program: one agent, one run. Timed from outside.

use serde_json::json;

use super::check_answer;
use crate::Outcome;
use crate::agents::{PROMPT, weather_agent};
use crate::measure::rss_kib;

pub(crate) async fn measure() -> Outcome {
    let agent = weather_agent("bench", "fake-n1")?.build()?;
    let output = agent.run(PROMPT).await?;
    check_answer(&output.content)?;
    Ok(json!({ "rss_kib": rss_kib() }))
}
