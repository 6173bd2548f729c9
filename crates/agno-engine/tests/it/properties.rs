//! What holds for every run, whatever the agent, the model and the order of answers.

use std::collections::HashMap;

use agno_core::{EventKind, RunStatus};
use agno_engine::{Command, Fact, Outcome, Run, VersionCheck, journal};
use proptest::prelude::*;

use crate::entropy::Entropy;
use crate::live::{Live, replay, state};
use crate::plan::Plan;

fn check(plan_bytes: &[u8], run_bytes: &[u8]) {
    let plan = Plan::random(&mut Entropy::new(plan_bytes));
    let live = Live::finish(&plan, &mut Entropy::new(run_bytes));
    ends_once(&live);
    replays(&live);
    keeps_limits(&live);
    folds(&live);
}

/// One terminal event, the last; one `Finished`, the last; no command left.
fn ends_once(live: &Live<'_>) {
    let is_end = |kind: &EventKind| kind.ends_stream() && !matches!(kind, EventKind::RunPaused(_));
    let ends = live
        .events
        .iter()
        .filter(|event| is_end(&event.kind))
        .count();
    assert_eq!(ends, 1, "{:#?}", live.events);
    assert!(is_end(&live.events.last().unwrap().kind));
    let finished = |fact: &Fact| matches!(fact, Fact::Finished(_));
    let count = live
        .records
        .iter()
        .filter(|record| finished(&record.fact))
        .count();
    assert_eq!(count, 1);
    assert!(finished(&live.records.last().unwrap().fact));
    assert_eq!(live.run.open().count(), 0);
    let numbers: Vec<u32> = live
        .commands
        .iter()
        .map(|issued| issued.at.command)
        .collect();
    assert!(
        numbers.iter().copied().eq(0..numbers.len() as u32),
        "{numbers:?}"
    );
}

/// The records give the same commands, events and state, also after a way through a journal.
fn replays(live: &Live<'_>) {
    let records = journal::decode(&journal::encode(&live.records).unwrap()).unwrap();
    assert_eq!(records, live.records);
    let replayed = replay(&live.plan.definition, &records);
    assert_eq!(replayed.events, live.events);
    assert_eq!(state(&replayed.run), state(&live.run));
    let told: HashMap<_, _> = replayed.commands.into_iter().collect();
    for issued in &live.commands {
        assert_eq!(told[&issued.at], issued.digest);
    }
    assert_eq!(told.len(), live.commands.len());
    // Every beginning of a run is a run.
    for end in 0..records.len() {
        Run::replay(&live.plan.definition, &records[..end], VersionCheck::Strict).unwrap();
    }
}

/// No limit is passed, however often the run paused or its process ended.
fn keeps_limits(live: &Live<'_>) {
    let limits = &live.plan.definition.limits;
    let output = live.output();
    if let Some(limit) = limits.model_calls {
        assert!(output.model_calls <= limit);
    }
    let mut executed: HashMap<&str, Vec<(usize, &str)>> = HashMap::new();
    let mut turn = 0;
    for issued in &live.commands {
        match &issued.command {
            Command::CallModel { .. } => turn += 1,
            Command::CallTool { call, .. } => {
                let calls = executed.entry(&call.name).or_default();
                // A call that was cut off and is made again is the same call.
                if !calls.contains(&(turn, &call.id)) {
                    calls.push((turn, &call.id));
                }
            }
            _ => {}
        }
    }
    if let Some(limit) = limits.tool_calls {
        let all: usize = executed.values().map(Vec::len).sum();
        assert!(all <= limit as usize, "{executed:?}");
    }
    for tool in live.plan.definition.tools.iter() {
        let spec = tool.spec();
        let count = executed.get(&*spec.name).map_or(0, Vec::len);
        assert!(spec.call_limit.is_none_or(|limit| count <= limit as usize));
    }
}

/// The fold of the records says what the live run said.
fn folds(live: &Live<'_>) {
    let output = live.output();
    assert_eq!(output.status, live.run.status());
    assert!(output.requirements.is_empty());
    match live.outcome() {
        Outcome::Completed { content, .. } => {
            assert_eq!(output.status, RunStatus::Completed);
            assert_eq!(output.content, *content);
            let fits = |value| {
                live.plan
                    .output
                    .as_ref()
                    .unwrap()
                    .schema
                    .check(value)
                    .is_ok()
            };
            assert!(output.structured.as_ref().is_none_or(fits));
        }
        Outcome::Cancelled { .. } => assert_eq!(output.status, RunStatus::Cancelled),
        Outcome::Failed(failure) => assert_eq!(output.failure.as_ref(), Some(failure)),
    }
    for event in &live.events {
        // Each call that ended is among the tools, with the arguments that it was made with.
        if let EventKind::ToolCallCompleted(done) = &event.kind {
            assert!(
                output.tools.iter().any(|tool| {
                    tool.call == done.call
                        && tool.output == done.output
                        && tool.error.is_some() == done.error.is_some()
                }),
                "{done:?} is not among {:#?}",
                output.tools
            );
        }
    }
    if output.status == RunStatus::Completed {
        let answered = |tool: &agno_core::ToolExecution| tool.output.is_some();
        assert!(output.tools.iter().all(answered), "{:#?}", output.tools);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_run_ends_once_replays_keeps_its_limits_and_folds(
        plan in prop::collection::vec(any::<u8>(), 0..120),
        run in prop::collection::vec(any::<u8>(), 0..160),
    ) {
        check(&plan, &run);
    }
}

/// The random plans reach what the properties are about.
#[test]
fn the_plans_reach_every_kind_of_fact_and_event() {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut random = proptest::test_runner::TestRng::deterministic_rng(
        proptest::test_runner::RngAlgorithm::ChaCha,
    );
    for _ in 0..1_000 {
        let mut bytes = [0; 280];
        random.fill_bytes(&mut bytes);
        let plan = Plan::random(&mut Entropy::new(&bytes[..120]));
        let live = Live::finish(&plan, &mut Entropy::new(&bytes[120..]));
        for record in &live.records {
            *seen.entry(record.fact.name().to_owned()).or_default() += 1;
        }
        for event in &live.events {
            let name = format!("{:?}", event.kind);
            let name = name.split(['(', ' ', '{']).next().unwrap().to_owned();
            *seen.entry(name).or_default() += 1;
        }
        let outcome = match live.outcome() {
            Outcome::Failed(failure) => failure.code(),
            Outcome::Completed {
                from_tool: true, ..
            } => "completed by a tool",
            _ => "other",
        };
        *seen.entry(outcome.to_owned()).or_default() += 1;
    }
    for wanted in [
        "started",
        "model_replied",
        "model_failed",
        "intent",
        "tool_returned",
        "tool_failed",
        "outcome_unknown",
        "paused",
        "human_answered",
        "continued",
        "woke",
        "cancelled",
        "finished",
        "Content",
        "ContentReset",
        "ModelRequestRetried",
        "ToolCallStarted",
        "ToolCallCompleted",
        "RunPaused",
        "RunContinued",
        "RunCompleted",
        "RunCancelled",
        "RunFailed",
        "model_error",
        "tool_error",
        "limit_reached",
        "invalid_output",
        "completed by a tool",
    ] {
        assert!(
            seen.get(wanted).is_some_and(|count| *count >= 10),
            "{wanted}: {seen:#?}"
        );
    }
}
