//! Building agents.

use std::hint::black_box;
use std::time::Instant;

use agno::BuildError;
use agno::prelude::*;
use serde_json::json;

use crate::Outcome;
use crate::agents::weather_agent;
use crate::measure::{allocations, live_bytes, median, micros_since, rss_kib, setting};

fn build() -> Result<Agent, BuildError> {
    weather_agent("bench", "gpt-4o")?.build()
}

pub(crate) fn measure() -> Outcome {
    let count = setting("N", 1000);
    let mut samples = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        black_box(build()?);
        samples.push(micros_since(start));
    }
    let batch = 100_000;
    let start = Instant::now();
    for _ in 0..batch {
        black_box(build()?);
    }
    let batch_micros = micros_since(start) / f64::from(batch);

    let kept = 10_000;
    let mut agents = Vec::with_capacity(kept);
    let (bytes, allocated, rss) = (live_bytes(), allocations(), rss_kib());
    for _ in 0..kept {
        agents.push(build()?);
    }
    let per_agent = |total: u64| total as f64 / kept as f64;
    let numbers = json!({
        "us_median": median(&mut samples),
        "us_batch_nogc": batch_micros,
        "bytes_retained": per_agent(live_bytes() - bytes),
        "allocs": per_agent(allocations() - allocated),
        "rss_bytes_per_agent": per_agent((rss_kib() - rss) * 1024),
        "rss_kib": rss_kib(),
    });
    black_box(&agents);
    Ok(numbers)
}
