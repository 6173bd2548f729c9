//! One long session in SQLite, with and without its history shown to the model.

use std::path::Path;
use std::time::Instant;

use agno::prelude::*;
use serde_json::{Map, Value, json};

use super::check_answer;
use crate::Outcome;
use crate::agents::{PROMPT, weather_agent};
use crate::measure::{cpu_seconds, median, millis_since, rss_kib};

/// Runs of the session.
const RUNS: usize = 1006;

pub(crate) async fn measure() -> Outcome {
    let mut numbers = Map::new();
    for (prefix, policy) in [("hist", History::last_runs(3)), ("nohist", History::off())] {
        session(prefix, policy, &mut numbers).await?;
    }
    numbers.insert("rss_kib".to_owned(), rss_kib().into());
    Ok(Value::Object(numbers))
}

async fn session(
    prefix: &str,
    policy: History,
    numbers: &mut Map<String, Value>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let folder = std::env::temp_dir().join(format!("agno-bench-{prefix}-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("history.db");
    let agent = weather_agent("bench", "fake-n1")?
        .db(Sqlite::open(&file)?)
        .history(policy)
        .build()?;
    let (mut millis, mut cpu_millis) = (Vec::with_capacity(RUNS), Vec::with_capacity(RUNS));
    for _ in 0..RUNS {
        let (start, cpu) = (Instant::now(), cpu_seconds());
        let output = agent.run(PROMPT).session("s").await?;
        millis.push(millis_since(start));
        cpu_millis.push((cpu_seconds() - cpu) * 1e3);
        check_answer(&output.content)?;
    }
    for after in [1, 10, 100, 1000] {
        let mut five: Vec<f64> = millis.iter().skip(after).take(5).copied().collect();
        numbers.insert(
            format!("{prefix}_ms_after_{after}"),
            json!(median(&mut five)),
        );
    }
    let mean = cpu_millis.iter().sum::<f64>() / RUNS as f64;
    numbers.insert(format!("{prefix}_cpu_ms_mean"), json!(mean));
    let runs = agent
        .runs()
        .ok_or("no database")?
        .of_session(&"s".into(), None)
        .await?;
    if runs.len() != RUNS {
        return Err(format!("{} runs of {RUNS} are in the database", runs.len()).into());
    }
    drop(agent);
    numbers.insert(format!("{prefix}_db_bytes"), json!(size_of(&file)?));
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Bytes of the database with its write-ahead log.
fn size_of(file: &Path) -> std::io::Result<u64> {
    let log = file.with_extension("db-wal");
    let log_bytes = std::fs::metadata(log)
        .map(|data| data.len())
        .unwrap_or_default();
    Ok(std::fs::metadata(file)?.len() + log_bytes)
}
