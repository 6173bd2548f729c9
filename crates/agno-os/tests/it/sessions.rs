//! Sessions.

use serde_json::json;

use crate::client::{request, send};
use crate::server::TestServer;

#[tokio::test]
async fn a_session_is_created_changed_and_deleted() {
    let server = TestServer::start().await;
    let call = |method: &'static str, path: String, body: serde_json::Value| {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        send(
            &server.address,
            request(method, &path, &[], body.as_bytes()),
        )
    };
    let new = json!({"session_id": "s", "session_name": "Fresh", "session_state": {"a": 1}, "user_id": "u"});
    let created = call("POST", "/sessions?type=agent".into(), new.clone()).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.json()["agent_session_id"], "s");
    assert_eq!(call("POST", "/sessions".into(), new).await.status, 409);
    let renamed = call(
        "POST",
        "/sessions/s/rename".into(),
        json!({"session_name": "New"}),
    )
    .await;
    assert_eq!(renamed.json()["session_name"], "New");
    let patched = call(
        "PATCH",
        "/sessions/s".into(),
        json!({"session_state": {"b": 2}}),
    )
    .await;
    assert_eq!(patched.json()["session_state"], json!({"b": 2}));
    assert_eq!(server.get("/sessions/s?type=team").await.status, 404);
    assert_eq!(server.get("/sessions/s?user_id=other").await.status, 404);
    assert_eq!(server.get("/sessions/s/runs").await.json(), json!([]));
    for _ in 0..2 {
        assert_eq!(
            call("DELETE", "/sessions/s".into(), json!(null))
                .await
                .status,
            204
        );
    }
    assert_eq!(server.get("/sessions/s").await.status, 404);
}

#[tokio::test]
async fn lists_are_paged_sorted_and_filtered() {
    let server = TestServer::start().await;
    for number in 0..5 {
        let session = format!("s{number}");
        let user = if number < 2 { "ada" } else { "bob" };
        let fields = [
            ("message", "say hi"),
            ("session_id", session.as_str()),
            ("user_id", user),
            ("stream", "false"),
        ];
        assert_eq!(server.run(&fields).await.status, 200);
    }
    let page = server
        .get("/sessions?limit=2&page=2&sort_order=asc")
        .await
        .json();
    assert_eq!(page["meta"]["total_pages"], 3);
    assert_eq!(page["data"][0]["session_id"], "s2");
    assert_eq!(page["data"][0]["total_tokens"], 15);
    let of_ada = server.get("/sessions?user_id=ada").await.json();
    assert_eq!(of_ada["meta"]["total_count"], 2);
    assert_eq!(
        server.get("/sessions?page=99").await.json()["data"],
        json!([])
    );
    for (query, status) in [
        ("limit=0", 422),
        ("page=x", 422),
        ("type=banana", 422),
        ("sort_order=up", 422),
        ("sort_by=nothing", 400),
        ("db_id=nope", 404),
        ("table=x", 400),
    ] {
        assert_eq!(
            server.get(&format!("/sessions?{query}")).await.status,
            status
        );
    }
    let detail = server.get("/sessions/s0").await.json();
    assert_eq!(detail["chat_history"].as_array().unwrap().len(), 2);
    assert_eq!(detail["agent_data"]["model"]["id"], "obedient");
    let preview = server.get("/sessions/s0/run-previews").await.json();
    assert_eq!(preview[0]["content_preview"], "hi");
}

#[tokio::test]
async fn the_description_names_every_route() {
    let server = TestServer::start().await;
    let api = server.get("/openapi.json").await.json();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = api["paths"].as_object().unwrap();
    for path in [
        "/agents/{agent_id}/runs",
        "/sessions/{session_id}",
        "/health",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    let docs = server.get("/docs").await;
    assert!(docs.text().contains("openapi.json"));
    assert!(!docs.text().contains("https://"));
}

#[tokio::test]
async fn a_run_of_someone_else_has_no_checkpoints_either() {
    let server = TestServer::start().await;
    let run = server
        .run(&[
            ("message", "say hi"),
            ("session_id", "private"),
            ("user_id", "ada"),
            ("stream", "false"),
        ])
        .await
        .json();
    let run = run["run_id"].as_str().unwrap();
    for path in ["", "/checkpoints", "/checkpoints/1"] {
        for (user, status) in [("ada", 200), ("eve", 404)] {
            let address =
                format!("/agents/bench/runs/{run}{path}?session_id=private&user_id={user}");
            assert_eq!(server.get(&address).await.status, status, "{address}");
        }
    }
}
