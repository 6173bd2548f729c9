//! Servers that are killed in the middle of a run.

use serde_json::{Value, json};

use crate::child::{Ledger, ServerProcess};
use crate::client::{Streaming, frames, post_form, send};
use crate::server::wait_for;

/// Starts a background run that calls `first`, `second` and `third`; kills the server while the
/// second is under way, after `seen` frames were received; and starts it again.
struct Crash {
    ledger: Ledger,
    server: ServerProcess,
    run: String,
    key: String,
    seen: Vec<(String, Value)>,
    _folder: tempfile::TempDir,
}

impl Crash {
    async fn during(second: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open();
        let mut server = ServerProcess::start(folder.path(), &ledger.address());
        let message = format!("call pure\ncall {second}\ncall pure\nsay all done");
        let fields = [
            ("message", message.as_str()),
            ("session_id", "s"),
            ("background", "true"),
        ];
        let request = post_form("/agents/bench/runs", &fields);
        let mut stream = Streaming::open(&server.address, request).await;
        ledger.let_through("pure");
        let (called, cut_off) = ledger.next_call();
        let (name, key) = called.split_once(' ').unwrap();
        assert_eq!(name, second);
        let two_started = |text: &str| text.matches("event: ToolCallStarted").count() == 2;
        let text = stream.read_until(two_started).await;
        let seen = frames(&text[..text.rfind("\n\n").unwrap() + 2]);
        server.kill();
        drop(cut_off);
        let server = ServerProcess::start(folder.path(), &ledger.address());
        let run = seen[0].1["run_id"].as_str().unwrap().to_owned();
        Self {
            key: key.to_owned(),
            ledger,
            server,
            run,
            seen,
            _folder: folder,
        }
    }

    /// All frames of the run: those seen before the crash, and those that a resumed observer gets.
    async fn all_frames(&self) -> Vec<(u64, String)> {
        let last = self.seen.last().unwrap().1["event_index"].to_string();
        let path = format!("/agents/bench/runs/{}/resume", self.run);
        let fields = [("session_id", "s"), ("last_event_index", last.as_str())];
        let rest = send(&self.server.address, post_form(&path, &fields)).await;
        let rest = rest.frames();
        self.seen
            .iter()
            .chain(&rest)
            .filter_map(|(name, data)| Some((data["event_index"].as_u64()?, name.clone())))
            .collect()
    }
}

fn assert_gap_free(frames: &[(u64, String)]) {
    let numbers: Vec<u64> = frames.iter().map(|(number, _)| *number).collect();
    assert_eq!(
        numbers,
        (0..frames.len() as u64).collect::<Vec<_>>(),
        "{frames:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_may_run_again_does_and_the_run_goes_on_by_itself() {
    for second in ["pure", "idempotent"] {
        let crash = Crash::during(second).await;
        let (called, mut socket) = crash.ledger.next_call();
        assert_eq!(
            called,
            format!("{second} {}", crash.key),
            "the same call, under the same key"
        );
        std::io::Write::write_all(&mut socket, b"ok\n").unwrap();
        crash.ledger.let_through("pure");
        let run = wait_for(&crash.server.address, &crash.run, "s", "COMPLETED").await;
        assert_eq!(run["content"], "all done");
        assert_eq!(run["tools"].as_array().unwrap().len(), 3);
        let frames = crash.all_frames().await;
        assert_gap_free(&frames);
        assert_eq!(frames.last().unwrap().1, "RunCompleted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_must_not_run_twice_waits_for_a_person() {
    let crash = Crash::during("at_most_once").await;
    let address = &crash.server.address;
    let run = wait_for(address, &crash.run, "s", "PAUSED").await;
    assert_gap_free(&crash.all_frames().await);
    assert_eq!(run["tools"][0]["result"], "pure done");
    assert_eq!(run["tools"][1]["requires_confirmation"], true);
    let mut tools = run["tools"].clone();
    tools[1]["result"] = json!("it did happen");
    let tools = tools.to_string();
    let path = format!("/agents/bench/runs/{}/continue", crash.run);
    let fields = [("session_id", "s"), ("tools", tools.as_str())];
    let going_on = tokio::spawn({
        let (address, request) = (address.clone(), post_form(&path, &fields));
        async move { send(&address, request).await }
    });
    crash.ledger.let_through("pure");
    let frames = going_on.await.unwrap().frames();
    assert_eq!(frames[0].0, "RunContinued");
    let run = wait_for(address, &crash.run, "s", "COMPLETED").await;
    assert_eq!(run["tools"][1]["result"], "it did happen");
    assert_gap_free(&crash.all_frames().await);
}
