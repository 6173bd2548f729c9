//! Secure connections. Roots are read once per process, so the tests that need the test
//! certificate to be trusted run in a process of their own with `SSL_CERT_FILE` set.

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use agno_net::{
    Bytes, Endpoint, Exchange, Method, ModelClient, NetError, ProxySettings, Request, Timeouts,
    WebClient, WebRequest,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::LIVE_SWITCH;

/// Set in the process that trusts the test certificate.
const INNER: &str = "AGNO_NET_TEST_TRUSTS_FIXTURE";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(fixture("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

async fn answer_all(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    while read_head(&mut stream).await.is_some() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure";
        stream.write_all(answer).await.unwrap();
        stream.flush().await.unwrap();
    }
}

/// A server that speaks TLS, after it has made a tunnel if one is asked for.
async fn start(is_proxy: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _): (TcpStream, _) = listener.accept().await.unwrap();
            if is_proxy {
                let head = read_head(&mut stream).await.unwrap();
                assert!(head.starts_with("CONNECT api.example.test:443 "), "{head}");
                stream
                    .write_all(b"HTTP/1.1 200 Connected\r\n\r\n")
                    .await
                    .unwrap();
            }
            if let Ok(stream) = acceptor().accept(stream).await {
                tokio::spawn(answer_all(stream));
            }
        }
    });
    port
}

async fn get(client: &ModelClient, url: &str) -> Result<Bytes, NetError> {
    let endpoint = Endpoint::parse(url).unwrap();
    let request = Request {
        method: Method::GET,
        headers: Arc::new(endpoint.headers()),
        endpoint: Arc::new(endpoint),
        body: Bytes::new(),
        timeouts: Timeouts::default(),
    };
    let mut exchange = Exchange::new(client.clone(), request);
    poll_fn(|cx| exchange.poll_response(cx)).await?;
    poll_fn(|cx| exchange.poll_whole(100, cx)).await
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let port = start(false).await;
    let error = get(&ModelClient::new(), &format!("https://localhost:{port}/"))
        .await
        .unwrap_err();
    assert!(matches!(error, NetError::Tls(_)), "{error}");
}

#[test]
fn trusted_certificates_work() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "tls::inside_a_process_that_trusts_the_certificate",
        ])
        .env("SSL_CERT_FILE", fixture("server.pem"))
        .env_remove("SSL_CERT_DIR")
        .env(INNER, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[tokio::test]
async fn inside_a_process_that_trusts_the_certificate() {
    if std::env::var_os(INNER).is_none() {
        return;
    }
    let _live = LIVE_SWITCH.read().await;
    let port = start(false).await;
    let client = ModelClient::new();
    for host in ["localhost", "127.0.0.1"] {
        for _ in 0..2 {
            let body = get(&client, &format!("https://{host}:{port}/"))
                .await
                .unwrap();
            assert_eq!(&*body, b"secure");
        }
    }
    assert_eq!(client.idle_connections(), 2);

    let proxy = format!("http://127.0.0.1:{}", start(true).await);
    let client = ModelClient::with_proxies(ProxySettings::from_lookup(|name| {
        (name == "HTTPS_PROXY").then(|| proxy.clone())
    }));
    let body = get(&client, "https://api.example.test/").await.unwrap();
    assert_eq!(&*body, b"secure");

    let client = WebClient::builder().allow_private(true).build();
    let request = WebRequest::get(format!("https://localhost:{port}/"));
    assert_eq!(client.send(request).await.unwrap().text(), "secure");
}
