//! A client that shows bytes as they are.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn frames(&self) -> Vec<(String, Value)> {
        frames(&self.text())
    }
}

/// The frames of a stream; each must be two lines, the second JSON that repeats the name.
pub fn frames(text: &str) -> Vec<(String, Value)> {
    text.split("\n\n")
        .filter(|frame| !frame.is_empty())
        .map(|frame| {
            let (name, data) = frame.split_once("\ndata: ").unwrap();
            let name = name.strip_prefix("event: ").unwrap();
            let data: Value = serde_json::from_str(data).unwrap();
            assert_eq!(data["event"], name);
            (name.to_owned(), data)
        })
        .collect()
}

/// A connection whose answer is read piece by piece.
pub struct Streaming {
    socket: TcpStream,
    raw: Vec<u8>,
}

impl Streaming {
    pub async fn open(address: &str, request: Vec<u8>) -> Self {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(&request).await.unwrap();
        Self {
            socket,
            raw: Vec::new(),
        }
    }

    /// Reads until `found` says that it is enough, or the end.
    pub async fn read_until(&mut self, found: impl Fn(&str) -> bool) -> String {
        let mut buffer = [0; 4096];
        loop {
            let text = body_so_far(&self.raw);
            if found(&text) {
                return text;
            }
            let count = self.socket.read(&mut buffer).await.unwrap();
            if count == 0 {
                return body_so_far(&self.raw);
            }
            self.raw.extend_from_slice(&buffer[..count]);
        }
    }
}

fn body_so_far(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    match text.split_once("\r\n\r\n") {
        Some((head, body)) if head.contains("chunked") => {
            String::from_utf8(unchunk(body.as_bytes())).unwrap()
        }
        Some((_, body)) => body.to_owned(),
        None => String::new(),
    }
}

/// The content of a chunked body, as far as it is there.
fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(end) = body.windows(2).position(|pair| pair == b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).unwrap();
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else {
            break;
        };
        let start = end + 2;
        if size == 0 || body.len() < start + size + 2 {
            break;
        }
        content.extend_from_slice(&body[start..start + size]);
        body = &body[start + size + 2..];
    }
    content
}

pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut request = request.into_bytes();
    request.extend_from_slice(body);
    request
}

pub async fn send(address: &str, request: Vec<u8>) -> Answer {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(&request).await.unwrap();
    let mut raw = Vec::new();
    socket.read_to_end(&mut raw).await.unwrap();
    let split = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(raw[..split].to_vec()).unwrap();
    let body = &raw[split + 4..];
    let body = if head.to_lowercase().contains("transfer-encoding: chunked") {
        unchunk(body)
    } else {
        body.to_vec()
    };
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_lowercase(),
        body,
    }
}

pub fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        .into_bytes()
}

pub fn post_form(path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let kind = ("content-type", "application/x-www-form-urlencoded");
    request("POST", path, &[kind], &form(fields))
}

pub fn get(path: &str) -> Vec<u8> {
    request("GET", path, &[], b"")
}
