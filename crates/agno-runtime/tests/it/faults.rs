//! Things that go wrong while a run is under way: failing databases, second drivers, tools that
//! fail for good, races between the end of a run and everything else.

use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use agno_core::db::{Db, DbError, Expect, Write};
use agno_core::{
    BoxFuture, Effect, EventKind, Interaction, Model, ModelChunk, ModelError, ModelInfo,
    ModelReply, ModelRequest, ModelStream, ReplyStream, RunFailure, RunId, RunStatus, Schema,
    StructuredOutput, Tool, ToolContext, ToolError, ToolOutput, ToolResult, ToolSpec, Usage,
    function_tool,
};
use agno_engine::test_models::{ScriptedModel, Turn};
use agno_engine::{Fact, Limits, Outcome};
use agno_runtime::store::RUNS;
use agno_runtime::{Agent, Durability, Error, LiveRuns};
use agno_store::{MemoryDb, Sqlite};
use serde_json::json;

use crate::world::{LateDb, Log, NotingTool, SlowModel, calls, dawdle, text};

fn late(db: &LateDb) -> Arc<dyn Db> {
    Arc::new(db.clone())
}

fn object() -> Schema {
    Schema::new(json!({"type": "object"}))
}

fn desk(db: &LateDb, log: &Log, effect: Effect, interaction: Interaction) -> Agent {
    let script = vec![
        calls(&[("act", 1), ("act", 2)]),
        calls(&[("act", 3)]),
        text("Done."),
    ];
    let tool =
        NotingTool::new("act", effect, log, &db.delays).with(|spec| spec.interaction = interaction);
    Agent::builder("desk")
        .model(SlowModel::new(script, &db.delays))
        .db(late(db))
        .tool(tool)
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn after_a_failed_commit_nothing_with_side_effects_is_started() {
    let run = RunId::from_u128(1);
    for failing in 0..8 {
        for delays in [vec![0], vec![1, 0, 2], vec![3, 1]] {
            let db = LateDb::new(&delays);
            let log = Log::default();
            let agent = desk(&db, &log, Effect::AtMostOnce, Interaction::None);
            db.fail_after(failing);
            let result = agent.run("Go").session("s").run_id(run).await;
            let records = agent.runs().unwrap().records(run).await.unwrap();
            if let Ok(output) = result {
                assert_eq!(output.status, RunStatus::Completed);
                continue;
            }
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Db(DbError::Backend(_))), "{error}");
            let intents: HashSet<String> = records
                .iter()
                .filter(|record| matches!(record.fact, Fact::Intent))
                .map(|record| format!("{run}-{}", record.at.unwrap()))
                .collect();
            for started in log.lock().iter() {
                assert!(intents.contains(&started.idempotency_key), "{started:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_processes_that_resume_a_run_one_goes_on_and_the_other_does_nothing() {
    for effect in [Effect::AtMostOnce, Effect::Idempotent] {
        let db = LateDb::new(&[2, 3]);
        let log = Log::default();
        let agent = desk(&db, &log, effect, Interaction::Confirm);
        let paused = agent.run("Go").session("s").await.unwrap();
        assert_eq!(paused.requirements.len(), 2);
        let resume = || {
            let requirements = paused.requirements.iter();
            let request = agent.resume(paused.run_id);
            requirements.fold(request, |request, asked| request.approve(asked))
        };
        let (first, second) = tokio::join!(resume().into_future(), resume().into_future());
        let (won, lost) = if first.is_ok() {
            (first, second)
        } else {
            (second, first)
        };
        assert_eq!(
            won.unwrap().status,
            RunStatus::Paused,
            "it asks for the next call"
        );
        assert!(
            matches!(lost, Err(Error::Db(DbError::Conflict { .. }))),
            "{lost:?}"
        );
        for call in [1, 2] {
            assert_eq!(log.count(call), 1, "each approved call was made once");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_fails_for_good_ends_the_run_whatever_the_others_do() {
    for waiting in 0..3 {
        let quick = function_tool(ToolSpec::new("quick", "Returns.", object()), |_, _| async {
            "fine"
        });
        let fatal = function_tool(
            ToolSpec::new("fatal", "Fails.", object()),
            move |_, _| async move {
                dawdle(waiting).await;
                Err::<String, _>(ToolError::fatal("the key is gone"))
            },
        );
        let agent = Agent::builder("agent")
            .model(ScriptedModel::new([Turn::Calls(vec![
                ("fatal".into(), json!({})),
                ("quick".into(), json!({})),
                ("fatal".into(), json!({})),
                ("quick".into(), json!({})),
            ])]))
            .tool(fatal)
            .tool(quick)
            .build()
            .unwrap();
        let error = agent.run("Go").await.unwrap_err();
        let Error::Failed(failed) = error else {
            panic!("{error}");
        };
        assert!(matches!(failed.failure, RunFailure::Tool { .. }));
        assert_eq!(failed.output.status, RunStatus::Error);
    }
}

/// A model whose reply comes after so many polls, so that it can meet the deadline.
#[tokio::test(start_paused = true)]
async fn a_deadline_that_meets_the_end_of_a_run_tells_one_end() {
    for delays in [vec![0], vec![1], vec![2], vec![3], vec![1, 2, 3]] {
        let db = LateDb::new(&delays);
        let log = Log::default();
        let script = vec![calls(&[("act", 1)]), text("Done.")];
        let agent = Agent::builder("agent")
            .model(SlowModel::new(script, &db.delays))
            .db(late(&db))
            .tool(NotingTool::new("act", Effect::AtMostOnce, &log, &db.delays))
            .limits(Limits {
                seconds: Some(1),
                ..Limits::default()
            })
            .build()
            .unwrap();
        for polls in 1..60 {
            let mut stream = agent.run("Go").session("s").stream();
            let mut ends = 0;
            let mut polled = 0;
            loop {
                polled += 1;
                if polled == polls {
                    tokio::time::advance(Duration::from_secs(2)).await;
                }
                let next = poll_fn(|context| Poll::Ready(stream.poll_next_event(context))).await;
                match next {
                    Poll::Ready(Some(event)) => ends += u32::from(event.kind.ends_stream()),
                    Poll::Ready(None) => break,
                    Poll::Pending => assert!(polled < 500, "the run hangs"),
                }
            }
            assert_eq!(ends, 1);
            match stream.into_result() {
                Ok(output) => assert_eq!(output.status, RunStatus::Completed),
                Err(Error::Failed(failed)) => assert_eq!(failed.failure.code(), "limit_reached"),
                Err(other) => panic!("{other}"),
            }
        }
    }
}

/// Cancels after each number of polls: one end is told, and it is the one that is recorded.
#[tokio::test(start_paused = true)]
async fn a_run_can_be_cancelled_at_every_moment() {
    let mut seen = HashSet::new();
    for interaction in [Interaction::None, Interaction::Confirm] {
        for polls in 0..90 {
            let db = LateDb::new(&[1, 0, 2, 3]);
            let log = Log::default();
            let agent = desk(&db, &log, Effect::Idempotent, interaction.clone());
            let mut stream = agent.run("Go").session("s").stream();
            let run = stream.run_id();
            let handle = stream.cancel_handle();
            let mut ends = Vec::new();
            let mut polled = 0;
            loop {
                if polled == polls {
                    handle.cancel("enough");
                }
                polled += 1;
                match poll_fn(|context| Poll::Ready(stream.poll_next_event(context))).await {
                    Poll::Ready(Some(event)) if event.kind.ends_stream() => ends.push(event),
                    Poll::Ready(Some(_)) => {}
                    Poll::Ready(None) => break,
                    Poll::Pending => assert!(polled < 500, "the run hangs"),
                }
            }
            assert_eq!(ends.len(), 1, "{ends:?}");
            let stored = agent.runs().unwrap().get(run).await.unwrap().unwrap();
            let expected = match ends[0].kind {
                EventKind::RunCompleted => RunStatus::Completed,
                EventKind::RunCancelled { .. } => RunStatus::Cancelled,
                EventKind::RunPaused(_) => RunStatus::Paused,
                ref other => panic!("{other:?}"),
            };
            assert_eq!(stored.status, expected);
            assert_eq!(agent.replay(run).await.unwrap().divergence, None);
            seen.insert(expected);
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_paused_run_can_be_ended() {
    let db = LateDb::new(&[1]);
    let log = Log::default();
    let agent = desk(&db, &log, Effect::AtMostOnce, Interaction::Confirm);
    let paused = agent.run("Go").session("s").await.unwrap();
    let ended = agent
        .resume(paused.run_id)
        .cancel("not needed any more")
        .await;
    assert!(matches!(ended, Err(Error::Cancelled { .. })), "{ended:?}");
    let stored = agent
        .runs()
        .unwrap()
        .output(paused.run_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.status, RunStatus::Cancelled);
    assert!(stored.requirements.is_empty());
    assert!(log.lock().is_empty());
    for over in [
        agent.resume(paused.run_id).cancel("again").await,
        agent.recover(paused.run_id).await,
    ] {
        assert!(matches!(over, Err(Error::WrongStatus { .. })), "{over:?}");
    }
    assert_eq!(agent.replay(paused.run_id).await.unwrap().divergence, None);
}

/// The past, with its pause, is told before the end.
#[tokio::test(start_paused = true)]
async fn a_paused_run_that_is_ended_tells_its_past_and_its_end() {
    let db = LateDb::new(&[1]);
    let log = Log::default();
    let agent = desk(&db, &log, Effect::AtMostOnce, Interaction::Confirm);
    let paused = agent.run("Go").session("s").await.unwrap();
    let mut stream = agent
        .resume(paused.run_id)
        .cancel("enough")
        .tell_past()
        .stream();
    let mut told = Vec::new();
    while let Some(event) = stream.next().await {
        told.push(event.kind);
    }
    assert_eq!(told.first(), Some(&EventKind::RunStarted));
    let [.., EventKind::RunPaused(_), EventKind::RunCancelled { .. }] = &told[..] else {
        panic!("{told:?}");
    };
    let stored = agent
        .runs()
        .unwrap()
        .get(paused.run_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.status, RunStatus::Cancelled);
}

/// The process ended between a cancellation and the end of the run: ending it once more, or taking
/// it up, both come to the end that was asked for first.
#[tokio::test(start_paused = true)]
async fn a_run_that_was_about_to_end_ends_as_it_was_to() {
    for again in [false, true] {
        let db = LateDb::new(&[0]);
        let log = Log::default();
        let agent = desk(&db, &log, Effect::AtMostOnce, Interaction::Confirm);
        let paused = agent.run("Go").session("s").await.unwrap();
        agent
            .resume(paused.run_id)
            .cancel("first")
            .await
            .unwrap_err();
        let mut records = agent.runs().unwrap().records(paused.run_id).await.unwrap();
        records.pop();
        // The same run without its last record, in a database of its own.
        let other = LateDb::new(&[0]);
        let run = RunId::from_u128(9);
        let row = db
            .inner
            .get(&RUNS, &paused.run_id.to_string())
            .await
            .unwrap()
            .unwrap();
        let mut attributes = row.attributes;
        attributes[3] = "RUNNING".into();
        let batch = vec![
            Write::Put {
                collection: &RUNS,
                key: run.to_string().into(),
                attributes,
                body: row.body,
                time: agno_core::Timestamp(1),
                expect: Expect::Absent,
            },
            Write::Append {
                run,
                sequence: 0,
                entries: u32::try_from(records.len()).unwrap(),
                body: agno_engine::journal::encode(&records).unwrap().into(),
            },
        ];
        other.inner.write(batch).done().await.unwrap();
        let agent = desk(&other, &log, Effect::AtMostOnce, Interaction::Confirm);
        let ended = if again {
            agent.resume(run).cancel("second").await
        } else {
            agent.recover(run).await
        };
        let Err(Error::Cancelled { reason, .. }) = ended else {
            panic!("{ended:?}");
        };
        assert_eq!(&*reason, "first");
    }
}

/// A run that was only accepted survives its process and is carried out later.
#[tokio::test(start_paused = true)]
async fn an_accepted_run_is_carried_out_when_it_is_taken_up() {
    let db = LateDb::new(&[2]);
    let log = Log::default();
    let agent = desk(&db, &log, Effect::AtMostOnce, Interaction::None);
    let (run, session) = agent.run("Go").session("s").accept().await.unwrap();
    assert_eq!(session, Some("s".into()));
    assert!(log.lock().is_empty());
    let waiting = agent.runs().unwrap().interrupted().await.unwrap();
    assert_eq!((waiting.len(), waiting[0].status), (1, RunStatus::Pending));
    let mut stream = agent.recover(run).tell_past().stream();
    let first = stream.next().await.unwrap();
    assert_eq!(first.kind, EventKind::RunStarted);
    assert_eq!(stream.finish().await.unwrap().status, RunStatus::Completed);
    assert!(
        agent
            .runs()
            .unwrap()
            .interrupted()
            .await
            .unwrap()
            .is_empty()
    );
    // A failing database accepts nothing.
    db.fail_after(0);
    let refused = agent.run("Go").session("s").accept().await;
    assert!(matches!(refused, Err(Error::Db(_))), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn decisions_that_answer_nothing_are_refused() {
    let db = LateDb::new(&[0]);
    let log = Log::default();
    let agent = desk(&db, &log, Effect::AtMostOnce, Interaction::External);
    let paused = agent.run("Go").session("s").await.unwrap();
    let [first, second] = &paused.requirements[..] else {
        panic!("{paused:?}");
    };
    let mut stale = first.clone();
    stale.at.command = 99;
    let problem =
        |request: agno_runtime::ResumeRequest| async { request.await.unwrap_err().to_string() };
    let request = agent.resume(paused.run_id).result(first, "one");
    assert!(
        problem(request.decide(&stale, agno_core::Resolution::Approve))
            .await
            .contains("0.99")
    );
    let request = agent.resume(paused.run_id).result(first, "one");
    let other = request.decide_call("other", agno_core::Resolution::Approve);
    assert!(problem(other).await.contains("`other`"));
    let request = agent
        .resume(paused.run_id)
        .result(first, "one")
        .approve(second);
    assert!(problem(request).await.contains("hand in its result"));
    let request = agent
        .resume(paused.run_id)
        .result(first, "one")
        .result(second, "two");
    assert_eq!(request.await.unwrap().status, RunStatus::Paused);
    assert!(log.lock().is_empty());
}

/// A model that streams nothing although pieces are wanted.
#[derive(Debug)]
struct WholeModel(ModelInfo);

struct Whole(Option<ModelReply>);

impl Model for WholeModel {
    fn info(&self) -> &ModelInfo {
        &self.0
    }

    fn stream(&self, _: ModelRequest) -> ReplyStream {
        Box::new(Whole(Some(ModelReply::new(
            text("All at once."),
            Usage::default(),
        ))))
    }
}

impl ModelStream for Whole {
    fn poll_next(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<ModelChunk, ModelError>>> {
        Poll::Ready(
            self.0
                .take()
                .map(|reply| Ok(ModelChunk::Done(Box::new(reply)))),
        )
    }
}

fn info() -> ModelInfo {
    ModelInfo {
        id: "test".into(),
        name: "Test".into(),
        provider: "agno".into(),
        structured_output: StructuredOutput::Native,
    }
}

#[tokio::test]
async fn a_reply_without_pieces_is_told_whole() {
    let agent = Agent::builder("agent")
        .model(WholeModel(info()))
        .build()
        .unwrap();
    let mut stream = agent.run("Go").stream();
    let mut told = String::new();
    while let Some(event) = stream.next().await {
        if let EventKind::Content(text) = event.kind {
            told.push_str(&text);
        }
    }
    assert_eq!(told, "All at once.");
}

/// A tool that panics before it has made its future.
struct Panicking(ToolSpec);

impl Tool for Panicking {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn call(self: Arc<Self>, _: Arc<str>, _: ToolContext) -> BoxFuture<ToolResult> {
        panic!("before there is a future")
    }
}

#[tokio::test]
async fn a_tool_that_panics_is_a_tool_that_failed() {
    let later = function_tool(ToolSpec::new("later", "Panics.", object()), |_, _| async {
        if true {
            panic!("in the middle")
        }
        ToolOutput::default()
    });
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([
            Turn::Calls(vec![
                ("at_once".into(), json!({})),
                ("later".into(), json!({})),
            ]),
            Turn::text("Sorry."),
        ]))
        .tool(Panicking(ToolSpec::new("at_once", "Panics.", object())))
        .tool(later)
        .build()
        .unwrap();
    let output = agent.run("Go").await.unwrap();
    assert_eq!(&*output.content, "Sorry.");
    for tool in &output.tools {
        assert!(tool.result().unwrap().contains("panicked"), "{tool:?}");
    }
}

/// A model that panics while it is read.
#[derive(Debug)]
struct PanickingModel(ModelInfo);

impl Model for PanickingModel {
    fn info(&self) -> &ModelInfo {
        &self.0
    }

    fn stream(&self, _: ModelRequest) -> ReplyStream {
        panic!("a bug in a codec")
    }
}

#[tokio::test]
async fn observers_of_a_run_whose_task_panics_do_not_wait_for_ever() {
    let runs = LiveRuns::new();
    let agent = Agent::builder("agent")
        .model(PanickingModel(info()))
        .build()
        .unwrap();
    let live = runs.spawn(agent.run("Go").stream());
    let mut observer = live.subscribe(0);
    while observer.next_batch().await.is_some() {}
    assert!(runs.is_empty());
}

#[tokio::test(start_paused = true)]
async fn forks_at_every_record_end_or_pause() {
    let db = LateDb::new(&[0, 1]);
    let log = Log::default();
    for interaction in [Interaction::None, Interaction::Confirm] {
        let agent = desk(&db, &log, Effect::AtMostOnce, interaction);
        let mut run = agent.run("Go").session("s").await.unwrap();
        while run.status == RunStatus::Paused {
            let request = agent.resume(run.run_id);
            let asked = run.requirements.iter();
            run = asked
                .fold(request, |request, asked| request.approve(asked))
                .await
                .unwrap();
        }
        for at in 1..=run.records.len() {
            let fork = agent.fork(run.run_id).at(at).into_future();
            let fork = tokio::time::timeout(Duration::from_secs(60), fork).await;
            let fork = fork
                .unwrap_or_else(|_| panic!("the fork at {at} hangs"))
                .unwrap();
            assert!(matches!(
                fork.status,
                RunStatus::Completed | RunStatus::Paused
            ));
            assert_eq!(fork.input.forked_from, Some(run.run_id));
            assert_eq!(agent.replay(fork.run_id).await.unwrap().divergence, None);
        }
        for wrong in [0, run.records.len() + 1] {
            let refused = agent.fork(run.run_id).at(wrong).await.unwrap_err();
            assert!(matches!(refused, Error::InvalidRequest(_)), "{refused}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fork_with_an_edited_result_goes_on_from_there() {
    let db = LateDb::new(&[0]);
    let log = Log::default();
    let agent = desk(&db, &log, Effect::AtMostOnce, Interaction::None);
    let run = agent.run("Go").session("s").await.unwrap();
    // The intents of the calls come first: the number is the record's in the earlier run.
    let index = run
        .records
        .iter()
        .position(
            |record| matches!(&record.fact, Fact::ToolReturned(done) if &*done.call_id == "call_2"),
        )
        .unwrap();
    let edit = agno_runtime::Edit::ToolOutput(ToolOutput::text("edited"));
    let fork = agent
        .fork(run.run_id)
        .edit(index, edit.clone())
        .await
        .unwrap();
    assert_eq!(&**fork.tools[1].result().unwrap(), "edited");
    assert_eq!(fork.status, RunStatus::Completed);
    let usage = agent.sessions().unwrap().usage(&"s".into()).await.unwrap();
    assert_eq!(
        usage[0].usage.total_tokens, 60,
        "each of the two runs has three replies"
    );
    let both = agent.fork(run.run_id).at(1).edit(index, edit.clone()).await;
    assert!(matches!(both, Err(Error::InvalidRequest(_))));
    let wrong = agent.fork(run.run_id).edit(0, edit).await.unwrap_err();
    assert!(
        wrong.to_string().contains("record 0 is `started`"),
        "{wrong}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_edited_fact_shows_in_a_replay() {
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([
            Turn::call("act", json!({})),
            Turn::text("Done."),
        ]))
        .tool(function_tool(
            ToolSpec::new("act", "Acts.", object()),
            |_, _| async { "fine" },
        ))
        .build()
        .unwrap();
    let mut output = agent.run("Go").await.unwrap();
    let report = agent.replay(&output).await.unwrap();
    assert_eq!(
        (report.divergence, report.records),
        (None, output.records.len())
    );
    if let Fact::ToolReturned(returned) = &mut output.records[2].fact {
        returned.output.text = "not fine".into();
    }
    let report = agent.replay(&output).await.unwrap();
    assert_eq!(report.at_record, Some(3));
    assert!(report.divergence.unwrap().to_string().contains("not fine"));
}

#[tokio::test]
async fn strict_durability_is_given_or_refused() {
    let model = || ScriptedModel::new([Turn::text("Hi.")]);
    let build = |db: Option<Arc<dyn Db>>| {
        let builder = Agent::builder("agent")
            .model(model())
            .durability(Durability::Strict);
        match db {
            Some(db) => builder.db(db).build(),
            None => builder.build(),
        }
    };
    assert!(
        build(None)
            .unwrap_err()
            .to_string()
            .contains("needs a database")
    );
    let agent = build(Some(MemoryDb::new().into())).unwrap();
    let refused = agent.run("Hi").await.unwrap_err();
    assert!(matches!(refused, Error::Durability { .. }), "{refused}");
    agent
        .run("Hi")
        .durability(Durability::Barrier)
        .await
        .unwrap();
    let agent = Agent::builder("agent").model(model()).build().unwrap();
    for refused in [
        agent.run("Hi").durability(Durability::Strict).await,
        agent.run("Hi").background().await,
    ] {
        assert!(matches!(refused, Err(Error::NoDatabase(_))), "{refused:?}");
    }
}

/// A run that asked for strict durability keeps it when somebody else resumes it.
#[tokio::test(start_paused = true)]
async fn a_resumed_run_stays_strict() {
    let db = LateDb::new(&[0]);
    let log = Log::default();
    let agent = desk(&db, &log, Effect::Pure, Interaction::Confirm);
    let run = agent.run("Go").session("s").durability(Durability::Strict);
    let paused = run.await.unwrap();
    let asked = paused.requirements.iter();
    let request = agent.resume(paused.run_id);
    let mut stream = asked
        .fold(request, |request, asked| request.approve(asked))
        .stream();
    // The decisions must be durable before even a pure tool starts.
    db.stop_after(Some(0));
    for _ in 0..100 {
        let next = poll_fn(|context| Poll::Ready(stream.poll_next_event(context))).await;
        assert!(!matches!(next, Poll::Ready(None)));
    }
    assert!(log.lock().is_empty(), "{:?}", log.lock());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_two_users_create_at_once_belongs_to_the_first() {
    let db = LateDb::new(&[1, 2]);
    let script = vec![text("Hi.")];
    let agent = Agent::builder("agent")
        .model(SlowModel::new(script, &db.delays))
        .db(late(&db))
        .build()
        .unwrap();
    let run = |user: &str| agent.run("Hi").session("s").user(user).into_future();
    let (ada, bob) = tokio::join!(run("ada"), run("bob"));
    let (_, lost) = if ada.is_ok() { (ada, bob) } else { (bob, ada) };
    assert!(
        matches!(lost, Err(Error::Db(DbError::Conflict { .. }))),
        "{lost:?}"
    );
    let runs = agent
        .runs()
        .unwrap()
        .of_session(&"s".into(), None)
        .await
        .unwrap();
    assert_eq!(runs.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_session_is_deleted_stops_and_does_not_bring_it_back() {
    let db = LateDb::new(&[0]);
    let log = Log::default();
    let agent = desk(&db, &log, Effect::AtMostOnce, Interaction::None);
    let mut stream = agent.run("Go").session("s").stream();
    while log.lock().is_empty() {
        let _event = poll_fn(|context| Poll::Ready(stream.poll_next_event(context))).await;
    }
    agent.delete_session("s").await.unwrap();
    let run = stream.run_id();
    let error = stream.finish().await.unwrap_err();
    assert!(
        matches!(error, Error::Db(DbError::Conflict { .. })),
        "{error}"
    );
    assert_eq!(log.count(3), 0, "nothing is started after that");
    assert!(
        agent
            .sessions()
            .unwrap()
            .get(&"s".into())
            .await
            .unwrap()
            .is_none()
    );
    assert!(agent.runs().unwrap().get(run).await.unwrap().is_none());
}

#[tokio::test]
async fn a_commit_under_way_survives_the_drop_of_its_stream() {
    let folder = tempfile::tempdir().unwrap();
    let db: Arc<dyn Db> = Sqlite::open(folder.path().join("agno.db")).unwrap().into();
    let log = Log::default();
    let delays = crate::world::Delays::new(&[1]);
    let script = vec![calls(&[("act", 1)]), text("Done.")];
    let agent = Agent::builder("agent")
        .model(SlowModel::new(script, &delays))
        .db(Arc::clone(&db))
        .tool(NotingTool::new("act", Effect::AtMostOnce, &log, &delays))
        .build()
        .unwrap();
    let mut open = 0;
    for polls in 1..40 {
        let mut stream = agent.run("Go").stream();
        let run = stream.run_id();
        for _ in 0..polls {
            let _event = poll_fn(|context| Poll::Ready(stream.poll_next_event(context))).await;
        }
        let known = stream.output().map_or(0, |output| output.records.len());
        drop(stream);
        // Batches take effect in order: after this one, the open commit has.
        let touch = Write::Touch {
            collection: &agno_runtime::store::SESSIONS,
            key: "none".into(),
            time: agno_core::Timestamp(0),
        };
        db.write(vec![touch]).done().await.unwrap();
        let records = agent.runs().unwrap().records(run).await.unwrap();
        assert!(records.len() <= known);
        if let Some(row) = agent.runs().unwrap().get(run).await.unwrap()
            && row.status == RunStatus::Running
        {
            open += 1;
            let taken_up = agent.recover(run).await.unwrap();
            assert!(matches!(
                taken_up.status,
                RunStatus::Completed | RunStatus::Paused
            ));
        }
    }
    assert!(open > 0);
}

#[tokio::test]
async fn the_outcome_of_a_failed_run_is_its_own() {
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([]))
        .build()
        .unwrap();
    let error = agent.run("Hi").await.unwrap_err();
    let Error::Failed(failed) = error else {
        panic!("{error}")
    };
    assert!(matches!(failed.failure, RunFailure::Model(_)));
    let outcome = Outcome::Failed(failed.failure);
    assert!(matches!(outcome.to_fact(), Fact::Finished(_)));
}
