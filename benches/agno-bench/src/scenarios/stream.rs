//! A streamed answer, each piece an event.

use std::time::Instant;

use agno::prelude::*;
use serde_json::json;

use crate::Outcome;
use crate::agents::{PROMPT, weather_agent};
use crate::measure::{cpu_seconds, median, millis_since, rss_kib, setting};

pub(crate) async fn measure() -> Outcome {
    let (chunks, count) = (setting("CHUNKS", 2000), setting("N", 50));
    let agent = weather_agent("bench", &format!("fake-n1-c{chunks}"))?.build()?;
    let (mut firsts, mut totals) = (Vec::new(), Vec::new());
    let (mut cpu, mut events) = (0.0, 0);
    for round in 0..=count {
        if round == 1 {
            // The first round only warms up.
            firsts.clear();
            totals.clear();
            cpu = cpu_seconds();
        }
        let start = Instant::now();
        let mut first = None;
        events = 0;
        let mut stream = agent.run(PROMPT).stream();
        while let Some(event) = stream.next().await {
            if let EventKind::Content(_) = event.kind {
                first.get_or_insert_with(|| millis_since(start));
                events += 1;
            }
        }
        stream.into_result()?;
        firsts.push(first.unwrap_or_default());
        totals.push(millis_since(start));
    }
    if events < chunks {
        return Err(format!("{events} events for {chunks} chunks").into());
    }
    let total = median(&mut totals);
    Ok(json!({
        "chunks": chunks,
        "events": events,
        "first_event_ms": median(&mut firsts),
        "total_ms": total,
        "chunks_per_s": chunks as f64 / total * 1e3,
        "cpu_us_per_chunk": (cpu_seconds() - cpu) / count as f64 / chunks as f64 * 1e6,
        "rss_kib": rss_kib(),
    }))
}
