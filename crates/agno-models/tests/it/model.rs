//! The model with its client, against servers on loopback.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};

use agno_core::{Message, Model, ModelChunk, ModelError, ModelErrorKind, ModelRequest, Thread};
use agno_models::OpenAiChat;
use agno_net::ModelClient;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers each request with the next text, on as few connections as the client opens.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    async fn start(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(answers.into_iter()));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let (seen, opened) = (Arc::clone(&requests), Arc::clone(&connections));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                *opened.lock().unwrap() += 1;
                let (answers, seen) = (Arc::clone(&answers), Arc::clone(&seen));
                tokio::spawn(async move {
                    let mut received = String::new();
                    let mut buffer = [0; 4096];
                    loop {
                        let read = stream.read(&mut buffer).await.unwrap_or(0);
                        if read == 0 {
                            return;
                        }
                        received.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
                        // All bodies sent here are JSON objects without trailing text.
                        if !received.ends_with("}") {
                            continue;
                        }
                        seen.lock().unwrap().push(std::mem::take(&mut received));
                        let answer = answers.lock().unwrap().next().unwrap();
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        Self {
            url,
            requests,
            connections,
        }
    }

    fn model(&self) -> Arc<agno_models::ChatModel> {
        OpenAiChat::new("gpt-test")
            .base_url(&self.url)
            .api_key("sk-very-secret")
            .header("x-team", "blue")
            .client(ModelClient::new())
            .build()
            .unwrap()
    }
}

fn request(deltas: bool) -> ModelRequest {
    ModelRequest {
        thread: Thread::from_iter([Arc::new(Message::user("hi"))]),
        tools: Arc::default(),
        deltas,
        options: None,
    }
}

/// All chunks of a call, and the error if it ends in one.
async fn call(model: &dyn Model, deltas: bool) -> (Vec<ModelChunk>, Option<ModelError>) {
    let mut stream = model.stream(request(deltas));
    let mut chunks = Vec::new();
    while let Some(chunk) = poll_fn(|cx| stream.poll_next(cx)).await {
        match chunk {
            Ok(chunk) => chunks.push(chunk),
            Err(error) => {
                let after = poll_fn(|cx| stream.poll_next(cx)).await;
                assert!(after.is_none(), "nothing comes after an error");
                return (chunks, Some(error));
            }
        }
    }
    (chunks, None)
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

const EVENTS: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"he\"}}]}\n\n\
     data: {\"choices\":[{\"delta\":{\"content\":\"llo\"},\"finish_reason\":\"stop\"}]}\n\n\
     data: [DONE]\n\n";

#[tokio::test]
async fn whole_and_streamed_calls_share_a_connection() {
    let whole = "{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}";
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{EVENTS}\r\n0\r\n\r\n",
        EVENTS.len()
    );
    let server = Server::start(vec![
        answer("200 OK", whole),
        chunked.clone(),
        chunked,
        answer("200 OK", whole),
    ])
    .await;
    let model = server.model();
    for deltas in [false, true, true, false] {
        let (chunks, error) = call(&*model, deltas).await;
        assert_eq!(error, None);
        let texts = chunks
            .iter()
            .filter(|chunk| matches!(chunk, ModelChunk::Text(_)));
        assert_eq!(texts.count(), if deltas { 2 } else { 0 });
        assert!(matches!(chunks.last(), Some(ModelChunk::Done(_))));
    }
    assert_eq!(*server.connections.lock().unwrap(), 1);
    let requests = server.requests.lock().unwrap();
    let head = requests[0].to_lowercase();
    assert!(
        head.starts_with("post /v1/chat/completions http/1.1\r\n"),
        "{head}"
    );
    for header in [
        "authorization: bearer sk-very-secret",
        "x-team: blue",
        "content-type: application/json",
        "host: 127.0.0.1:",
    ] {
        assert!(head.contains(header), "{head}");
    }
}

#[tokio::test]
async fn errors_name_the_variable_and_hide_the_key() {
    let body = "{\"error\":{\"message\":\"Bearer sk-very-secret is wrong\"}}";
    let server = Server::start(vec![answer("401 Unauthorized", body)]).await;
    let (_, error) = call(&*server.model(), true).await;
    let error = error.unwrap();
    assert_eq!(error.kind, ModelErrorKind::Authentication);
    assert_eq!(error.status, Some(401));
    assert!(error.message.contains("OPENAI_API_KEY"), "{error}");
    assert!(
        !format!("{error:?}").contains("sk-very-secret"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_stream_that_breaks_keeps_its_text() {
    let cut = EVENTS.find("data: [DONE]").unwrap() - 90;
    let body = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9999\r\n\r\n{}",
        &EVENTS[..cut.max(50)]
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
    });
    let model = OpenAiChat::new("m").base_url(url).build().unwrap();
    let (chunks, error) = call(&*model, true).await;
    let error = error.unwrap();
    assert_eq!(error.kind, ModelErrorKind::Connection, "{error}");
    assert_eq!(chunks, [ModelChunk::Text("he".into())]);
    assert_eq!(error.partial_text.as_deref(), Some("he"));
}

#[tokio::test]
async fn a_request_that_can_not_be_written_is_an_error_of_the_call() {
    let server = Server::start(vec![]).await;
    let model = server.model();
    let mut request = request(false);
    let mut content = agno_core::Content::text("x");
    let video = agno_core::Media::url(agno_core::MediaKind::Video, "https://x/y.mp4");
    content.rich_mut().media.push(video);
    request
        .thread
        .push(Arc::new(Message::User(agno_core::UserMessage { content })));
    let mut stream = model.stream(request);
    let first = poll_fn(|cx| stream.poll_next(cx)).await;
    assert_eq!(
        first.unwrap().unwrap_err().kind,
        ModelErrorKind::InvalidRequest
    );
    assert!(poll_fn(|cx| stream.poll_next(cx)).await.is_none());
    assert!(server.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_happens_before_a_call_is_polled() {
    let server = Server::start(vec![]).await;
    drop(server.model().stream(request(true)));
    tokio::task::yield_now().await;
    assert_eq!(*server.connections.lock().unwrap(), 0);
}

#[tokio::test]
async fn live_requests_can_be_switched_off() {
    // Nobody answers for this name, so that nothing happens even if the switch fails.
    let model = OpenAiChat::new("m")
        .base_url("https://api.example.invalid/v1")
        .api_key("sk-very-secret")
        .build()
        .unwrap();
    agno_net::allow_live_requests(false);
    let (_, error) = call(&*model, true).await;
    agno_net::allow_live_requests(true);
    let error = error.unwrap();
    assert_eq!(error.kind, ModelErrorKind::LiveRequestsDisabled, "{error}");
    assert!(error.message.contains("AGNO_LIVE_REQUESTS"), "{error}");
}
