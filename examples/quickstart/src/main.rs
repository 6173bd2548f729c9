//! A first agent: a tool, a session, a stream of events, a server.
//!
//! ```console
//! cargo run -p quickstart            # asks the agent twice
//! cargo run -p quickstart -- serve   # serves it on http://127.0.0.1:7777
//! ```
//!
//! With `OPENAI_API_KEY` set, OpenAI answers; without, the offline model, which can only call tools.

use std::io::Write;

use agno::models::{ModelSource, OfflineModel};
use agno::prelude::*;

/// Current weather in a city.
///
/// * `city` - its name, such as "Paris"
#[tool(effect = pure)]
async fn weather(city: String) -> ToolResult {
    Ok(ToolOutput::text(format!(
        "It is 14 °C and raining in {city}."
    )))
}

fn agent(
    model: impl Into<ModelSource>,
    db: impl Into<std::sync::Arc<dyn Db>>,
) -> agno::Result<Agent> {
    let agent = Agent::builder("weather")
        .model(model)
        .instructions("Be brief. Look the weather up before you speak about it.")
        .tool(weather)
        .db(db)
        .history(History::last_runs(5))
        .build()?;
    Ok(agent)
}

#[tokio::main]
async fn main() -> agno::Result<()> {
    let model: ModelSource = match std::env::var("OPENAI_API_KEY") {
        Ok(_) => "openai:gpt-4o".into(),
        Err(_) => OfflineModel::new().into(),
    };
    let agent = agent(model, Sqlite::open("quickstart.db")?)?;
    if std::env::args().any(|argument| argument == "serve") {
        AgentOs::new().agent(agent).serve("127.0.0.1:7777").await?;
        return Ok(());
    }

    let mut out = std::io::stdout();
    let output = agent
        .run("How is the weather in Paris?")
        .session("trip")
        .await?;
    writeln!(out, "{output}")?;

    let mut events = agent
        .run("And the weather in Oslo?")
        .session("trip")
        .stream();
    while let Some(event) = events.next().await {
        match event.kind {
            EventKind::ToolCallStarted(call) => {
                writeln!(out, "› {}({})", call.name, call.arguments)?
            }
            EventKind::Content(piece) => write!(out, "{piece}")?,
            _ => {}
        }
    }
    let output = events.into_result()?;
    writeln!(
        out,
        "\nrun {}: {} tokens",
        output.run_id, output.usage.total_tokens
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use agno::models::{ScriptedModel, Turn};
    use agno::prelude::*;
    use serde_json::json;

    #[tokio::test]
    async fn the_weather_is_looked_up() {
        let model = ScriptedModel::new([
            Turn::call("weather", json!({ "city": "Paris" })),
            Turn::text("It rains."),
        ]);
        let agent = super::agent(model, MemoryDb::new()).unwrap();
        let output = agent.run("How is the weather in Paris?").await.unwrap();
        assert_eq!(output.to_string(), "It rains.");
        let result = output.tools[0].result().unwrap();
        assert_eq!(&**result, "It is 14 °C and raining in Paris.");
    }
}
