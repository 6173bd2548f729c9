//! Sessions: history, state, users.

use std::sync::Arc;

use agno_core::db::Db;
use agno_core::{Effect, RunId, Schema, Tool, ToolContext, ToolSpec, function_tool};
use agno_engine::HistoryPolicy;
use agno_engine::test_models::{FunctionModel, ScriptedModel, TestModel, Turn};
use agno_runtime::{Agent, Error};
use agno_store::{MemoryDb, Sqlite};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};

fn state(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn tool<F, Answer>(name: &str, function: F) -> Arc<dyn Tool>
where
    F: Fn(Value, ToolContext) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = &'static str> + Send + 'static,
{
    let mut spec = ToolSpec::new(
        name,
        "Does something.",
        Schema::new(json!({"type": "object"})),
    );
    spec.effect = Effect::Pure;
    Arc::new(function_tool(spec, function))
}

async fn state_of(agent: &Agent, session: &str) -> Value {
    let session = agent
        .sessions()
        .unwrap()
        .get(&session.into())
        .await
        .unwrap();
    Value::Object(session.unwrap().state)
}

/// Each of 200 runs adds a key of its own: the session has them all at the end.
#[tokio::test]
async fn concurrent_runs_of_a_session_lose_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite: Arc<dyn Db> = Sqlite::open(folder.path().join("agno.db")).unwrap().into();
    for db in [sqlite, MemoryDb::new().into()] {
        let note = tool("note", |_, context| async move {
            let run = context.run_id().to_string();
            context.state().set(run, 1).unwrap();
            context
                .state()
                .set("last", context.run_id().to_string())
                .unwrap();
            "noted"
        });
        let agent = Agent::builder("agent")
            .model(TestModel::new())
            .db(db)
            .tool(note)
            .build()
            .unwrap();
        let runs = (1..=200).map(|number| {
            agent
                .run("Go")
                .session("s")
                .run_id(RunId::from_u128(number))
                .into_future()
        });
        for run in join_all(runs).await {
            run.unwrap();
        }
        let state = state_of(&agent, "s").await;
        for number in 1..=200 {
            assert_eq!(
                state[RunId::from_u128(number).to_string()],
                1,
                "run {number} is lost"
            );
        }
        // A key that several runs write has the value of the one that ended last.
        let last: RunId = state["last"].as_str().unwrap().parse().unwrap();
        assert!((1..=200).contains(&last.as_u128()));
        let runs = agent
            .runs()
            .unwrap()
            .of_session(&"s".into(), None)
            .await
            .unwrap();
        assert_eq!(runs.len(), 200);
    }
}

#[tokio::test]
async fn calls_of_one_run_and_runs_in_turn_count_exactly() {
    let count = tool("count", |_, context| async move {
        context
            .state()
            .update("count", |count: Option<u32>| count.unwrap_or(0) + 1)
            .unwrap();
        "counted"
    });
    let calls: Vec<_> = (0..20).map(|_| (Arc::from("count"), json!({}))).collect();
    let turns = || [Turn::Calls(calls.clone()), Turn::text("Done.")];
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new(turns().into_iter().chain(turns())))
        .db(MemoryDb::new())
        .tool(count)
        .build()
        .unwrap();
    agent.run("Go").session("s").await.unwrap();
    agent.run("Go").session("s").await.unwrap();
    assert_eq!(state_of(&agent, "s").await, json!({"count": 40}));
}

#[tokio::test]
async fn the_state_is_merged_from_agent_session_and_run_and_null_removes_a_key() {
    let change = tool("change", |_, context| async move {
        let state = context.state();
        assert_eq!(state.get::<u32>("given"), Some(2));
        assert_eq!(state.get::<String>("tone").as_deref(), Some("calm"));
        state.remove("old");
        state.set("new", json!({"deep": [1]})).unwrap();
        "changed"
    });
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([
            Turn::text("Hi."),
            Turn::call("change", json!({})),
            Turn::text("Done."),
        ]))
        .db(MemoryDb::new())
        .session_state(state(json!({"tone": "calm", "kept": 1})))
        .tool(change)
        .build()
        .unwrap();
    agent
        .run("Hi")
        .session("s")
        .state("old", 1)
        .state("given", 1)
        .await
        .unwrap();
    assert_eq!(
        state_of(&agent, "s").await,
        json!({"tone": "calm", "kept": 1, "old": 1, "given": 1})
    );
    let mut stream = agent.run("Go").session("s").state("given", 2).stream();
    while stream.next().await.is_some() {}
    let seen = json!({"tone": "calm", "kept": 1, "given": 2, "new": {"deep": [1]}});
    assert_eq!(Value::Object(stream.session_state()), seen);
    assert_eq!(state_of(&agent, "s").await, seen);
    let request = agent.run("Hi").session("s").state("given", Value::Null);
    request.await.unwrap_err();
    assert_eq!(
        state_of(&agent, "s").await.get("given"),
        None,
        "a failed run has its say too"
    );
}

