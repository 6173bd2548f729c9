//! Runs that wait for a person.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::server::TestServer;

async fn paused(server: &TestServer, session: &str) -> Value {
    let fields = [
        ("message", "call refund {\"amount\":7}\nsay done"),
        ("session_id", session),
        ("stream", "false"),
    ];
    let run = server.run(&fields).await.json();
    assert_eq!(run["status"], "PAUSED");
    assert_eq!(run["tools"][0]["requires_confirmation"], true);
    run
}

fn path(run: &Value) -> String {
    format!(
        "/agents/bench/runs/{}/continue",
        run["run_id"].as_str().unwrap()
    )
}

#[tokio::test]
async fn a_call_is_made_once_it_is_confirmed_and_never_before() {
    let server = TestServer::start().await;
    let run = paused(&server, "s").await;
    let mut tools = run["tools"].clone();
    let undecided = tools.to_string();
    for (tools, status) in [
        ("[]", 400),
        (undecided.as_str(), 400),
        ("{x", 400),
        ("7", 400),
    ] {
        let fields = [("session_id", "s"), ("tools", tools), ("stream", "false")];
        assert_eq!(server.post(&path(&run), &fields).await.status, status);
    }
    assert_eq!(
        server.post(&path(&run), &[("tools", "[]")]).await.status,
        400
    );
    assert_eq!(server.refunds.load(Ordering::SeqCst), 0);
    tools[0]["confirmed"] = true.into();
    let tools = tools.to_string();
    let fields = [("session_id", "s"), ("tools", tools.as_str())];
    let frames = server.post(&path(&run), &fields).await.frames();
    let names: Vec<&str> = frames.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "RunContinued",
            "ToolCallStarted",
            "ToolCallCompleted",
            "ModelRequestStarted",
            "RunContent",
            "ModelRequestCompleted",
            "RunContentCompleted",
            "RunCompleted",
        ]
    );
    assert_eq!(frames[0].1["event_index"], 0);
    assert_eq!(server.refunds.load(Ordering::SeqCst), 1);
    let over = server.post(&path(&run), &fields).await;
    assert_eq!(
        (over.status, over.json()["detail"].as_str().unwrap()),
        (409, "run is already completed")
    );
}

#[tokio::test]
async fn a_rejected_call_is_not_made_and_requirements_are_understood() {
    let server = TestServer::start().await;
    let run = paused(&server, "s").await;
    let mut requirements = run["requirements"].clone();
    requirements[0]["confirmation"] = false.into();
    requirements[0]["confirmation_note"] = json!("too much");
    let requirements = requirements.to_string();
    let fields = [
        ("session_id", "s"),
        ("requirements", requirements.as_str()),
        ("stream", "false"),
    ];
    let done = server.post(&path(&run), &fields).await.json();
    assert_eq!(done["status"], "COMPLETED");
    assert_eq!(done["tools"][0]["confirmed"], false);
    assert_eq!(done["tools"][0]["confirmation_note"], "too much");
    assert_eq!(done["messages"][2]["content"], "too much");
    assert_eq!(server.refunds.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn confirming_many_times_at_once_makes_the_call_once() {
    let server = Arc::new(TestServer::start().await);
    let run = Arc::new(paused(&server, "s").await);
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let (server, run) = (Arc::clone(&server), Arc::clone(&run));
            tokio::spawn(async move {
                let mut tools = run["tools"].clone();
                tools[0]["confirmed"] = true.into();
                let tools = tools.to_string();
                let stream = if number % 2 == 0 { "true" } else { "false" };
                let fields = [
                    ("session_id", "s"),
                    ("tools", tools.as_str()),
                    ("stream", stream),
                ];
                server.post(&path(&run), &fields).await.status
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            200 => won += 1,
            409 => {}
            other => panic!("status {other}"),
        }
    }
    assert_eq!((won, server.refunds.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn a_paused_run_can_be_cancelled() {
    let server = TestServer::start().await;
    let run = paused(&server, "s").await;
    let id = run["run_id"].as_str().unwrap();
    let cancel = format!("/agents/bench/runs/{id}/cancel");
    for _ in 0..2 {
        assert_eq!(server.post(&cancel, &[]).await.status, 200);
    }
    server.wait_for(id, "s", "CANCELLED").await;
    let fields = [("session_id", "s"), ("tools", "[]")];
    assert_eq!(server.post(&path(&run), &fields).await.status, 409);
}
