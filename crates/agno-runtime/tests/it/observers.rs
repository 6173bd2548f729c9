//! Observers of live runs: nobody misses an event or is told one twice.

use std::sync::Arc;

use agno_core::{Effect, Event, EventKind, Schema, ToolSpec, function_tool};
use agno_engine::test_models::{ScriptedModel, Turn};
use agno_runtime::{Agent, LiveRuns, Subscription};

use serde_json::json;

use crate::world::{Delays, LateDb, Log, NotingTool, SlowModel, calls, text};

async fn all(mut observer: Subscription) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(batch) = observer.next_batch().await {
        assert!(!batch.is_empty());
        events.extend(batch);
        assert_eq!(observer.position(), events.len());
    }
    events
}

fn agent(delays: &Delays) -> (Agent, LateDb) {
    let db = LateDb::new(&[1, 0, 3, 2]);
    let log = Log::default();
    let words = "one two three four five six seven eight nine ten";
    let script = vec![calls(&[("act", 1), ("act", 2)]), text(words)];
    let agent = Agent::builder("agent")
        .model(SlowModel::new(script, delays))
        .db(Arc::new(db.clone()) as Arc<dyn agno_core::db::Db>)
        .tool(NotingTool::new("act", Effect::AtMostOnce, &log, delays))
        .build()
        .unwrap();
    (agent, db)
}

#[tokio::test]
async fn early_and_late_observers_are_told_the_same() {
    let runs = LiveRuns::new();
    let (agent, _db) = agent(&Delays::new(&[2, 0, 3]));
    let live = runs.spawn(agent.run("Go").background().stream());
    assert!(runs.get(live.run_id()).is_some());
    let early = tokio::spawn(all(live.subscribe(0)));
    let mut slow = live.subscribe(0);
    let mut seen = slow.next_batch().await.unwrap();
    let middle = slow.position();
    // Comes back at its place, as after a lost connection.
    let mut again = live.subscribe(middle);
    while let Some(batch) = again.next_batch().await {
        seen.extend(batch);
    }
    let early = early.await.unwrap();
    assert_eq!(seen, early);
    assert!(matches!(early.first().unwrap().kind, EventKind::RunStarted));
    assert!(matches!(
        early.last().unwrap().kind,
        EventKind::RunCompleted
    ));
    // After the end everything is still there for whoever holds the run.
    assert_eq!(all(live.subscribe(0)).await, early);
    assert_eq!(live.event_count(), early.len());
    assert!(runs.is_empty());

    // What is stored tells the same story, the pieces of the reply included.
    let stored = agent.runs().unwrap().records(live.run_id()).await.unwrap();
    let mut run = agno_engine::Run::new();
    for record in &stored {
        run.apply(agent.definition(), record).unwrap();
    }
    let told: Vec<_> = std::iter::from_fn(|| run.poll_event())
        .map(|event| event.kind)
        .collect();
    let live: Vec<_> = early.into_iter().map(|event| event.kind).collect();
    assert_eq!(told, live);
}

#[tokio::test]
async fn a_live_run_can_be_cancelled_and_its_observers_are_told() {
    let runs = LiveRuns::new();
    let spec = ToolSpec::new("hang", "Hangs.", Schema::new(json!({"type": "object"})));
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([Turn::call("hang", json!({}))]))
        .tool(function_tool(spec, |_, _| {
            std::future::pending::<&'static str>()
        }))
        .build()
        .unwrap();
    let live = runs.spawn(agent.run("Go").stream());
    let mut observer = live.subscribe(0);
    let first = observer.next_batch().await.unwrap();
    runs.get(live.run_id()).unwrap().cancel("enough");
    let mut rest = Vec::new();
    while let Some(batch) = observer.next_batch().await {
        rest.extend(batch);
    }
    assert_eq!(
        rest.last().unwrap().kind,
        EventKind::RunCancelled {
            reason: "enough".into()
        }
    );
    assert_eq!(all(live.subscribe(0)).await, [first, rest].concat());
}

#[tokio::test]
async fn a_stream_taken_over_by_a_second_one_of_the_same_run_leaves_it_in_place() {
    let runs = LiveRuns::new();
    let (agent, _db) = agent(&Delays::new(&[3, 1]));
    let run = agno_core::RunId::from_u128(3);
    let first = runs.spawn(agent.run("Go").run_id(run).stream());
    let second = runs.spawn(agent.run("Go").run_id(run).stream());
    let (first, second) = tokio::join!(all(first.subscribe(0)), all(second.subscribe(0)));
    let ends = [first.last().unwrap(), second.last().unwrap()];
    let completed = ends
        .iter()
        .filter(|event| matches!(event.kind, EventKind::RunCompleted));
    assert_eq!(
        completed.count(),
        1,
        "the other one finds its journal taken: {ends:?}"
    );
    assert!(runs.is_empty());
}
