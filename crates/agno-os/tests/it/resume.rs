//! Background runs and their observers.

use std::sync::Arc;

use serde_json::Value;

use crate::client::{Streaming, frames, post_form};
use crate::model::Gate;
use crate::server::TestServer;

fn told(frames: &[(String, Value)]) -> Vec<(u64, String)> {
    frames
        .iter()
        .filter_map(|(name, data)| Some((data["event_index"].as_u64()?, name.clone())))
        .collect()
}

#[tokio::test]
async fn an_observer_that_comes_back_misses_nothing_and_hears_nothing_twice() {
    let gate = Arc::new(Gate::default());
    let server = TestServer::with(Some(Arc::clone(&gate)), |os| os).await;
    let fields = [
        (
            "message",
            "call weather {\"city\":\"Rome\"}\nsay a b c d e f",
        ),
        ("session_id", "s"),
        ("background", "true"),
    ];
    let mut first =
        Streaming::open(&server.address, post_form("/agents/bench/runs", &fields)).await;
    gate.open(2);
    let text = first.read_until(|text| text.contains("\"b \"")).await;
    let seen = frames(&text[..text.rfind("\n\n").unwrap() + 2]);
    let id = seen[0].1["run_id"].as_str().unwrap().to_owned();
    drop(first);
    let last = told(&seen).last().unwrap().0;
    let resume = format!("/agents/bench/runs/{id}/resume");
    let index = last.to_string();
    gate.open(1);
    let again = [("session_id", "s"), ("last_event_index", index.as_str())];
    let mut second = Streaming::open(&server.address, post_form(&resume, &again)).await;
    second.read_until(|text| text.contains("subscribed")).await;
    gate.open(100);
    let rest = frames(&second.read_until(|_| false).await);
    let mut all = told(&seen);
    all.extend(told(&rest));
    let numbers: Vec<u64> = all.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
    assert_eq!(all.last().unwrap().1, "RunCompleted");

    server.wait_for(&id, "s", "COMPLETED").await;
    let replayed = server.post(&resume, &[("session_id", "s")]).await.frames();
    assert_eq!(replayed[0].0, "replay");
    assert_eq!(told(&replayed), all);
    let tail = server.post(&resume, &again).await.frames();
    assert_eq!(told(&tail), told(&rest));
    let beyond = [("last_event_index", "9999")];
    assert_eq!(server.post(&resume, &beyond).await.frames().len(), 1);
}

#[tokio::test]
async fn background_runs_beyond_the_bound_wait_and_can_be_cancelled_while_they_do() {
    let gate = Arc::new(Gate::default());
    let server = TestServer::with(Some(Arc::clone(&gate)), |os| os.background_runs(1)).await;
    let fields = [
        ("message", "say a b"),
        ("session_id", "s"),
        ("background", "true"),
        ("stream", "false"),
    ];
    let mut ids = Vec::new();
    for _ in 0..3 {
        let accepted = server.run(&fields).await;
        assert_eq!(accepted.status, 202);
        assert_eq!(accepted.json()["status"], "PENDING");
        ids.push(accepted.json()["run_id"].as_str().unwrap().to_owned());
    }
    server.wait_for(&ids[0], "s", "RUNNING").await;
    server.wait_for(&ids[1], "s", "PENDING").await;
    let cancel = format!("/agents/bench/runs/{}/cancel", ids[1]);
    server.post(&cancel, &[]).await;
    server.wait_for(&ids[1], "s", "CANCELLED").await;
    gate.open(100);
    server.wait_for(&ids[0], "s", "COMPLETED").await;
    let last = server.wait_for(&ids[2], "s", "COMPLETED").await;
    assert_eq!(last["content"], "a b");
}

#[tokio::test]
async fn a_run_that_nobody_knows_is_an_error_frame() {
    let server = TestServer::start().await;
    let answer = server.post("/agents/bench/runs/nope/resume", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.frames()[0].0, "error");
}
