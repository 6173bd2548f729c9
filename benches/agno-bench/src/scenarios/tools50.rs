//! Many tool calls in one turn.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use serde_json::json;

use crate::Outcome;
use crate::agents::{PROMPT, SLOW_CALLS, slow_agent};
use crate::measure::{cpu_seconds, median, millis_since, setting};

pub(crate) async fn measure() -> Outcome {
    let (calls, count) = (setting("K", 50), setting("N", 10));
    let agent = slow_agent(&format!("fake-k{calls}"))?;
    agent.run(PROMPT).await?;
    SLOW_CALLS.store(0, Relaxed);
    let mut samples = Vec::with_capacity(count);
    let cpu = cpu_seconds();
    for _ in 0..count {
        let start = Instant::now();
        agent.run(PROMPT).await?;
        samples.push(millis_since(start));
    }
    let called = SLOW_CALLS.load(Relaxed) as f64 / count as f64;
    if called != calls as f64 {
        return Err(format!("{called} calls a run instead of {calls}").into());
    }
    Ok(json!({
        "k": calls,
        "ms": median(&mut samples),
        "cpu_ms": (cpu_seconds() - cpu) / count as f64 * 1e3,
        "calls": called,
    }))
}
