//! Requests that nobody should send.

use crate::client::{request, send};
use crate::server::TestServer;

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_json() {
    let server = TestServer::start().await;
    let unknown = server.get("/nope").await;
    assert_eq!(
        (unknown.status, unknown.json()["detail"].as_str().unwrap()),
        (404, "Not Found")
    );
    let wrong = send(&server.address, request("PUT", "/agents", &[], b"")).await;
    assert_eq!(wrong.status, 405);
    assert!(wrong.head.contains("allow: get\r\n"), "{}", wrong.head);
    assert_eq!(wrong.json()["detail"], "Method Not Allowed");
    let head = send(&server.address, request("HEAD", "/health", &[], b"")).await;
    assert_eq!((head.status, head.body.len()), (405, 0));
    let deep = format!("/{}", "a/".repeat(4000));
    assert_eq!(server.get(&deep).await.status, 404);
    assert_eq!(
        server
            .get("/agents/..%2f..%2fetc/runs/%00?session_id=%ff")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused_and_the_server_lives() {
    let server = TestServer::start().await;
    let body = vec![b'a'; 50 << 20];
    for kind in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
    ] {
        let large = request(
            "POST",
            "/agents/bench/runs",
            &[("content-type", kind)],
            &body,
        );
        let answer = send(&server.address, large).await;
        assert_eq!(answer.status, 413);
        assert!(
            answer.json()["detail"]
                .as_str()
                .unwrap()
                .contains("larger than")
        );
    }
    let sessions = request("POST", "/sessions", &[], &body);
    assert_eq!(send(&server.address, sessions).await.status, 413);
    assert_eq!(server.get("/health").await.status, 200);
}

type Headers<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn broken_forms_are_refused_with_what_is_wrong() {
    let server = TestServer::start().await;
    let multipart = ("content-type", "multipart/form-data; boundary=x");
    let cases: [(Headers<'_>, &[u8], u16); 6] = [
        (&[multipart], b"--x\r\nrubbish", 400),
        (
            &[multipart],
            b"--x\r\ncontent-disposition: form-data; name=\"message\"\r\n\r\n\xff\xfe\r\n--x--\r\n",
            400,
        ),
        (&[("content-type", "multipart/form-data")], b"", 400),
        (&[], b"message=hi", 422),
        (
            &[("content-type", "application/json")],
            b"{\"message\":\"hi\"}",
            422,
        ),
        (
            &[("content-type", "application/x-www-form-urlencoded")],
            b"stream=false",
            422,
        ),
    ];
    for (headers, body, status) in cases {
        let answer = send(
            &server.address,
            request("POST", "/agents/bench/runs", headers, body),
        )
        .await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(!answer.json()["detail"].is_null());
    }
}

#[tokio::test]
async fn fields_are_used_or_refused_never_dropped() {
    let server = TestServer::start().await;
    let deep = "[".repeat(100_000);
    let cases = [
        ("stream", "maybe", 422),
        ("session_state", "{bad", 422),
        ("session_state", "[1]", 422),
        ("dependencies", "\"x\"", 422),
        ("metadata", "[1]", 422),
        ("metadata", &deep, 422),
        ("output_schema", "[1,2]", 422),
        ("output_schema", "{\"type\": \"nonsense\"}", 422),
        ("images", "{\"filepath\": \"/etc/passwd\"}", 422),
        ("images", "[{\"content\": \"%%%\"}]", 422),
        ("images", "7", 422),
        ("knowledge_filters", "{}", 400),
        ("factory_input", "{}", 400),
        ("version", "abc", 422),
        ("version", "3", 400),
        ("no_such_option", "1", 422),
    ];
    for (name, value, status) in cases {
        let answer = server
            .run(&[("message", "hi"), ("stream", "false"), (name, value)])
            .await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        assert!(!answer.json()["detail"].is_null());
    }
    let sessions = server.get("/sessions").await.json();
    assert_eq!(sessions["meta"]["total_count"], 0);
}

#[tokio::test]
async fn json_bodies_are_checked() {
    let server = TestServer::start().await;
    let cases: [(&str, &str, &[u8], u16); 6] = [
        ("POST", "/sessions", b"{", 422),
        ("POST", "/sessions", b"[]", 422),
        ("POST", "/sessions", b"{\"session_state\": 3}", 422),
        ("POST", "/sessions/x/rename", b"{}", 422),
        ("DELETE", "/sessions", b"{\"session_ids\": \"a\"}", 422),
        ("PATCH", "/sessions/x", b"{\"session_name\": \"y\"}", 404),
    ];
    for (method, path, body, status) in cases {
        let answer = send(&server.address, request(method, path, &[], body)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_not_let_in() {
    let server = TestServer::start().await;
    let preflight = |origin| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
        ];
        request("OPTIONS", "/agents", &headers, b"")
    };
    let denied = send(&server.address, preflight("https://evil.example")).await;
    assert_eq!(denied.status, 400);
    assert!(!denied.head.contains("access-control-allow-origin"));
    let allowed = send(&server.address, preflight("http://localhost:3000")).await;
    assert_eq!(allowed.status, 200);
    assert!(
        allowed
            .head
            .contains("access-control-allow-origin: http://localhost:3000")
    );
}
