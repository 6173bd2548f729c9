//! One run with a tool, one at a time and many at once.

use std::time::Instant;

use agno::prelude::*;
use serde_json::json;

use super::check_answer;
use crate::Outcome;
use crate::agents::{PROMPT, weather_agent};
use crate::measure::{
    allocations, cpu_seconds, median, micros_since, millis_since, percentile, rss_kib, setting,
};

async fn run_once(agent: &Agent) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let output = agent.run(PROMPT).await?;
    check_answer(&output.content)?;
    if output.tools.len() != 1 {
        return Err(format!("{} tools were called", output.tools.len()).into());
    }
    Ok(())
}

pub(crate) async fn measure() -> Outcome {
    let (count, at_once) = (setting("N", 1000), setting("CONC", 64));
    let agent = weather_agent("bench", "fake")?.build()?;
    for _ in 0..50 {
        run_once(&agent).await?;
    }
    let mut samples = Vec::with_capacity(count);
    let (cpu, allocated) = (cpu_seconds(), allocations());
    for _ in 0..count {
        let start = Instant::now();
        run_once(&agent).await?;
        samples.push(micros_since(start));
    }
    let sequential_cpu = (cpu_seconds() - cpu) / count as f64 * 1e6;
    let allocations_per_run = (allocations() - allocated) as f64 / count as f64;
    let rss_sequential = rss_kib();

    let each = (count * 8 / at_once).max(1);
    let (cpu, start) = (cpu_seconds(), Instant::now());
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let agent = agent.clone();
            tokio::spawn(async move {
                let mut latencies = Vec::with_capacity(each);
                for _ in 0..each {
                    let start = Instant::now();
                    run_once(&agent).await?;
                    latencies.push(millis_since(start));
                }
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let runs = latencies.len() as f64;
    let seconds = start.elapsed().as_secs_f64();
    Ok(json!({
        "async_us": median(&mut samples),
        "async_cpu_us": sequential_cpu,
        "allocs_per_run": allocations_per_run,
        "rss_kib_seq": rss_sequential,
        "conc": at_once,
        "conc_rps": runs / seconds,
        "conc_cpu_us": (cpu_seconds() - cpu) / runs * 1e6,
        "conc_p50_ms": median(&mut latencies),
        "conc_p99_ms": percentile(&mut latencies, 0.99),
        "rss_kib": rss_kib(),
    }))
}
