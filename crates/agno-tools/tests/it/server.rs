//! A server on this machine that gives one answer and keeps what it was asked.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) struct Server {
    pub(crate) base: String,
    requests: JoinHandle<Request>,
}

/// One request as it came.
pub(crate) struct Request {
    /// Method and target.
    pub(crate) line: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (given, value) = line.split_once(": ")?;
            given.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Server {
    /// A server that answers its first request so.
    pub(crate) async fn answering(status: &str, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let body = body.into();
        let mut answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        )
        .into_bytes();
        answer.extend_from_slice(&body);
        let requests = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read(&mut stream).await;
            stream.write_all(&answer).await.unwrap();
            request
        });
        Self { base, requests }
    }

    pub(crate) async fn json(body: &str) -> Self {
        Self::answering("200 OK", "application/json", body).await
    }

    /// What it was asked.
    pub(crate) async fn request(self) -> Request {
        self.requests.await.unwrap()
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "the request ended early");
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let mut lines = head.split("\r\n").map(str::to_owned);
        let line = lines.next().unwrap();
        let request = Request {
            line: line.trim_end_matches(" HTTP/1.1").to_owned(),
            headers: lines.collect(),
            body: body.to_owned(),
        };
        let length = request
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        if body.len() >= length {
            return request;
        }
    }
}
