use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use agno_net::{
    Bytes, Endpoint, Exchange, HeaderValue, Method, ModelClient, NetError, ProxySettings, Request,
    Timeouts,
};

use crate::LIVE_SWITCH;
use crate::server::{Server, Step, answer};

fn request(url: &str) -> Request {
    let endpoint = Endpoint::parse(url).unwrap();
    let mut headers = endpoint.headers();
    headers.insert("x-test", HeaderValue::from_static("1"));
    Request {
        method: Method::POST,
        headers: Arc::new(headers),
        endpoint: Arc::new(endpoint),
        body: Bytes::from_static(b"hello"),
        timeouts: Timeouts::default(),
    }
}

async fn whole(client: &ModelClient, request: Request) -> Result<(u16, Bytes), NetError> {
    let mut exchange = Exchange::new(client.clone(), request);
    let head = poll_fn(|cx| exchange.poll_response(cx)).await?;
    let body = poll_fn(|cx| exchange.poll_whole(1024, cx)).await?;
    Ok((head.status, body))
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let ok = answer("200 OK", "", "one");
    let steps = vec![Step::Read, ok.clone(), Step::Read, ok, Step::Hang];
    let server = Server::start(vec![steps]).await;
    let client = ModelClient::new();
    for _ in 0..2 {
        let (status, body) = whole(&client, request(&server.url("/a?b=c")))
            .await
            .unwrap();
        assert_eq!((status, &*body), (200, &b"one"[..]));
        assert_eq!(client.idle_connections(), 1);
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(
        requests[0].starts_with("POST /a?b=c HTTP/1.1\r\n"),
        "{}",
        requests[0]
    );
    assert!(requests[0].contains("x-test: 1\r\n"));
    assert!(requests[0].ends_with("\r\n\r\nhello"));
}

#[tokio::test]
async fn a_connection_that_died_while_idle_is_replaced() {
    let ok = answer("200 OK", "", "one");
    // The first connection is closed after one answer; the second one reads and hangs up without
    // a word when it is used again, as a server does whose timeout strikes at that moment.
    let server = Server::start(vec![
        vec![Step::Read, ok.clone()],
        vec![Step::Read, ok.clone(), Step::Read],
        vec![Step::Read, ok],
    ])
    .await;
    let client = ModelClient::new();
    for _ in 0..3 {
        let (status, _) = whole(&client, request(&server.url("/"))).await.unwrap();
        assert_eq!(status, 200);
    }
    assert!(server.requests().len() >= 3);
}

#[tokio::test]
async fn a_fresh_connection_that_dies_is_an_error() {
    let server = Server::start(vec![vec![Step::Read]]).await;
    let error = whole(&ModelClient::new(), request(&server.url("/")))
        .await
        .unwrap_err();
    assert!(matches!(error, NetError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn a_body_that_is_cut_is_an_error() {
    for head in [
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "Content-Length: 5\r\n\r\nhel",
    ] {
        let text = format!("HTTP/1.1 200 OK\r\n{head}");
        let server = Server::start(vec![vec![Step::Read, Step::Write(text)]]).await;
        let client = ModelClient::new();
        let error = whole(&client, request(&server.url("/"))).await.unwrap_err();
        assert!(matches!(error, NetError::Broken { .. }), "{error}");
        assert_eq!(client.idle_connections(), 0);
    }
}

#[tokio::test]
async fn a_stream_arrives_piece_by_piece_and_its_connection_is_kept() {
    let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n";
    let ok = answer("200 OK", "", "next");
    let server = Server::start(vec![vec![
        Step::Read,
        Step::Write(text.to_owned()),
        Step::Write("0\r\n\r\n".to_owned()),
        Step::Read,
        ok,
    ]])
    .await;
    let client = ModelClient::new();
    let mut exchange = Exchange::new(client.clone(), request(&server.url("/")));
    let head = poll_fn(|cx| exchange.poll_response(cx)).await.unwrap();
    assert_eq!(head.status, 200);
    let mut body = Vec::new();
    while body.len() < 6 {
        let piece = poll_fn(|cx| exchange.poll_data(cx)).await.unwrap().unwrap();
        body.extend_from_slice(&piece);
    }
    assert_eq!(body, b"onetwo");
    // As after a stream's last event: nobody waits for the end of the body.
    exchange.finish();
    drop(exchange);
    assert_eq!(client.idle_connections(), 1);
    let (_, body) = whole(&client, request(&server.url("/"))).await.unwrap();
    assert_eq!(&*body, b"next");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_that_goes_on_after_its_end_loses_its_connection() {
    let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n".to_owned();
    let server = Server::start(vec![
        vec![Step::Read, Step::Write(endless), Step::Hang],
        vec![Step::Read, answer("200 OK", "", "fresh")],
    ])
    .await;
    let client = ModelClient::new();
    let mut exchange = Exchange::new(client.clone(), request(&server.url("/")));
    poll_fn(|cx| exchange.poll_response(cx)).await.unwrap();
    poll_fn(|cx| exchange.poll_data(cx)).await.unwrap().unwrap();
    exchange.finish();
    let (_, body) = whole(&client, request(&server.url("/"))).await.unwrap();
    assert_eq!(&*body, b"fresh");
}

#[tokio::test]
async fn silence_times_out() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n".to_owned();
    for answer in [
        vec![Step::Read, Step::Hang],
        vec![Step::Read, Step::Write(head), Step::Hang],
    ] {
        let server = Server::start(vec![answer.clone()]).await;
        let mut request = request(&server.url("/"));
        request.timeouts.read = Duration::from_secs(30);
        let mut exchange = Exchange::new(ModelClient::new(), request);
        if answer.len() == 3 {
            poll_fn(|cx| exchange.poll_response(cx)).await.unwrap();
            poll_fn(|cx| exchange.poll_data(cx)).await.unwrap().unwrap();
        }
        // With a paused clock, waiting for nothing takes no time.
        tokio::time::pause();
        let error = if answer.len() == 3 {
            poll_fn(|cx| exchange.poll_data(cx))
                .await
                .unwrap()
                .unwrap_err()
        } else {
            poll_fn(|cx| exchange.poll_response(cx)).await.unwrap_err()
        };
        tokio::time::resume();
        assert!(matches!(error, NetError::TimedOut { .. }), "{error}");
        assert!(error.to_string().ends_with("within 30 s"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_has_a_size_limit() {
    let server = Server::start(vec![vec![
        Step::Read,
        answer("200 OK", "", &"x".repeat(2000)),
    ]])
    .await;
    let error = whole(&ModelClient::new(), request(&server.url("/")))
        .await
        .unwrap_err();
    assert!(
        matches!(error, NetError::TooLarge { limit: 1024, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = whole(&ModelClient::new(), request(&format!("http://{address}/")))
        .await
        .unwrap_err();
    assert!(matches!(error, NetError::Connect { .. }), "{error}");
}

#[tokio::test]
async fn garbage_is_an_error() {
    let server = Server::start(vec![vec![
        Step::Read,
        Step::Write("SSH-2.0-x\r\n".to_owned()),
    ]])
    .await;
    let error = whole(&ModelClient::new(), request(&server.url("/")))
        .await
        .unwrap_err();
    assert!(matches!(error, NetError::Broken { .. }), "{error}");
}

fn proxied(server: &Server) -> ModelClient {
    let address = format!("http://me:secret@{}", server.address);
    ModelClient::with_proxies(ProxySettings::from_lookup(|name| {
        matches!(name, "HTTP_PROXY" | "HTTPS_PROXY").then(|| address.clone())
    }))
}

#[tokio::test]
async fn a_proxy_gets_the_whole_address() {
    let _live = LIVE_SWITCH.read().await;
    let server = Server::start(vec![vec![Step::Read, answer("200 OK", "", "x")]]).await;
    let url = "http://api.example.test:81/a?b";
    whole(&proxied(&server), request(url)).await.unwrap();
    let seen = &server.requests()[0];
    assert!(
        seen.starts_with("POST http://api.example.test:81/a?b HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.contains("host: api.example.test:81\r\n"), "{seen}");
    assert!(
        seen.contains("proxy-authorization: Basic bWU6c2VjcmV0\r\n"),
        "{seen}"
    );
}

#[tokio::test]
async fn a_proxy_makes_tunnels_or_says_why_not() {
    let _live = LIVE_SWITCH.read().await;
    let refusal = Step::Write("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n".to_owned());
    let server = Server::start(vec![vec![Step::Read, refusal]]).await;
    let error = whole(&proxied(&server), request("https://api.example.test/"))
        .await
        .unwrap_err();
    let seen = &server.requests()[0];
    assert!(
        seen.starts_with("CONNECT api.example.test:443 HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(matches!(error, NetError::Proxy { .. }), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn without_a_runtime_there_is_an_error_instead_of_a_panic() {
    let mut exchange = Exchange::new(ModelClient::new(), request("http://127.0.0.1:9/"));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = exchange.poll_response(&mut cx);
    assert!(
        matches!(
            &polled,
            std::task::Poll::Ready(Err(NetError::InvalidRequest(_)))
        ),
        "{polled:?}"
    );
}

#[test]
fn runtimes_do_not_share_connections() {
    let client = ModelClient::new();
    let server_runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let ok = answer("200 OK", "", "x");
    let server = server_runtime.block_on(Server::start(vec![
        vec![Step::Read, ok.clone(), Step::Hang],
        vec![Step::Read, ok, Step::Hang],
    ]));
    for expected_idle in [1, 2] {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime
            .block_on(whole(&client, request(&server.url("/"))))
            .unwrap();
        assert_eq!(client.idle_connections(), expected_idle);
    }
}