/// What somebody else wrote while a run was paused is what the resumed run sees.
#[tokio::test]
async fn a_resumed_run_sees_what_others_wrote_meanwhile() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let look = tool("look", move |_, context| {
        noted.lock().unwrap().push(context.state().get::<u32>("x"));
        async { "looked" }
    });
    let mut spec = ToolSpec::new("ask", "Asks.", Schema::new(json!({"type": "object"})));
    spec.interaction = agno_core::Interaction::Confirm;
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([
            Turn::call("ask", json!({})),
            Turn::call("look", json!({})),
            Turn::text("Done."),
        ]))
        .db(MemoryDb::new())
        .tool(look)
        .tool(function_tool(spec, |_, _| async { "asked" }))
        .build()
        .unwrap();
    let paused = agent.run("Go").session("s").state("x", 1).await.unwrap();
    let sessions = agent.sessions().unwrap();
    let change = |session: &mut agno_runtime::store::Session| {
        session.state.insert("x".into(), 5.into());
    };
    sessions
        .update(&"s".into(), agno_core::Timestamp(1), change)
        .await
        .unwrap();
    agent
        .resume(paused.run_id)
        .approve(&paused.requirements[0])
        .await
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), [Some(5)]);
    assert_eq!(state_of(&agent, "s").await, json!({"x": 5}));
}

#[tokio::test]
async fn a_session_of_someone_else_is_as_good_as_unknown() {
    let agent = Agent::builder("agent")
        .model(TestModel::new().answering("Hi."))
        .db(MemoryDb::new())
        .history(HistoryPolicy::last_runs(5))
        .build()
        .unwrap();
    agent
        .run("I am Ada")
        .session("s")
        .user("ada")
        .await
        .unwrap();
    for request in [
        agent.run("Who am I?").session("s").user("bob"),
        agent.run("Who am I?").session("s"),
    ] {
        assert!(matches!(request.await, Err(Error::UnknownSession(_))));
    }
    agent
        .run("Who am I?")
        .session("s")
        .user("ada")
        .await
        .unwrap();
    // A session without an owner is open to all.
    agent.run("Hi").session("open").await.unwrap();
    agent.run("Hi").session("open").user("bob").await.unwrap();
}

#[tokio::test]
async fn history_shows_the_last_completed_runs_as_the_policy_says() {
    let shown = |policy: HistoryPolicy| async move {
        let db: Arc<dyn Db> = MemoryDb::new().into();
        let turns = [
            Turn::call("look", json!({})),
            Turn::text("one"),
            Turn::call("look", json!({})),
            Turn::text("two"),
            Turn::Error(Box::new(agno_core::ModelError::new(
                agno_core::ModelErrorKind::Authentication,
                "no key",
            ))),
            Turn::text("three"),
        ];
        let model = Arc::new(ScriptedModel::new(turns));
        let agent = Agent::builder("agent")
            .model(Arc::clone(&model))
            .db(db)
            .instructions("Be brief.")
            .history(policy)
            .tool(tool("look", |_, _| async { "seen" }))
            .build()
            .unwrap();
        agent.run("first").session("s").await.unwrap();
        agent.run("second").session("s").await.unwrap();
        agent.run("broken").session("s").await.unwrap_err();
        agent.run("third").session("s").await.unwrap();
        let requests = model.requests();
        let messages = requests.last().unwrap().thread.messages();
        let shown: Vec<_> = messages
            .iter()
            .map(|message| message.text().to_string())
            .collect();
        shown.join("|")
    };
    assert_eq!(shown(HistoryPolicy::off()).await, "Be brief.|third");
    assert_eq!(
        shown(HistoryPolicy::last_runs(1)).await,
        "Be brief.|second||seen|two|third"
    );
    assert_eq!(
        shown(HistoryPolicy::last_runs(9)).await,
        "Be brief.|first||seen|one|second||seen|two|third"
    );
    assert_eq!(
        shown(HistoryPolicy::last_runs(9).tool_calls(1)).await,
        "Be brief.|first|one|second||seen|two|third"
    );
    assert_eq!(
        shown(HistoryPolicy::last_runs(9).last_messages(2)).await,
        "Be brief.|two|third"
    );
}

#[tokio::test]
async fn the_history_of_one_request_can_be_switched() {
    let model = FunctionModel::new(|request| {
        Ok(crate::world::text(
            &request.thread.messages().len().to_string(),
        ))
    });
    let agent = Agent::builder("agent")
        .model(model)
        .db(MemoryDb::new())
        .build()
        .unwrap();
    let ask = |history| {
        agent
            .run("Hi")
            .session("s")
            .with_history(history)
            .into_future()
    };
    assert_eq!(&*ask(true).await.unwrap().content, "1");
    assert_eq!(&*ask(true).await.unwrap().content, "3");
    assert_eq!(&*ask(false).await.unwrap().content, "1");
    let error = Agent::builder("agent")
        .model(TestModel::new())
        .history(HistoryPolicy::last_runs(1))
        .build()
        .unwrap_err();
    assert!(
        error.to_string().contains("history needs a database"),
        "{error}"
    );
}

/// A run whose history was deleted since can't be taken up, and says why.
#[tokio::test]
async fn a_run_whose_history_is_gone_diverges() {
    let mut spec = ToolSpec::new("ask", "Asks.", Schema::new(json!({"type": "object"})));
    spec.interaction = agno_core::Interaction::Confirm;
    let db = MemoryDb::new();
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([
            Turn::text("Hi."),
            Turn::call("ask", json!({})),
        ]))
        .db(db.clone())
        .history(HistoryPolicy::last_runs(3))
        .tool(function_tool(spec, |_, _| async { "asked" }))
        .build()
        .unwrap();
    let first = agent.run("Hi").session("s").await.unwrap();
    let paused = agent.run("Go").session("s").await.unwrap();
    let gone = agno_core::db::Write::DeleteJournal { run: first.run_id };
    db.write(vec![gone]).done().await.unwrap();
    let refused = agent
        .resume(paused.run_id)
        .approve(&paused.requirements[0])
        .await;
    assert!(
        matches!(refused, Err(Error::Diverged { .. })),
        "{refused:?}"
    );
}
