use std::time::Duration;

use agno_net::{HeaderValue, Method, NetError, WebClient, WebError, WebRequest};

use crate::LIVE_SWITCH;
use crate::server::{Server, Step, answer};

fn open() -> WebClient {
    WebClient::builder().allow_private(true).build()
}

#[tokio::test]
async fn inside_addresses_are_refused_by_literal_and_by_name() {
    let _live = LIVE_SWITCH.read().await;
    let server = Server::start(vec![]).await;
    let port = server.address.port();
    let client = WebClient::new();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
        "http://10.0.0.1/".to_owned(),
    ] {
        let error = client.send(WebRequest::get(&url)).await.unwrap_err();
        assert!(
            matches!(error, WebError::PrivateAddress { .. }),
            "{url}: {error}"
        );
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_to_an_inside_address_is_refused() {
    let inside = Server::start(vec![]).await;
    let redirect = answer(
        "302 Found",
        &format!("Location: {}\r\n", inside.url("/")),
        "",
    );
    let outside = Server::start(vec![vec![Step::Read, redirect]]).await;
    // `localhost` stands for a public host here, the literal address for an inside one.
    let client = WebClient::builder().allow_private_host("localhost").build();
    let url = format!("http://localhost:{}/", outside.address.port());
    let error = client.send(WebRequest::get(url)).await.unwrap_err();
    assert!(matches!(error, WebError::PrivateAddress { .. }), "{error}");
    assert_eq!(outside.requests().len(), 1);
    assert!(inside.requests().is_empty());
}

#[tokio::test]
async fn a_request_reaches_an_allowed_host() {
    let server = Server::start(vec![vec![
        Step::Read,
        answer(
            "418 I'm a teapot",
            "Content-Type: text/plain; charset=latin1\r\nX-A: b\r\n",
            "caf",
        ),
    ]])
    .await;
    let client = WebClient::builder().allow_private_host("127.0.0.1").build();
    let request = WebRequest::post_json(server.url("/x?q=1"), &serde_json::json!({"a": 1}));
    let response = client.send(request).await.unwrap();
    assert_eq!(response.status, 418);
    assert_eq!(response.headers["x-a"], "b");
    assert_eq!(response.text(), "caf");
    let seen = &server.requests()[0];
    assert!(seen.starts_with("POST /x?q=1 HTTP/1.1\r\n"), "{seen}");
    assert!(
        seen.contains("content-type: application/json\r\n"),
        "{seen}"
    );
    assert!(seen.ends_with("\r\n\r\n{\"a\":1}"), "{seen}");
}

#[tokio::test]
async fn keys_do_not_follow_a_redirect_to_another_origin() {
    let target = Server::start(vec![vec![Step::Read, answer("200 OK", "", "there")]]).await;
    let redirect = answer(
        "303 See Other",
        &format!("Location: {}\r\n", target.url("/new")),
        "",
    );
    let server = Server::start(vec![vec![Step::Read, redirect]]).await;
    let mut request = WebRequest::post_json(server.url("/"), &serde_json::json!({}));
    for (name, value) in [
        ("x-api-key", "secret"),
        ("authorization", "secret"),
        ("accept", "a/b"),
    ] {
        request
            .headers
            .insert(name, HeaderValue::from_static(value));
    }
    let response = open().send(request).await.unwrap();
    assert_eq!(response.text(), "there");
    assert_eq!(response.url, target.url("/new"));
    let seen = &target.requests()[0];
    assert!(seen.starts_with("GET /new HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("accept: a/b\r\n"), "{seen}");
    assert!(
        !seen.contains("secret") && !seen.contains("content-type"),
        "{seen}"
    );
}

#[tokio::test]
async fn a_temporary_redirect_keeps_method_body_and_headers() {
    let server = Server::start(vec![vec![
        Step::Read,
        answer("307 Temporary Redirect", "Location: /b\r\n", ""),
        Step::Read,
        answer("200 OK", "", "ok"),
    ]])
    .await;
    let mut request = WebRequest::new(Method::PUT, server.url("/a"));
    request.body = "payload".into();
    request
        .headers
        .insert("x-api-key", HeaderValue::from_static("k"));
    open().send(request).await.unwrap();
    let seen = &server.requests()[1];
    assert!(seen.starts_with("PUT /b HTTP/1.1\r\n"), "{seen}");
    assert!(
        seen.contains("x-api-key: k\r\n") && seen.ends_with("payload"),
        "{seen}"
    );
}

#[tokio::test]
async fn redirects_are_limited() {
    let redirect = answer("302 Found", "Location: /\r\n", "");
    let steps: Vec<Step> = (0..9)
        .flat_map(|_| [Step::Read, redirect.clone()])
        .collect();
    let server = Server::start(vec![steps.clone()]).await;
    let client = WebClient::builder()
        .allow_private(true)
        .max_redirects(2)
        .build();
    let error = client
        .send(WebRequest::get(server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error, WebError::TooManyRedirects { limit: 2 });
    assert_eq!(server.requests().len(), 3);

    let server = Server::start(vec![steps]).await;
    let client = WebClient::builder()
        .allow_private(true)
        .max_redirects(0)
        .build();
    let response = client.send(WebRequest::get(server.url("/"))).await.unwrap();
    assert_eq!(response.status, 302);
}

#[tokio::test]
async fn an_answer_has_a_size_limit_with_and_without_a_length() {
    let body = "x".repeat(100);
    let chunked =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{body}\r\n0\r\n\r\n");
    for step in [answer("200 OK", "", &body), Step::Write(chunked)] {
        let server =
            Server::start(vec![vec![Step::Read, step.clone()], vec![Step::Read, step]]).await;
        let build = |limit| {
            WebClient::builder()
                .allow_private(true)
                .max_response_bytes(limit)
                .build()
        };
        let error = build(99)
            .send(WebRequest::get(server.url("/")))
            .await
            .unwrap_err();
        assert!(
            matches!(error, WebError::Net(NetError::TooLarge { limit: 99, .. })),
            "{error}"
        );
        let response = build(100)
            .send(WebRequest::get(server.url("/")))
            .await
            .unwrap();
        assert_eq!(response.body.len(), 100);
    }
}

#[tokio::test]
async fn a_slow_server_times_out() {
    let server = Server::start(vec![vec![Step::Read, Step::Hang]]).await;
    let client = WebClient::builder()
        .allow_private(true)
        .timeout(Duration::from_millis(20))
        .build();
    let error = client
        .send(WebRequest::get(server.url("/?key=secret")))
        .await
        .unwrap_err();
    assert!(
        matches!(error, WebError::Net(NetError::TimedOut { .. })),
        "{error}"
    );
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn a_client_can_be_restricted_to_hosts() {
    let _live = LIVE_SWITCH.read().await;
    let client = WebClient::builder().only_hosts(["example.test"]).build();
    for url in ["http://example.org/", "http://badexample.test/"] {
        let error = client.send(WebRequest::get(url)).await.unwrap_err();
        assert!(matches!(error, WebError::HostNotAllowed { .. }), "{error}");
    }
}

#[tokio::test]
async fn other_schemes_are_refused() {
    for url in ["file:///etc/passwd", "ftp://example.org/", "not a url"] {
        let error = WebClient::new()
            .send(WebRequest::get(url))
            .await
            .unwrap_err();
        assert!(
            matches!(error, WebError::Net(NetError::InvalidUrl { .. })),
            "{error}"
        );
    }
}
