//! Making a connection: proxy, TCP, TLS, HTTP.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::connection::Connection;
use crate::proxy::ProxySettings;
use crate::{Endpoint, NetError, proxy_tunnel, tls};

/// Connects to the server of `endpoint` within `limit`.
pub(crate) async fn connect(
    endpoint: Arc<Endpoint>,
    proxies: Arc<ProxySettings>,
    limit: Duration,
) -> Result<Box<Connection>, NetError> {
    timeout(limit, open(&endpoint, &proxies, limit))
        .await
        .unwrap_or_else(|_| {
            Err(NetError::TimedOut {
                server: Arc::clone(&endpoint.server),
                waiting: "accepted no connection",
                limit,
            })
        })
}

async fn open(
    endpoint: &Endpoint,
    proxies: &ProxySettings,
    limit: Duration,
) -> Result<Box<Connection>, NetError> {
    let origin = &endpoint.origin;
    let proxy = proxies.proxy_for(origin.tls, &origin.host);
    let stream = match proxy {
        None => tcp(&origin.host, origin.port, &endpoint.server, limit).await?,
        Some(proxy) => proxy_tunnel::connect(proxy, endpoint, limit).await?,
    };
    let stream = if origin.tls {
        Stream::Tls(Box::new(secure(endpoint, stream).await?))
    } else {
        Stream::Plain(stream)
    };
    let received = Arc::new(AtomicU64::new(0));
    let io = TokioIo::new(Counted {
        stream,
        received: Arc::clone(&received),
    });
    let (sender, driver) = http1::handshake::<_, Full<Bytes>>(io)
        .await
        .map_err(|error| NetError::Connect {
            server: Arc::clone(&endpoint.server),
            reason: error.to_string().into(),
        })?;
    let proxy_authorization = proxy
        .filter(|_| !origin.tls)
        .map(proxy_tunnel::authorization);
    Ok(Box::new(Connection::new(
        sender,
        driver,
        received,
        proxy_authorization,
    )))
}

/// Opens a TCP connection, trying the addresses of the name in turn.
pub(crate) async fn tcp(
    host: &str,
    port: u16,
    server: &Arc<str>,
    limit: Duration,
) -> Result<TcpStream, NetError> {
    let failed = |error: &io::Error| NetError::Connect {
        server: Arc::clone(server),
        reason: error.to_string().into(),
    };
    let deadline = Instant::now() + limit;
    let addresses: Vec<_> = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| failed(&error))?
        .collect();
    let mut last = NetError::Connect {
        server: Arc::clone(server),
        reason: "the name has no address".into(),
    };
    for (tried, address) in addresses.iter().enumerate() {
        // An address that swallows packets must leave time for the next one.
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true).map_err(|error| failed(&error))?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = failed(&error),
            Err(_) => {
                last = NetError::TimedOut {
                    server: Arc::clone(server),
                    waiting: "accepted no connection",
                    limit,
                };
            }
        }
    }
    Err(last)
}

async fn secure(endpoint: &Endpoint, stream: TcpStream) -> Result<TlsStream<TcpStream>, NetError> {
    let failed = |reason: String| NetError::Tls(format!("{}: {reason}", endpoint.server).into());
    let name = ServerName::try_from(endpoint.origin.host.to_string())
        .map_err(|error| failed(error.to_string()))?;
    TlsConnector::from(tls::http1_config()?)
        .connect(name, stream)
        .await
        .map_err(|error| failed(error.to_string()))
}

/// A connection's bytes, secured or not.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A stream that counts what it receives. Whether a pooled connection may be replaced silently
/// depends on whether the server had begun to answer.
pub(crate) struct Counted {
    stream: Stream,
    received: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        };
        let read = buffer.filled().len() - before;
        if read > 0 {
            self.received.fetch_add(read as u64, Ordering::Relaxed);
        }
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
