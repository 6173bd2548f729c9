//! Real processes with a real SQLite file, killed at any moment.
//!
//! The test binary runs itself again: the child takes up the run in the database that it is named,
//! notes each start of a tool in a file, and is killed by its parent after a few of its events.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use agno_core::db::Db;
use agno_core::{
    BoxFuture, Effect, Resolution, RunId, RunStatus, Schema, Tool, ToolContext, ToolOutput,
    ToolResult, ToolSpec,
};
use agno_runtime::Agent;
use agno_store::Sqlite;
use serde_json::json;

use crate::world::{Delays, SlowModel, calls, dawdle, result_of, text};

const FOLDER: &str = "AGNO_TEST_KILL_FOLDER";
const EFFECT: &str = "AGNO_TEST_KILL_EFFECT";
const RUN: RunId = RunId::from_u128(11);

/// Notes its start in a file before it does anything else, as a remote system would.
struct FileTool {
    spec: ToolSpec,
    path: std::path::PathBuf,
}

impl Tool for FileTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn call(self: Arc<Self>, arguments: Arc<str>, _: ToolContext) -> BoxFuture<ToolResult> {
        Box::pin(async move {
            let arguments: serde_json::Value = serde_json::from_str(&arguments).unwrap();
            let call = arguments["n"].as_i64().unwrap();
            let mut file = std::fs::OpenOptions::new()
                .append(true)
                .create(true)
                .open(&self.path)
                .unwrap();
            file.write_all(format!("{call}\n").as_bytes()).unwrap();
            println!("tool {call}");
            dawdle(3).await;
            Ok(ToolOutput::text(result_of(call)))
        })
    }
}

fn starts(folder: &Path, call: i64) -> usize {
    let noted = std::fs::read_to_string(folder.join("starts")).unwrap_or_default();
    noted
        .lines()
        .filter(|line| *line == call.to_string())
        .count()
}

fn agent(folder: &Path, effect: Effect) -> Agent {
    let db: Arc<dyn Db> = Sqlite::open(folder.join("agno.db")).unwrap().into();
    let schema = Schema::new(json!({
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
    }));
    let mut spec = ToolSpec::new("act", "Acts.", schema);
    spec.effect = effect;
    let tool = FileTool {
        spec,
        path: folder.join("starts"),
    };
    let script = vec![
        calls(&[("act", 1), ("act", 2)]),
        calls(&[("act", 3)]),
        text("All is done."),
    ];
    Agent::builder("agent")
        .model(SlowModel::new(script, &Delays::new(&[0, 2, 1])))
        .db(db)
        .tool(tool)
        .build()
        .unwrap()
}

/// Takes the run up where it stands, and says each event on its standard output.
async fn take_up(folder: &Path, effect: Effect) {
    let agent = agent(folder, effect);
    let runs = agent.runs().unwrap();
    let mut stream = match runs.get(RUN).await.unwrap().map(|row| row.status) {
        None => agent.run("Do it.").session("s").run_id(RUN).stream(),
        Some(RunStatus::Running) => agent.recover(RUN).stream(),
        Some(RunStatus::Paused) => {
            let paused = runs.output(RUN).await.unwrap().unwrap();
            let mut request = agent.resume(RUN);
            for asked in paused.requirements.iter() {
                let arguments: serde_json::Value =
                    serde_json::from_str(&asked.call.arguments).unwrap();
                let call = arguments["n"].as_i64().unwrap();
                let resolution = match starts(folder, call) {
                    0 => Resolution::Approve,
                    _ => Resolution::Result(ToolOutput::text(result_of(call))),
                };
                request = request.decide(asked, resolution);
            }
            request.stream()
        }
        Some(_) => return println!("over"),
    };
    while let Some(event) = stream.next().await {
        println!("{:?}", event.kind);
    }
    stream.into_result().unwrap();
}

/// The child: does nothing unless the parent named a folder.
#[test]
fn child_process() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let effect = match std::env::var(EFFECT).unwrap().as_str() {
        "pure" => Effect::Pure,
        "idempotent" => Effect::Idempotent,
        _ => Effect::AtMostOnce,
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(take_up(folder.as_ref(), effect));
}

/// Runs a child until it has said so many lines, then kills it. Whether it was killed.
fn child(folder: &Path, effect: &str, lines: usize) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child_process", "--nocapture"])
        .env(FOLDER, folder)
        .env(EFFECT, effect)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    // The test harness says a few lines itself, before and after.
    let mut said = output.lines();
    let killed = said.by_ref().take(lines + 2).filter_map(Result::ok).count() == lines + 2;
    if killed {
        // SIGKILL: no destructor runs, nothing is flushed.
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert!(killed || status.success(), "the child failed");
    killed
}

#[test]
fn killed_processes_lose_nothing_and_repeat_nothing() {
    let mut kills = 0;
    for effect in ["at_most_once", "idempotent", "pure"] {
        for first in 0..12 {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path();
            kills += u32::from(child(folder, effect, first));
            kills += u32::from(child(folder, effect, (first * 5) % 7));
            // Now until the end; an unknown outcome takes another process.
            let mut rounds = 0;
            let status = loop {
                child(folder, effect, 1000);
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                let output = runtime.block_on(async {
                    let agent = agent(folder, Effect::Pure);
                    agent.runs().unwrap().output(RUN).await.unwrap().unwrap()
                });
                if output.status.is_terminal() {
                    assert_eq!(&*output.content, "All is done.");
                    assert!(output.tools.iter().all(|tool| tool.output.is_some()));
                    break output.status;
                }
                rounds += 1;
                assert!(
                    rounds < 5,
                    "the run does not end: {}",
                    output.status.as_str()
                );
            };
            assert_eq!(status, RunStatus::Completed);
            for call in [1, 2, 3] {
                let starts = starts(folder, call);
                assert!(starts >= 1);
                assert!(
                    effect != "at_most_once" || starts == 1,
                    "call {call}: {starts} starts"
                );
            }
        }
    }
    assert!(kills >= 30, "{kills}");
}
