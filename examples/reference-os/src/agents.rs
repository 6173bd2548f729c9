//! The agents.

use std::error::Error;
use std::sync::Arc;

use agno_core::db::Db;
use agno_engine::HistoryPolicy;
use agno_models::OpenAiChat;
use agno_runtime::{Agent, Context};
use serde_json::{Map, json};

use crate::tools;

/// `tool-agent` and `kb-agent`.
pub(crate) fn agents(llm: &str, db: Arc<dyn Db>) -> Result<Vec<Agent>, Box<dyn Error>> {
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
        .model(Arc::clone(&model) as Arc<dyn agno_core::Model>)
        .db(Arc::clone(&db))
        .history(HistoryPolicy::last_runs(3))
        .session_state(state)
        .tools(tools::all())
        .build()?;
    let kb_agent = Agent::builder("kb-agent")
        .name("Knowledge Agent")
        .context(Context {
            role: Some("Answers from the handbook".to_owned()),
            ..Context::default()
        })
        .metadata("tier", "gold")
        .model(model as Arc<dyn agno_core::Model>)
        .db(db)
        .history(HistoryPolicy::last_runs(3))
        .build()?;
    Ok(vec![tool_agent, kb_agent])
}
