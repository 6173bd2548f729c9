//! Runs, sessions, pauses.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use agno_core::db::Db;
use agno_core::{
    Effect, EventKind, Interaction, RunStatus, Schema, Tool, ToolOutput, ToolSpec, function_tool,
};
use agno_engine::HistoryPolicy;
use agno_engine::test_models::{ScriptedModel, Turn};
use agno_runtime::Agent;
use agno_store::{MemoryDb, Sqlite};
use serde_json::json;

fn counting_tool(
    name: &str,
    calls: Arc<AtomicU32>,
    change: impl FnOnce(&mut ToolSpec),
) -> Arc<dyn Tool> {
    let schema = Schema::new(json!({
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"]
    }));
    let mut spec = ToolSpec::new(name, "Weather in a city.", schema);
    change(&mut spec);
    Arc::new(function_tool(spec, move |arguments, _context| {
        let calls = Arc::clone(&calls);
        async move {
            calls.fetch_add(1, Ordering::Relaxed);
            ToolOutput::text(format!("Sunny in {}", arguments["city"].as_str().unwrap()))
        }
    }))
}

fn databases() -> Vec<(Option<tempfile::TempDir>, Arc<dyn Db>)> {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(folder.path().join("agno.db")).unwrap();
    vec![
        (None, Arc::new(MemoryDb::new())),
        (Some(folder), sqlite.into()),
    ]
}

#[tokio::test]
async fn a_run_calls_a_tool_and_answers() {
    let calls = Arc::new(AtomicU32::new(0));
    let model = Arc::new(ScriptedModel::new([
        Turn::call("weather", json!({"city": "Paris"})),
        Turn::text("It is sunny."),
    ]));
    let agent = Agent::builder("weather")
        .model(Arc::clone(&model))
        .tool(counting_tool("weather", Arc::clone(&calls), |spec| {
            spec.effect = Effect::Pure
        }))
        .build()
        .unwrap();
    let output = agent.run("How is the weather in Paris?").await.unwrap();
    assert_eq!(output.to_string(), "It is sunny.");
    assert_eq!(output.status, RunStatus::Completed);
    assert_eq!(output.tools[0].result().unwrap().as_ref(), "Sunny in Paris");
    assert_eq!(output.usage.total_tokens, 30);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    model.finish().unwrap();
}

#[tokio::test]
async fn a_stream_tells_the_story_in_order() {
    let model = ScriptedModel::new([
        Turn::call("weather", json!({"city": "Paris"})),
        Turn::text("It is sunny."),
    ]);
    let agent = Agent::builder("weather")
        .model(model)
        .tool(counting_tool("weather", Arc::default(), |_| {}))
        .build()
        .unwrap();
    let mut stream = agent.run("Weather?").stream();
    let mut names = Vec::new();
    while let Some(event) = stream.next().await {
        names.push(match event.kind {
            EventKind::Content(text) => format!("content {text:?}"),
            EventKind::ToolCallCompleted(done) => format!("tool {}", done.result().unwrap()),
            other => format!("{other:?}")
                .split(['(', ' ', '{'])
                .next()
                .unwrap()
                .to_owned(),
        });
    }
    assert_eq!(
        names,
        [
            "RunStarted",
            "ModelRequestStarted",
            "ModelRequestCompleted",
            "ToolCallStarted",
            "tool Sunny in Paris",
            "ModelRequestStarted",
            "content \"It \"",
            "content \"is \"",
            "content \"sunny.\"",
            "ModelRequestCompleted",
            "ContentCompleted",
            "RunCompleted",
        ]
    );
}

#[tokio::test]
async fn a_session_remembers_its_runs() {
    for (_folder, db) in databases() {
        let model = Arc::new(ScriptedModel::new([
            Turn::text("Hello Ada."),
            Turn::text("You are Ada."),
        ]));
        let agent = Agent::builder("chat")
            .model(Arc::clone(&model))
            .db(Arc::clone(&db))
            .history(HistoryPolicy::last_runs(3))
            .build()
            .unwrap();
        agent.run("I am Ada").session("s").await.unwrap();
        agent.run("Who am I?").session("s").await.unwrap();
        let shown: Vec<String> = model.requests()[1]
            .thread
            .messages()
            .iter()
            .map(|message| message.text().to_string())
            .collect();
        assert_eq!(shown, ["I am Ada", "Hello Ada.", "Who am I?"]);
        let runs = agent
            .runs()
            .unwrap()
            .of_session(&"s".into(), None)
            .await
            .unwrap();
        assert_eq!(runs.len(), 2);
        assert!(runs.iter().all(|run| run.status == RunStatus::Completed));
        let session = agent
            .sessions()
            .unwrap()
            .get(&"s".into())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(session.name.as_deref(), Some("I am Ada"));
        let usage = agent.sessions().unwrap().usage(&"s".into()).await.unwrap();
        assert_eq!(usage[0].usage.total_tokens, 30);
    }
}

#[tokio::test]
async fn a_confirmation_pauses_and_resumes_with_every_database() {
    for (_folder, db) in databases() {
        let calls = Arc::new(AtomicU32::new(0));
        let model = ScriptedModel::new([
            Turn::call("refund", json!({"city": "Oslo"})),
            Turn::text("Done."),
        ]);
        let agent = Agent::builder("desk")
            .model(model)
            .db(db)
            .tool(counting_tool("refund", Arc::clone(&calls), |spec| {
                spec.interaction = Interaction::Confirm;
            }))
            .build()
            .unwrap();
        let paused = agent.run("Refund").session("s").await.unwrap();
        assert_eq!(paused.status, RunStatus::Paused);
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        let refused = agent.resume(paused.run_id).await.unwrap_err();
        assert!(refused.to_string().contains("still waits"), "{refused}");
        let requirement = &paused.requirements[0];
        let done = agent
            .resume(paused.run_id)
            .approve(requirement)
            .await
            .unwrap();
        assert_eq!(done.to_string(), "Done.");
        assert_eq!(done.status, RunStatus::Completed);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        assert!(
            agent
                .replay(paused.run_id)
                .await
                .unwrap()
                .divergence
                .is_none()
        );
    }
}
