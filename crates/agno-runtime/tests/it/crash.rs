//! Runs whose process ends at any moment, and again when they are taken up.

use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use agno_core::{
    Effect, Event, EventKind, Interaction, Message, RequirementKind, Resolution, RunId, RunStatus,
    ToolOutput,
};
use agno_engine::{Fact, RetryPolicy, Run, RunOutput, VersionCheck};
use agno_runtime::{Agent, Durability, RunStream};
use proptest::prelude::*;

use crate::world::{LateDb, Log, NotingTool, SlowModel, calls, result_of, text};

const EFFECTS: [Effect; 3] = [Effect::AtMostOnce, Effect::Idempotent, Effect::Pure];
const RUN: RunId = RunId::from_u128(7);

/// What a case is made of.
#[derive(Clone, Debug)]
struct Case {
    effects: [Effect; 3],
    strict: bool,
    background: bool,
    /// Whether the second tool has to be confirmed.
    confirm: bool,
    failing: Option<u32>,
    delays: Vec<u8>,
    /// After how many polls each process ends; the last one lives.
    lives: Vec<usize>,
    /// After how many commits the database of each process stops.
    commits: Vec<Option<usize>>,
}

struct World {
    case: Case,
    agent: Agent,
    db: LateDb,
    log: Log,
    /// Calls whose result is durable at the end of a process, and how often they had been started.
    settled: Vec<(i64, usize)>,
    crashes: usize,
    unknown: usize,
}

impl World {
    fn new(case: Case) -> Self {
        let db = LateDb::new(&case.delays);
        let log = Log::default();
        let script = vec![
            calls(&[("first", 1), ("second", 2), ("first", 3)]),
            calls(&[("third", 4)]),
            text("All of it is done."),
        ];
        let model = SlowModel::new(script, &db.delays).failing_each(case.failing);
        let tool = |name: &str, effect| NotingTool::new(name, effect, &log, &db.delays);
        let agent = Agent::builder("agent")
            .model(model)
            .db(Arc::new(db.clone()) as Arc<dyn agno_core::db::Db>)
            .tool(tool("first", case.effects[0]))
            .tool(tool("second", case.effects[1]).with(|spec| {
                if case.confirm {
                    spec.interaction = Interaction::Confirm;
                }
            }))
            .tool(tool("third", case.effects[2]))
            .retry(RetryPolicy {
                retries: 3,
                delay_ms: 5,
                max_delay_ms: 10,
            })
            .build()
            .unwrap();
        Self {
            case,
            agent,
            db,
            log,
            settled: Vec::new(),
            crashes: 0,
            unknown: 0,
        }
    }

    /// One process: takes the run up where it stands and lives for so many polls. The run's
    /// output, if it ended.
    async fn process(&mut self, polls: usize) -> Option<RunOutput> {
        let store = self.agent.runs().unwrap();
        let stream = match store.get(RUN).await.unwrap().map(|row| row.status) {
            None => {
                let mut request = self.agent.run("Do it all.").session("s").run_id(RUN);
                if self.case.strict {
                    request = request.durability(Durability::Strict);
                }
                if self.case.background {
                    request = request.background();
                }
                request.stream()
            }
            Some(RunStatus::Running) => self.agent.recover(RUN).stream(),
            Some(RunStatus::Paused) => self.decide().await,
            Some(_) => return store.output(RUN).await.unwrap(),
        };
        self.live(stream, polls).await;
        self.check_starts().await;
        let output = store.output(RUN).await.unwrap()?;
        (output.status.is_terminal()).then_some(output)
    }

    /// A person confirms what has to be confirmed, looks what became of each call that was cut off,
    /// and says so.
    async fn decide(&mut self) -> RunStream {
        let store = self.agent.runs().unwrap();
        let paused = store.output(RUN).await.unwrap().unwrap();
        assert!(!paused.requirements.is_empty());
        let mut request = self.agent.resume(RUN);
        for requirement in paused.requirements.iter() {
            if requirement.kind == RequirementKind::Confirm {
                request = request.approve(requirement);
                continue;
            }
            assert_eq!(requirement.kind, RequirementKind::OutcomeUnknown);
            self.unknown += 1;
            let arguments: serde_json::Value =
                serde_json::from_str(&requirement.call.arguments).unwrap();
            let call = arguments["n"].as_i64().unwrap();
            let resolution = match self.log.count(call) {
                0 => Resolution::Approve,
                _ => Resolution::Result(ToolOutput::text(result_of(call))),
            };
            request = request.decide(requirement, resolution);
        }
        request.stream()
    }

    async fn live(&mut self, mut stream: RunStream, polls: usize) {
        let mut told = Vec::new();
        for _ in 0..polls {
            let polled = poll_fn(|context| Poll::Ready(stream.poll_next_event(context))).await;
            match polled {
                Poll::Ready(Some(event)) => {
                    if let EventKind::RunFailed(failure) = &event.kind {
                        panic!("{failure}");
                    }
                    told.push(event);
                    self.check_told(&told).await;
                }
                Poll::Ready(None) => return,
                Poll::Pending => tokio::time::advance(std::time::Duration::from_millis(2)).await,
            }
        }
        self.crashes += 1;
    }

