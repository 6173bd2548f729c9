//! What keeps a run in bounds: budgets, timeouts, retries, cancellation, structured output.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use agno_core::{
    EventKind, Message, Model, ModelChunk, ModelError, ModelErrorKind, ModelInfo, ModelRequest,
    ModelStream, ReplyStream, RunFailure, RunStatus, Schema, StructuredOutput, Tool, ToolChoice,
    ToolErrorKind, ToolSpec, function_tool,
};
use agno_engine::test_models::{FunctionModel, ScriptedModel, TestModel, Turn};
use agno_engine::{Limits, RetryPolicy};
use agno_runtime::{Agent, Error};
use serde_json::json;
use tokio::time::Instant;

use crate::world::text;

fn sleeping_tool(change: impl FnOnce(&mut ToolSpec)) -> Arc<dyn Tool> {
    let schema = json!({"type": "object", "properties": {"ms": {"type": "integer"}}});
    let mut spec = ToolSpec::new("wait", "Waits.", Schema::new(schema));
    change(&mut spec);
    Arc::new(function_tool(spec, |arguments, context| async move {
        context.state().set("begun", true).unwrap();
        let ms = arguments["ms"].as_u64().unwrap();
        // On the paused clock of the tests.
        tokio::time::sleep_until(Instant::now() + Duration::from_millis(ms)).await;
        format!("waited {ms}")
    }))
}

fn wait_calls(times: impl IntoIterator<Item = u64>) -> Turn {
    let calls = times
        .into_iter()
        .map(|ms| (Arc::from("wait"), json!({ "ms": ms })));
    Turn::Calls(calls.collect())
}

