//! Reaching a server through an HTTP proxy.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use crate::{Endpoint, NetError, connect};

/// No proxy needs more to say yes.
const MAX_ANSWER: usize = 16 * 1024;

/// Connects to the proxy, and for a secure server has it make a tunnel.
pub(crate) async fn connect(
    proxy: &Url,
    endpoint: &Endpoint,
    limit: Duration,
) -> Result<TcpStream, NetError> {
    let host = proxy.host_str().unwrap_or_default();
    let port = proxy.port_or_known_default().unwrap_or(80);
    let name: Arc<str> = format!("{host}:{port}").into();
    let host = host.trim_matches(['[', ']']);
    let mut stream = connect::tcp(host, port, &name, limit).await?;
    if endpoint.origin.tls {
        let failed = |reason: String| NetError::Proxy {
            proxy: Arc::clone(&name),
            server: Arc::clone(&endpoint.server),
            reason: reason.into(),
        };
        tunnel(&mut stream, proxy, endpoint).await.map_err(failed)?;
    }
    Ok(stream)
}

async fn tunnel(stream: &mut TcpStream, proxy: &Url, endpoint: &Endpoint) -> Result<(), String> {
    let server = &endpoint.server;
    let mut request = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n").into_bytes();
    if let Some(authorization) = authorization(proxy) {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream
        .write_all(&request)
        .await
        .map_err(|error| error.to_string())?;
    // Byte by byte, so that nothing of what follows the answer is taken from the tunnel.
    let mut answer = Vec::with_capacity(256);
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= MAX_ANSWER {
            return Err("its answer is too long".to_owned());
        }
        answer.push(stream.read_u8().await.map_err(|error| error.to_string())?);
    }
    let status = std::str::from_utf8(&answer)
        .ok()
        .and_then(|text| text.split_ascii_whitespace().nth(1))
        .and_then(|status| status.parse::<u16>().ok());
    match status {
        Some(200..=299) => Ok(()),
        Some(407) => Err(
            "it wants a user name and password: write them into the address of the proxy"
                .to_owned(),
        ),
        Some(status) => Err(format!("it answered with status {status}")),
        None => Err("it does not speak HTTP".to_owned()),
    }
}

/// The header that tells the proxy who asks, if its address says so.
pub(crate) fn authorization(proxy: &Url) -> Option<HeaderValue> {
    if proxy.username().is_empty() && proxy.password().is_none() {
        return None;
    }
    let mut credentials = percent_decode(proxy.username());
    credentials.push(b':');
    credentials.extend(percent_decode(proxy.password().unwrap_or_default()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", base64(&credentials))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn percent_decode(text: &str) -> Vec<u8> {
    // A query parser decodes the same escapes; `+` is itself in a user name.
    let query = format!("v={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned().into_bytes())
        .unwrap_or_default()
}

/// Standard base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .chain(std::iter::repeat(&0))
            .take(3)
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for position in 0..4 {
            let sextet = bits >> (18 - 6 * position) & 63;
            match ALPHABET.get(sextet) {
                Some(letter) if position <= group.len() => text.push(char::from(*letter)),
                _ => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{authorization, base64};

    #[test]
    fn base64_pads() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob?>", "Zm9vYj8+"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn credentials_come_from_the_address() {
        let proxy = "http://me:p%40ss+@proxy:1".parse().unwrap();
        let value = authorization(&proxy).unwrap();
        assert_eq!(value, format!("Basic {}", base64(b"me:p@ss+")));
        assert!(authorization(&"http://proxy:1".parse().unwrap()).is_none());
    }
}
