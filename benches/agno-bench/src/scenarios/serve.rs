//! AgentOS with SQLite, loaded from outside. Runs until it is stopped.

use agno::prelude::*;
use serde_json::json;

use crate::Outcome;
use crate::agents::{chat_agent, weather_agent};
use crate::measure::setting;

pub(crate) async fn measure() -> Outcome {
    let file = std::env::var("DB").unwrap_or("agno-bench.db".to_owned());
    let chat_model = std::env::var("CHAT_MODEL").unwrap_or("fake-n1-c40-d50".to_owned());
    let db = Sqlite::open(file)?;
    let bench = weather_agent("bench", "fake")?.db(db.clone()).build()?;
    let chat = chat_agent("chat", &chat_model)?.db(db).build()?;
    let address = format!("127.0.0.1:{}", setting("PORT", 7777));
    AgentOs::new()
        .agent(bench)
        .agent(chat)
        .serve(&address)
        .await?;
    Ok(json!({}))
}
