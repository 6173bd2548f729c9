//! Which hosts and addresses a web client may ask.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::WebError;
use crate::address::is_public;
use crate::guard;
use crate::{NetError, ProxySettings};

#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    pub(super) allow_private: bool,
    pub(super) private_hosts: Vec<String>,
    pub(super) only_hosts: Option<Vec<String>>,
}

/// A host as it is compared: lower case, without brackets and final dot.
pub(super) fn normalise(host: &str) -> String {
    host.trim()
        .trim_matches(['[', ']'])
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

impl Policy {
    /// Checks what is known before a name is resolved.
    pub(super) fn check_url(&self, url: &Url) -> Result<(), WebError> {
        let Some(host) = url.host() else {
            return Err(invalid(url, "it has no host"));
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid(url, "only http and https are supported"));
        }
        let name = normalise(&host.to_string());
        if !guard::may_contact(&name) {
            let host = name.into();
            return Err(NetError::LiveRequestsDisabled { host }.into());
        }
        if let Some(only) = &self.only_hosts
            && !only.iter().any(|allowed| is_or_is_below(&name, allowed))
        {
            return Err(WebError::HostNotAllowed { host: name.into() });
        }
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        match literal {
            Some(address) if !self.allows(&name, address) => Err(refused(&name)),
            _ => Ok(()),
        }
    }

    /// Resolves a name and keeps the addresses that may be asked.
    pub(super) async fn resolve(&self, name: &str) -> Result<Vec<SocketAddr>, WebError> {
        let host = normalise(name);
        let resolved: Vec<SocketAddr> = tokio::net::lookup_host((name, 0))
            .await
            .map_err(|error| NetError::Connect {
                server: host.as_str().into(),
                reason: error.to_string().into(),
            })?
            .collect();
        let allowed: Vec<SocketAddr> = resolved
            .iter()
            .copied()
            .filter(|address| self.allows(&host, address.ip()))
            .collect();
        if allowed.is_empty() && !resolved.is_empty() {
            return Err(refused(&host));
        }
        Ok(allowed)
    }

    fn allows(&self, host: &str, address: IpAddr) -> bool {
        self.allow_private
            || is_public(address)
            || self.private_hosts.iter().any(|allowed| allowed == host)
    }
}

fn is_or_is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn refused(host: &str) -> WebError {
    WebError::PrivateAddress { host: host.into() }
}

fn invalid(url: &Url, reason: &'static str) -> WebError {
    let url = crate::endpoint::without_secrets(url.as_str()).into();
    NetError::InvalidUrl { url, reason }.into()
}

/// Resolves names for the client below, which connects to exactly what this returns.
pub(super) struct GuardedResolver {
    pub(super) policy: Arc<Policy>,
    pub(super) proxies: &'static ProxySettings,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.policy);
        // The operator chose the proxy, and proxies usually have a private address.
        let is_proxy = self.proxies.is_proxy_host(name.as_str());
        Box::pin(async move {
            let addresses = if is_proxy {
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect()
            } else {
                policy
                    .resolve(name.as_str())
                    .await
                    .map_err(|error| Box::new(error) as Box<dyn Error + Send + Sync>)?
            };
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
