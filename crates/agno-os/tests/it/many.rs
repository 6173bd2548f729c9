//! Many runs at once.

use std::collections::HashSet;
use std::sync::Arc;

use crate::server::TestServer;

const RUNS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_one_session_are_all_kept_and_none_is_mixed_up() {
    let server = Arc::new(TestServer::start().await);
    let tasks: Vec<_> = (0..RUNS)
        .map(|number| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                let message =
                    format!("call weather {{\"city\":\"C{number}\"}}\nsay answer {number}");
                let fields = [
                    ("message", message.as_str()),
                    ("session_id", "one"),
                    ("stream", if number % 2 == 0 { "true" } else { "false" }),
                ];
                let answer = server.run(&fields).await;
                assert_eq!(answer.status, 200);
                let (content, id) = if number % 2 == 0 {
                    let frames = answer.frames();
                    let (name, last) = frames.last().unwrap();
                    assert_eq!(name, "RunCompleted");
                    (last["content"].clone(), last["run_id"].clone())
                } else {
                    (
                        answer.json()["content"].clone(),
                        answer.json()["run_id"].clone(),
                    )
                };
                assert_eq!(content, format!("answer {number}"));
                id.as_str().unwrap().to_owned()
            })
        })
        .collect();
    let mut ids = HashSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap());
    }
    assert_eq!(ids.len(), RUNS);
    let stored = server.get("/sessions/one/runs").await.json();
    let stored = stored.as_array().unwrap();
    assert_eq!(stored.len(), RUNS);
    for run in stored {
        assert!(ids.contains(run["run_id"].as_str().unwrap()));
        assert_eq!(run["status"], "COMPLETED");
        let number = run["content"].as_str().unwrap().rsplit(' ').next().unwrap();
        assert_eq!(run["tools"][0]["result"], format!("Sunny in C{number}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_never_see_each_others_state() {
    let server = Arc::new(TestServer::start().await);
    let tasks: Vec<_> = (0..RUNS)
        .map(|number| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                let session = format!("s{number}");
                for turn in 0..2 {
                    let message = format!("call note {{\"text\":\"{number}-{turn}\"}}\nsay ok");
                    let fields = [
                        ("message", message.as_str()),
                        ("session_id", session.as_str()),
                        ("stream", "false"),
                    ];
                    let run = server.run(&fields).await.json();
                    let notes = run["session_state"]["notes"].as_array().unwrap().clone();
                    let expected: Vec<String> =
                        (0..=turn).map(|turn| format!("{number}-{turn}")).collect();
                    assert_eq!(notes, expected);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let page = server.get("/sessions?limit=7&page=3").await.json();
    assert_eq!(page["meta"]["total_count"], RUNS);
    assert_eq!(page["data"].as_array().unwrap().len(), 7);
    assert_eq!(
        page["data"][0]["session_state"]["notes"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}
