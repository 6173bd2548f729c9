//! The agents.

use std::sync::Arc;

use agno::models::OpenAiChat;
use agno::prelude::*;
use agno::storage::Db;
use agno::{BuildError, Context};
use serde_json::{Map, json};

use crate::tools::{
    bump_counter, delete_file, failing_tool, get_weather, run_shell, send_email, slow_tool,
    wire_money,
};

/// `tool-agent` and `kb-agent`.
pub(crate) fn agents(llm: &str, db: Arc<dyn Db>) -> Result<Vec<Agent>, BuildError> {
    let model = OpenAiChat::new("fake-model")
        .base_url(llm)
        .api_key("fake")
        .build()?;
    let mut state = Map::new();
    state.insert("counter".to_owned(), json!(0));
    let tool_agent = Agent::builder("tool-agent")
        .name("Tool Agent")
        .description("Agent with tools")
        .instructions("Use the tools.")
        .markdown()
        .model(Arc::clone(&model))
        .db(Arc::clone(&db))
        .history(History::last_runs(3))
        .session_state(state)
        .tool(get_weather)
        .tool(failing_tool)
        .tool(slow_tool)
        .tool(delete_file)
        .tool(send_email)
        .tool(run_shell)
        .tool(wire_money)
        .tool(bump_counter)
        .build()?;
    let kb_agent = Agent::builder("kb-agent")
        .name("Knowledge Agent")
        .context(Context {
            role: Some("Answers from the handbook".to_owned()),
            ..Context::default()
        })
        .metadata("tier", "gold")
        .model(model)
        .db(db)
        .history(History::last_runs(3))
        .build()?;
    Ok(vec![tool_agent, kb_agent])
}