    /// What was told follows from what is durable, as far as it has to.
    async fn check_told(&self, told: &[Event]) {
        let last = &told.last().unwrap().kind;
        let records = self.agent.runs().unwrap().records(RUN).await.unwrap();
        match last {
            EventKind::RunCompleted => {
                assert!(matches!(records.last().unwrap().fact, Fact::Finished(_)));
            }
            EventKind::RunPaused(_) => {
                assert!(matches!(records.last().unwrap().fact, Fact::Paused(_)));
            }
            _ => {}
        }
        if !self.case.background {
            return;
        }
        let mut run = Run::new();
        for record in &records {
            let definition = self.agent.definition();
            run.apply_recorded(definition, record, VersionCheck::Strict)
                .unwrap();
        }
        let durable: Vec<Event> = std::iter::from_fn(|| run.poll_event()).collect();
        for event in told.iter().filter(|event| !is_piece(&event.kind)) {
            assert!(
                durable.contains(event),
                "{event:?} is told before it is durable"
            );
        }
    }

    /// No call is started that had a durable result, and none that must not run twice runs twice.
    async fn check_starts(&mut self) {
        for (call, starts) in &self.settled {
            assert_eq!(self.log.count(*call), *starts, "call {call} was settled");
        }
        for (call, effect) in [(1, 0), (2, 1), (3, 0), (4, 2)] {
            let log = self.log.lock();
            let starts: Vec<_> = log.iter().filter(|started| started.call == call).collect();
            let keys: HashSet<_> = starts
                .iter()
                .map(|started| &started.idempotency_key)
                .collect();
            match self.case.effects[effect] {
                Effect::AtMostOnce => assert!(starts.len() <= 1, "{starts:?}"),
                Effect::Idempotent => assert!(keys.len() <= 1, "{keys:?}"),
                // Its start waits for nothing, so a crash may undo what led to it.
                Effect::Pure => {}
            }
        }
        let records = self.agent.runs().unwrap().records(RUN).await.unwrap();
        for record in &records {
            if let Fact::ToolReturned(returned) = &record.fact {
                let call: i64 = returned
                    .call_id
                    .trim_start_matches("call_")
                    .parse()
                    .unwrap();
                if !self.settled.iter().any(|(settled, _)| *settled == call) {
                    self.settled.push((call, self.log.count(call)));
                }
            }
        }
    }
}

fn is_piece(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Content(_) | EventKind::Reasoning(_))
}

fn transcript(output: &RunOutput) -> Vec<String> {
    let lines = output.messages.iter().map(|known| match &*known.message {
        Message::Tool(result) => format!("{}: {}", result.call_id, result.output.text),
        message => message.text().to_string(),
    });
    lines.collect()
}

/// Runs the case to its end, through all its crashes; how many there were, and how many outcomes
/// were unknown.
async fn survive(case: Case) -> (usize, usize) {
    let lives = case.lives.clone();
    let commits = case.commits.clone();
    let mut world = World::new(case);
    for number in 0..40 {
        let polls = lives.get(number).copied().unwrap_or(10_000);
        world.db.stop_after(commits.get(number).copied().flatten());
        let Some(output) = world.process(polls).await else {
            continue;
        };
        assert_eq!(output.status, RunStatus::Completed);
        assert_eq!(
            transcript(&output),
            [
                "Do it all.",
                "",
                "call_1: result 1",
                "call_2: result 2",
                "call_3: result 3",
                "",
                "call_4: result 4",
                "All of it is done."
            ]
        );
        let report = world.agent.replay(RUN).await.unwrap();
        assert_eq!(report.divergence, None);
        return (world.crashes, world.unknown);
    }
    panic!("the run does not end");
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

/// All effects, both durabilities, seen or in the background: ended at every poll.
#[test]
fn a_crash_at_every_poll_is_survived() {
    let (mut crashes, mut unknown) = (0, 0);
    for effect in EFFECTS {
        for switches in 0..8 {
            for polls in 1..200 {
                let case = Case {
                    effects: [effect; 3],
                    strict: switches & 1 > 0,
                    background: switches & 2 > 0,
                    confirm: switches & 4 > 0,
                    failing: None,
                    delays: vec![1, 2, 0, 3, 1],
                    lives: vec![polls],
                    commits: Vec::new(),
                };
                let (crashed, unknown_here) = block_on(survive(case));
                unknown += unknown_here;
                if crashed == 0 {
                    break;
                }
                crashes += crashed;
            }
        }
    }
    assert!(crashes > 400, "{crashes}");
    assert!(unknown > 20, "{unknown}");
}

/// The database stops after every commit, and the run goes on as far as it can.
#[test]
fn a_crash_after_every_commit_is_survived() {
    for effect in EFFECTS {
        for strict in [false, true] {
            for background in [false, true] {
                for commits in 0..20 {
                    let case = Case {
                        effects: [effect; 3],
                        strict,
                        background,
                        confirm: commits % 2 == 0,
                        failing: None,
                        delays: vec![0, 1, 0, 2],
                        lives: vec![300, 300],
                        commits: vec![Some(commits), Some(1)],
                    };
                    block_on(survive(case));
                }
            }
        }
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let effect = || prop::sample::select(EFFECTS.to_vec());
    (
        [effect(), effect(), effect()],
        any::<[bool; 3]>(),
        prop::option::of(2..5_u32),
        prop::collection::vec(0..4_u8, 1..12),
        prop::collection::vec(1..120_usize, 1..5),
        prop::collection::vec(prop::option::of(0..6_usize), 0..4),
    )
        .prop_map(
            |(effects, [strict, background, confirm], failing, delays, lives, commits)| Case {
                effects,
                strict,
                background,
                confirm,
                failing,
                delays,
                lives,
                commits,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn crashes_in_resumed_runs_are_survived(case in cases()) {
        block_on(survive(case));
    }
}
