//! Clients that go away, and runs that are cancelled.

use std::sync::Arc;

use crate::client::{Streaming, frames, post_form};
use crate::model::Gate;
use crate::server::TestServer;

fn run_id(text: &str) -> String {
    frames(text)[0].1["run_id"].as_str().unwrap().to_owned()
}

/// Whole frames only: the last one may still be on its way.
fn complete(text: &str) -> &str {
    &text[..text.rfind("\n\n").map_or(0, |end| end + 2)]
}

#[tokio::test]
async fn a_run_whose_client_goes_away_is_cancelled_and_recorded_as_such() {
    let gate = Arc::new(Gate::default());
    let server = TestServer::with(Some(Arc::clone(&gate)), |os| os).await;
    let fields = [("message", "say one two three four"), ("session_id", "s")];
    let mut stream =
        Streaming::open(&server.address, post_form("/agents/bench/runs", &fields)).await;
    gate.open(2);
    let text = stream.read_until(|text| text.contains("two ")).await;
    drop(stream);
    let run = server
        .wait_for(&run_id(complete(&text)), "s", "CANCELLED")
        .await;
    assert_eq!(run["content"], "one two ");
    assert_eq!(run["cancellation_stage"], "EXECUTING");
}

#[tokio::test]
async fn a_run_is_cancelled_from_elsewhere_and_ends_once() {
    let gate = Arc::new(Gate::default());
    let server = TestServer::with(Some(Arc::clone(&gate)), |os| os).await;
    let fields = [("message", "say one two three"), ("session_id", "s")];
    let mut stream =
        Streaming::open(&server.address, post_form("/agents/bench/runs", &fields)).await;
    gate.open(1);
    let text = stream.read_until(|text| text.contains("one ")).await;
    let id = run_id(complete(&text));
    let path = format!("/agents/bench/runs/{id}/cancel");
    for _ in 0..2 {
        assert_eq!(server.post(&path, &[]).await.status, 200);
    }
    let all = frames(&stream.read_until(|_| false).await);
    assert_eq!(all.last().unwrap().0, "RunCancelled");
    assert_eq!(all.last().unwrap().1["content"], "one ");
    server.wait_for(&id, "s", "CANCELLED").await;
}

#[tokio::test]
async fn cancelling_what_nobody_knows_is_understood() {
    let server = TestServer::start().await;
    for run in ["nope", "00000000-0000-4000-8000-000000000000"] {
        let path = format!("/agents/bench/runs/{run}/cancel");
        let answer = server.post(&path, &[]).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
    }
    assert_eq!(
        server.post("/agents/x/runs/y/cancel", &[]).await.status,
        404
    );
}
