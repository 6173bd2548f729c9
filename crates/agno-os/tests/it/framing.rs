//! Frames and answers of inline runs.

use crate::server::TestServer;

#[tokio::test]
async fn a_streamed_run_with_a_tool_is_told_in_order() {
    let server = TestServer::start().await;
    let answer = server
        .run(&[
            (
                "message",
                "call weather {\"city\":\"Oslo\"}\nsay It is\tsunny",
            ),
            ("session_id", "s"),
        ])
        .await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .head
            .contains("content-type: text/event-stream; charset=utf-8")
    );
    let frames = answer.frames();
    let names: Vec<&str> = frames.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "RunStarted",
            "ModelRequestStarted",
            "ModelRequestCompleted",
            "ToolCallStarted",
            "ToolCallCompleted",
            "ModelRequestStarted",
            "RunContent",
            "RunContent",
            "ModelRequestCompleted",
            "RunContentCompleted",
            "RunCompleted",
        ]
    );
    let (_, tool) = &frames[4];
    assert_eq!(tool["tool"]["result"], "Sunny in Oslo");
    assert_eq!(tool["tool"].as_object().unwrap().len(), 21);
    assert_eq!(frames[6].1["content"], "It ");
    let (_, last) = &frames[10];
    assert_eq!(last["content"], "It is\tsunny");
    assert_eq!(last["metrics"]["total_tokens"], 30);
    assert_eq!(
        last["metrics"]["details"]["model"][0]["provider"],
        "Test Chat"
    );
    assert!(
        frames
            .iter()
            .all(|(_, frame)| frame.get("event_index").is_none())
    );
    assert!(frames.iter().all(|(_, frame)| frame["session_id"] == "s"));
}

#[tokio::test]
async fn without_events_only_the_answer_is_told() {
    let server = TestServer::start().await;
    let answer = server
        .run(&[("message", "say a b c"), ("stream_events", "false")])
        .await;
    let frames = answer.frames();
    assert_eq!(frames.len(), 3);
    assert!(frames.iter().all(|(name, _)| name == "RunContent"));
}

#[tokio::test]
async fn a_run_that_is_not_streamed_is_one_object_and_stored_when_it_is_answered() {
    let server = TestServer::start().await;
    let answer = server
        .run(&[
            ("message", "call note {\"text\":\"x\"}\nsay ok"),
            ("stream", "false"),
            ("session_id", "s"),
            ("user_id", "ada"),
            ("metadata", "{\"trace\":1}"),
        ])
        .await;
    let run = answer.json();
    assert_eq!(run["status"], "COMPLETED");
    assert_eq!(run["content"], "ok");
    assert_eq!(run["session_state"]["notes"][0], "x");
    assert_eq!(run["metadata"]["trace"], 1);
    let roles: Vec<&str> = run["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["user", "assistant", "tool", "assistant"]);
    let id = run["run_id"].as_str().unwrap();
    let stored = server
        .get(&format!("/agents/bench/runs/{id}?session_id=s"))
        .await
        .json();
    assert_eq!(stored["content"], "ok");
    assert_eq!(stored["messages"], run["messages"]);
    let foreign = server
        .run(&[("message", "hi"), ("session_id", "s"), ("stream", "false")])
        .await;
    assert_eq!(
        (foreign.status, foreign.json()["detail"].as_str().unwrap()),
        (404, "Session not found")
    );
}

#[tokio::test]
async fn an_answer_that_fits_a_schema_is_an_object() {
    let server = TestServer::start().await;
    let schema = r#"{"title":"Movie","type":"object","properties":{"year":{"type":"integer"}},"required":["year"]}"#;
    let fields = [
        ("message", "say {\"year\": 1999}"),
        ("output_schema", schema),
        ("stream", "false"),
    ];
    let run = server.run(&fields).await.json();
    assert_eq!(run["content"]["year"], 1999);
    assert_eq!(run["content_type"], "Movie");
    let frames = server.run(&fields[..2]).await.frames();
    let content: Vec<_> = frames
        .iter()
        .filter(|(name, _)| name == "RunContent")
        .collect();
    assert_eq!(content.len(), 1);
    assert_eq!(content[0].1["content"]["year"], 1999);
}

#[tokio::test]
async fn agents_are_replaced_while_the_server_runs() {
    let server = TestServer::start().await;
    assert_eq!(
        server.get("/agents").await.json().as_array().unwrap().len(),
        1
    );
    server.components.replace_agents(Vec::new()).unwrap();
    assert_eq!(
        server
            .get("/agents/")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(server.run(&[("message", "hi")]).await.status, 404);
}