fn failure(error: Error) -> RunFailure {
    match error {
        Error::Failed(failed) => {
            assert_eq!(failed.output.status, RunStatus::Error);
            assert_eq!(failed.output.failure.as_ref(), Some(&failed.failure));
            failed.failure
        }
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn tools_run_side_by_side_and_answer_in_the_order_of_their_calls() {
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([
            wait_calls([20; 50]),
            wait_calls([30, 10, 20]),
            Turn::text("Done."),
        ]))
        .tool(sleeping_tool(|_| {}))
        .build()
        .unwrap();
    let begun = Instant::now();
    let output = agent.run("Go").await.unwrap();
    let passed = begun.elapsed();
    assert!(passed < Duration::from_millis(60), "{passed:?}");
    assert_eq!(output.tools.len(), 53);
    let results = output
        .messages
        .iter()
        .filter_map(|known| match &*known.message {
            Message::Tool(result) => Some(&*result.output.text),
            _ => None,
        });
    let results: Vec<_> = results.skip(50).collect();
    assert_eq!(results, ["waited 30", "waited 10", "waited 20"]);
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_takes_too_long_is_stopped_and_the_model_is_told() {
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([
            wait_calls([60_000, 1]),
            Turn::text("Too slow."),
        ]))
        .tool(sleeping_tool(|spec| {
            spec.timeout = Some(Duration::from_secs(1))
        }))
        .build()
        .unwrap();
    let output = agent.run("Go").await.unwrap();
    assert_eq!(output.tools[0].error, Some(ToolErrorKind::TimedOut));
    assert_eq!(
        &**output.tools[0].result().unwrap(),
        "`wait` took longer than 1s and was stopped"
    );
    assert_eq!(output.tools[1].error, None);
}

#[tokio::test(start_paused = true)]
async fn budgets_end_a_run_with_a_reason() {
    let endless = || FunctionModel::new(|_| Ok(crate::world::calls(&[("tick", 1)])));
    let tick = |calls: &Arc<AtomicU32>| {
        let calls = Arc::clone(calls);
        let spec = ToolSpec::new("tick", "Ticks.", Schema::new(json!({"type": "object"})));
        function_tool(spec, move |_, _| {
            calls.fetch_add(1, Ordering::Relaxed);
            async {
                tokio::time::sleep_until(Instant::now() + Duration::from_secs(10)).await;
                "tock"
            }
        })
    };
    let defaults = Limits::default();
    for (limits, reason, ticks) in [
        (
            Limits {
                model_calls: Some(4),
                ..defaults
            },
            "asked the model 4 times",
            4,
        ),
        (
            Limits {
                total_tokens: Some(6),
                ..defaults
            },
            "its budget is 6",
            2,
        ),
        (
            Limits {
                seconds: Some(25),
                ..defaults
            },
            "took 25 seconds",
            3,
        ),
        (defaults, "asked the model 50 times", 50),
        (
            Limits {
                tool_calls: Some(3),
                model_calls: Some(9),
                ..defaults
            },
            "asked the model 9",
            3,
        ),
    ] {
        let calls = Arc::default();
        let agent = Agent::builder("agent")
            .model(endless())
            .tool(tick(&calls))
            .limits(limits)
            .build()
            .unwrap();
        let failure = failure(agent.run("Go").await.unwrap_err());
        assert_eq!(failure.code(), "limit_reached");
        assert!(failure.to_string().contains(reason), "{failure}");
        assert_eq!(calls.load(Ordering::Relaxed), ticks, "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_asks_for_patience_is_asked_again_when_it_said() {
    let mut slow_down = ModelError::new(ModelErrorKind::RateLimited, "slow down");
    slow_down.retry_after_ms = Some(7_000);
    let down = ModelError::new(ModelErrorKind::Unavailable, "overloaded");
    let agent = |turns: Vec<Turn>| {
        let builder = Agent::builder("agent").model(ScriptedModel::new(turns));
        builder.retry(RetryPolicy::default()).build().unwrap()
    };
    let begun = Instant::now();
    let turns = vec![
        Turn::Error(Box::new(slow_down.clone())),
        Turn::Error(Box::new(down.clone())),
        Turn::text("Here I am."),
    ];
    let output = agent(turns).run("Hi").await.unwrap();
    assert_eq!(&*output.content, "Here I am.");
    let passed = begun.elapsed().as_millis();
    // 7 s as asked, then twice 500 ms and up to a quarter more; the clock of facts is the real one.
    assert!((7_900..8_400).contains(&passed), "{passed}");

    let mut too_long = slow_down.clone();
    too_long.retry_after_ms = Some(61_000);
    let refused = agent(vec![Turn::Error(Box::new(too_long))])
        .run("Hi")
        .await
        .unwrap_err();
    assert!(matches!(failure(refused), RunFailure::Model(_)));

    let three = vec![Turn::Error(Box::new(down)); 3];
    let refused = agent(three).run("Hi").await.unwrap_err();
    assert!(matches!(failure(refused), RunFailure::Model(_)));

    let wrong = ModelError::new(ModelErrorKind::InvalidRequest, "no such model");
    let begun = Instant::now();
    agent(vec![Turn::Error(Box::new(wrong))])
        .run("Hi")
        .await
        .unwrap_err();
    assert_eq!(
        begun.elapsed(),
        Duration::ZERO,
        "what asking again can't help is not repeated"
    );
}

/// A model whose stream is cut after a few words, or never goes on.
#[derive(Debug)]
struct CutModel {
    info: ModelInfo,
    hangs: bool,
}

impl CutModel {
    fn new(hangs: bool) -> Self {
        let info = ModelInfo {
            id: "cut".into(),
            name: "Cut".into(),
            provider: "agno".into(),
            structured_output: StructuredOutput::JsonMode,
        };
        Self { info, hangs }
    }
}

struct CutStream {
    words: Vec<&'static str>,
    told: String,
    hangs: bool,
}

impl Model for CutModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn stream(&self, _: ModelRequest) -> ReplyStream {
        Box::new(CutStream {
            words: vec!["upon ", "Once "],
            told: String::new(),
            hangs: self.hangs,
        })
    }
}

impl ModelStream for CutStream {
    fn poll_next(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<ModelChunk, ModelError>>> {
        match self.words.pop() {
            Some(word) => {
                self.told.push_str(word);
                std::task::Poll::Ready(Some(Ok(ModelChunk::Text(word.into()))))
            }
            None if self.hangs => std::task::Poll::Pending,
            None => std::task::Poll::Ready(None),
        }
    }

    fn partial_text(&self) -> &str {
        &self.told
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_cut_is_told_anew_and_fails_in_the_end() {
    let agent = Agent::builder("agent")
        .model(CutModel::new(false))
        .build()
        .unwrap();
    let mut stream = agent.run("Tell me").stream();
    let mut story = String::new();
    while let Some(event) = stream.next().await {
        match event.kind {
            EventKind::Content(text) => story.push_str(&text),
            EventKind::ContentReset => story.push('|'),
            _ => {}
        }
    }
    assert_eq!(story, "Once upon |Once upon |Once upon ");
    let RunFailure::Model(error) = failure(stream.into_result().unwrap_err()) else {
        panic!("another failure");
    };
    assert_eq!(error.kind, ModelErrorKind::Malformed);
    assert_eq!(error.partial_text.as_deref(), Some("Once upon "));
}

#[tokio::test]
async fn a_cancelled_run_keeps_the_text_that_had_come() {
    let agent = Agent::builder("agent")
        .model(CutModel::new(true))
        .build()
        .unwrap();
    let mut stream = agent.run("Tell me").stream();
    let handle = stream.cancel_handle();
    let mut last = None;
    while let Some(event) = stream.next().await {
        if matches!(&event.kind, EventKind::Content(text) if &**text == "upon ") {
            handle.cancel("heard enough");
            handle.cancel("a second reason");
        }
        last = Some(event.kind);
    }
    assert_eq!(
        last,
        Some(EventKind::RunCancelled {
            reason: "heard enough".into()
        })
    );
    let Err(Error::Cancelled { reason, output }) = stream.into_result() else {
        panic!("not cancelled");
    };
    assert_eq!(&*reason, "heard enough");
    assert_eq!(&*output.content, "Once upon ");
    assert_eq!(output.status, RunStatus::Cancelled);
    assert_eq!(
        output.messages.last().unwrap().message.text(),
        &output.content
    );
}

#[derive(Debug, PartialEq, serde::Deserialize, schemars::JsonSchema)]
struct Report {
    score: u8,
    title: String,
}

#[tokio::test]
async fn a_typed_answer_is_repaired_once() {
    let model = Arc::new(ScriptedModel::new([
        Turn::text(r#"{"score": "high"}"#),
        Turn::text(r#"{"score": 3, "title": "Fine"}"#),
        Turn::text("I'd rather not."),
        Turn::text("Really."),
    ]));
    let agent = Agent::builder("agent")
        .model(Arc::clone(&model))
        .build()
        .unwrap();
    let report: Report = agent.run("Judge").output().await.unwrap();
    assert_eq!(
        report,
        Report {
            score: 3,
            title: "Fine".into()
        }
    );
    let requests = model.requests();
    let format = requests[0]
        .options
        .as_ref()
        .unwrap()
        .output
        .as_ref()
        .unwrap();
    assert_eq!((&*format.name, format.strict), ("Report", true));
    let complaint = requests[1].thread.messages().last().unwrap().text();
    assert!(
        complaint.contains("`Report`") && complaint.contains("score"),
        "{complaint}"
    );
    let refused = agent.run("Judge").output::<Report>().await.unwrap_err();
    let RunFailure::InvalidOutput(problem) = failure(refused) else {
        panic!("another failure");
    };
    assert!(problem.contains("not JSON"), "{problem}");
    model.finish().unwrap();
}

#[tokio::test]
async fn the_test_model_fills_any_schema() {
    let agent = Agent::builder("agent")
        .model(TestModel::new())
        .build()
        .unwrap();
    let _report: Report = agent.run("Judge").output().await.unwrap();
    let schema = Schema::new(json!({"type": "array", "items": {"enum": ["a"]}, "minItems": 2}));
    let output = agent
        .run("List")
        .output_schema("List", schema)
        .await
        .unwrap();
    assert_eq!(output.structured, Some(json!(["a", "a"])));
}

#[tokio::test]
async fn a_model_without_a_guarantee_is_told_the_schema() {
    #[derive(Debug)]
    struct JsonMode(Arc<ScriptedModel>, ModelInfo);
    impl Model for JsonMode {
        fn info(&self) -> &ModelInfo {
            &self.1
        }
        fn stream(&self, request: ModelRequest) -> ReplyStream {
            self.0.stream(request)
        }
    }
    let script = Arc::new(ScriptedModel::new([Turn::text(
        "```json\n{\"score\": 1, \"title\": \"x\"}\n```",
    )]));
    let info = ModelInfo {
        structured_output: StructuredOutput::JsonMode,
        ..script.info().clone()
    };
    let agent = Agent::builder("agent")
        .model(JsonMode(Arc::clone(&script), info))
        .build()
        .unwrap();
    let report: Report = agent.run("Judge").output().await.unwrap();
    assert_eq!(report.score, 1);
    let requests = script.requests();
    let system = requests[0].thread.messages()[0].text();
    assert!(
        system.contains("<json_schema>") && system.contains("\"title\""),
        "{system}"
    );
    assert!(
        !requests[0]
            .options
            .as_ref()
            .unwrap()
            .output
            .as_ref()
            .unwrap()
            .strict
    );
}

#[tokio::test]
async fn a_tool_that_must_be_called_must_be_called_once() {
    let model = Arc::new(ScriptedModel::new([wait_calls([0]), Turn::text("Done.")]));
    let agent = Agent::builder("agent")
        .model(Arc::clone(&model))
        .tool(sleeping_tool(|_| {}))
        .tool_choice(ToolChoice::Required)
        .build()
        .unwrap();
    agent.run("Go").await.unwrap();
    let choices: Vec<_> = model
        .requests()
        .iter()
        .map(|request| request.options.as_ref().unwrap().tool_choice.clone())
        .collect();
    assert_eq!(choices, [ToolChoice::Required, ToolChoice::Auto]);
}

#[tokio::test]
async fn a_run_without_a_database_is_resumed_from_its_output() {
    let agent = Agent::builder("agent")
        .model(ScriptedModel::new([wait_calls([0]), Turn::text("Done.")]))
        .tool(sleeping_tool(|spec| {
            spec.interaction = agno_core::Interaction::Confirm
        }))
        .build()
        .unwrap();
    let paused = agent.run("Go").await.unwrap();
    let by_id = agent
        .resume(paused.run_id)
        .approve(&paused.requirements[0])
        .await;
    assert!(matches!(by_id, Err(Error::NoDatabase(_))), "{by_id:?}");
    let mut stream = agent
        .resume(&paused)
        .approve(&paused.requirements[0])
        .stream();
    let mut told = Vec::new();
    while let Some(event) = stream.next().await {
        told.push(event.kind);
    }
    assert_eq!(told.first(), Some(&EventKind::RunContinued));
    assert_eq!(told.last(), Some(&EventKind::RunCompleted));
    let output = stream.into_result().unwrap();
    assert_eq!(&*output.content, "Done.");
    let again = agent.resume(&output).await;
    assert!(matches!(again, Err(Error::WrongStatus { .. })), "{again:?}");
    // The past can be told again before what follows.
    let again = agent
        .resume(&paused)
        .reject(&paused.requirements[0], "no")
        .tell_past();
    let mut stream = again.stream();
    let mut first = stream.next().await.unwrap();
    assert_eq!(first.kind, EventKind::RunStarted);
    while let Some(event) = stream.next().await {
        first = event;
    }
    // The script is used up, so the model fails; what is told is one end.
    assert!(matches!(first.kind, EventKind::RunFailed(_)));
}

#[tokio::test]
async fn an_empty_answer_is_an_answer() {
    let agent = Agent::builder("agent")
        .model(FunctionModel::new(|_| Ok(text(""))))
        .build()
        .unwrap();
    let output = agent.run("Say nothing").await.unwrap();
    assert_eq!(
        (output.status, &*output.content),
        (RunStatus::Completed, "")
    );
}
