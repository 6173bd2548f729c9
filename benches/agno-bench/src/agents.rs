//! The agents of the scenarios.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use agno::models::OpenAiChat;
use agno::prelude::*;
use agno::{AgentBuilder, BuildError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The question of all scenarios.
pub(crate) const PROMPT: &str = "What is the weather in nyc?";

/// The last word of the model server's answer.
pub(crate) const LAST_WORD: &str = "w15";

/// A city with known weather.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum City {
    Nyc,
    Sf,
}

/// Use this to get weather information.
#[tool(effect = pure)]
async fn get_weather(city: City) -> &'static str {
    match city {
        City::Nyc => "It might be cloudy in nyc",
        City::Sf => "It's always sunny in sf",
    }
}

/// How often `slow` was called.
pub(crate) static SLOW_CALLS: AtomicU64 = AtomicU64::new(0);

/// Sleeps.
#[tool(effect = pure)]
async fn slow(n: i64) -> String {
    tokio::time::sleep(Duration::from_millis(20)).await;
    SLOW_CALLS.fetch_add(1, Relaxed);
    format!("ok {n}")
}

/// The model of the given name on the model server.
fn model(name: &str) -> OpenAiChat {
    static BASE_URL: LazyLock<String> = LazyLock::new(|| {
        std::env::var("BASE_URL").unwrap_or("http://127.0.0.1:8099/v1".to_owned())
    });
    OpenAiChat::new(name)
        .base_url(BASE_URL.as_str())
        .api_key("x")
}

/// An agent with one tool.
pub(crate) fn weather_agent(id: &str, name: &str) -> Result<AgentBuilder, BuildError> {
    Ok(Agent::builder(id)
        .model(model(name).build()?)
        .tool(get_weather))
}

/// An agent with a tool that takes 20 ms.
pub(crate) fn slow_agent(name: &str) -> Result<Agent, BuildError> {
    Agent::builder("bench")
        .model(model(name).build()?)
        .tool(slow)
        .build()
}

/// An agent without tools.
pub(crate) fn chat_agent(id: &str, name: &str) -> Result<AgentBuilder, BuildError> {
    Ok(Agent::builder(id).model(model(name).build()?))
}
