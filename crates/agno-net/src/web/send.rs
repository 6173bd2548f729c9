//! Sending a web request: hop by hop, each one checked.

use std::error::Error;
use std::sync::{Arc, OnceLock};

use bytes::{Bytes, BytesMut};
use reqwest::Client;
use url::{Host, Url};

use super::policy::{GuardedResolver, Policy};
use super::{Limits, Shared, WebError, WebRequest, WebResponse, redirect};
use crate::{NetError, ProxySettings, tls};

/// The clients below, made when first needed: one that can't do TLS and so reads no certificates.
pub(super) struct Transport {
    policy: Arc<Policy>,
    plain: OnceLock<Result<Client, NetError>>,
    secure: OnceLock<Result<Client, NetError>>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transport")
    }
}

impl Transport {
    pub(super) fn new(policy: Arc<Policy>) -> Self {
        Self {
            policy,
            plain: OnceLock::new(),
            secure: OnceLock::new(),
        }
    }

    fn client(&self, secure: bool) -> Result<&Client, NetError> {
        let cell = if secure { &self.secure } else { &self.plain };
        cell.get_or_init(|| self.make(secure))
            .as_ref()
            .map_err(Clone::clone)
    }

    fn make(&self, secure: bool) -> Result<Client, NetError> {
        let proxies = ProxySettings::from_environment();
        let config = if secure {
            tls::client_config()?
        } else {
            tls::config_without_roots()?
        };
        Client::builder()
            .tls_backend_preconfigured(config)
            .dns_resolver(GuardedResolver {
                policy: Arc::clone(&self.policy),
                proxies,
            })
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .proxy(reqwest::Proxy::custom(move |url| {
                let host = url.host_str()?;
                proxies.proxy_for(url.scheme() == "https", host).cloned()
            }))
            .user_agent(concat!("agno-rs/", env!("CARGO_PKG_VERSION")))
            .tcp_nodelay(true)
            .build()
            .map_err(|error| NetError::Tls(error.without_url().to_string().into()))
    }
}

pub(super) async fn send(shared: &Shared, request: WebRequest) -> Result<WebResponse, WebError> {
    let server = crate::endpoint::without_secrets(&request.url);
    let limit = shared.limits.timeout;
    tokio::time::timeout(limit, follow(shared, request))
        .await
        .unwrap_or_else(|_| {
            Err(WebError::Net(NetError::TimedOut {
                server: server.into(),
                waiting: "did not answer",
                limit,
            }))
        })
}

async fn follow(shared: &Shared, mut request: WebRequest) -> Result<WebResponse, WebError> {
    let mut url = Url::parse(&request.url).map_err(|_| NetError::InvalidUrl {
        url: crate::endpoint::without_secrets(&request.url).into(),
        reason: "write scheme://host/path",
    })?;
    for _ in 0..=shared.limits.redirects {
        check(shared, &url).await?;
        let client = shared.transport.client(url.scheme() == "https")?;
        let response = client
            .request(request.method.clone(), url.clone())
            .headers(request.headers.clone())
            .body(request.body.clone())
            .send()
            .await
            .map_err(|error| translate(&url, error))?;
        let next = redirect::target(&url, response.status(), response.headers())?;
        match next {
            Some(next) if shared.limits.redirects > 0 => {
                redirect::follow(&mut request, response.status(), &url, &next);
                url = next;
            }
            _ => return read(&shared.limits, url, response).await,
        }
    }
    Err(WebError::TooManyRedirects {
        limit: shared.limits.redirects,
    })
}

async fn check(shared: &Shared, url: &Url) -> Result<(), WebError> {
    shared.policy.check_url(url)?;
    let proxies = ProxySettings::from_environment();
    let Some(Host::Domain(name)) = url.host() else {
        return Ok(());
    };
    let through_proxy = proxies.proxy_for(url.scheme() == "https", name).is_some();
    // Through a proxy the name is resolved elsewhere, and the proxy's own name is exempt from the
    // check at connect time: both are looked up here. A name unknown here is left to the proxy.
    if (through_proxy || proxies.is_proxy_host(name))
        && let Err(error @ WebError::PrivateAddress { .. }) = shared.policy.resolve(name).await
    {
        return Err(error);
    }
    Ok(())
}

async fn read(
    limits: &Limits,
    url: Url,
    mut response: reqwest::Response,
) -> Result<WebResponse, WebError> {
    let limit = limits.response_bytes;
    let too_large = || NetError::TooLarge {
        server: server_of(&url),
        limit,
    };
    if response
        .content_length()
        .is_some_and(|length| length > limit as u64)
    {
        return Err(too_large().into());
    }
    let mut body = BytesMut::new();
    let mut first = Bytes::new();
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|error| translate(&url, error))?
    {
        if first.len() + body.len() + piece.len() > limit {
            return Err(too_large().into());
        }
        if first.is_empty() {
            // Most answers come in one piece, which is then used as it is.
            first = piece;
        } else {
            body.extend_from_slice(&piece);
        }
    }
    let body = if body.is_empty() {
        first
    } else {
        let mut whole = BytesMut::with_capacity(first.len() + body.len());
        whole.extend_from_slice(&first);
        whole.extend_from_slice(&body);
        whole.freeze()
    };
    Ok(WebResponse {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body,
        url: url.into(),
    })
}

/// Our own refusal if the resolver below was the one to say no; otherwise what went wrong.
fn translate(url: &Url, error: reqwest::Error) -> WebError {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    let mut reason = None;
    while let Some(current) = source {
        if let Some(ours) = current.downcast_ref::<WebError>() {
            return ours.clone();
        }
        reason = Some(current.to_string());
        source = current.source();
    }
    let server = server_of(url);
    let is_connect = error.is_connect();
    let reason = reason
        .unwrap_or_else(|| error.without_url().to_string())
        .into();
    WebError::Net(if is_connect {
        NetError::Connect { server, reason }
    } else {
        NetError::Broken { server, reason }
    })
}

fn server_of(url: &Url) -> Arc<str> {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}").into(),
        None => host.into(),
    }
}
