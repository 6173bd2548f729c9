//! Proxies as the environment names them.

use std::fmt;
use std::net::IpAddr;
use std::sync::LazyLock;

use url::Url;

use crate::guard::is_loopback;

/// The proxies of this process: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, each in
/// either case. Loopback is never reached through a proxy.
#[derive(Clone, Default)]
pub struct ProxySettings {
    http: Option<Url>,
    https: Option<Url>,
    bypass: Bypass,
}

/// Hosts that are reached without the proxy.
#[derive(Clone, Default, Debug)]
struct Bypass {
    everything: bool,
    entries: Vec<BypassEntry>,
}

#[derive(Clone, Debug)]
enum BypassEntry {
    /// The host itself and everything below it.
    Domain(String),
    Address(IpAddr),
    /// The addresses that share the first so many bits.
    Network(IpAddr, u8),
}

impl ProxySettings {
    /// What the environment says; read once per process.
    pub fn from_environment() -> &'static Self {
        static SETTINGS: LazyLock<ProxySettings> = LazyLock::new(|| {
            ProxySettings::from_lookup(|name| {
                std::env::var(name)
                    .or_else(|_| std::env::var(name.to_ascii_lowercase()))
                    .ok()
            })
        });
        &SETTINGS
    }

    /// What the given look-up of variables says. A proxy address that can't be used is reported
    /// through `tracing` and left out.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        // Under CGI, `HTTP_PROXY` is what a client sent as its `Proxy` header.
        let under_cgi = lookup("REQUEST_METHOD").is_some();
        let all = lookup("ALL_PROXY");
        let read = |name: &str| {
            lookup(name)
                .filter(|value| !value.trim().is_empty())
                .or_else(|| all.clone())
                .and_then(|value| parse_proxy(name, value.trim()))
        };
        Self {
            http: if under_cgi { None } else { read("HTTP_PROXY") },
            https: read("HTTPS_PROXY"),
            bypass: Bypass::parse(&lookup("NO_PROXY").unwrap_or_default()),
        }
    }

    /// The proxy for a request to `host`, if there is one.
    pub fn proxy_for(&self, tls: bool, host: &str) -> Option<&Url> {
        let proxy = if tls {
            self.https.as_ref()
        } else {
            self.http.as_ref()
        }?;
        (!is_loopback(host) && !self.bypass.covers(host)).then_some(proxy)
    }

    /// Whether `host` is one of the proxies.
    pub(crate) fn is_proxy_host(&self, host: &str) -> bool {
        [&self.http, &self.https]
            .into_iter()
            .flatten()
            .any(|proxy| proxy.host_str().is_some_and(|name| name == host))
    }
}

/// User names and passwords of proxies are left out.
impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = |url: &Option<Url>| {
            url.as_ref()
                .and_then(|url| url.host_str().map(str::to_owned))
        };
        f.debug_struct("ProxySettings")
            .field("http", &host(&self.http))
            .field("https", &host(&self.https))
            .field("bypass", &self.bypass)
            .finish()
    }
}

fn parse_proxy(variable: &str, value: &str) -> Option<Url> {
    let parsed = if value.contains("://") {
        Url::parse(value)
    } else {
        Url::parse(&format!("http://{value}"))
    };
    match parsed {
        Ok(url) if url.scheme() == "http" && url.host_str().is_some() => Some(url),
        _ => {
            // The value is not shown: it can hold a password.
            tracing::warn!(
                variable,
                "ignoring the proxy: only http://[user:password@]host[:port] is supported"
            );
            None
        }
    }
}

impl Bypass {
    fn parse(list: &str) -> Self {
        let mut bypass = Self::default();
        for entry in list
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
        {
            if entry == "*" {
                bypass.everything = true;
            } else {
                bypass.entries.push(BypassEntry::parse(entry));
            }
        }
        bypass
    }

    fn covers(&self, host: &str) -> bool {
        self.everything || self.entries.iter().any(|entry| entry.covers(host))
    }
}

impl BypassEntry {
    fn parse(entry: &str) -> Self {
        if let Some((network, bits)) = entry.split_once('/')
            && let (Ok(network), Ok(bits)) = (network.parse(), bits.parse())
        {
            return Self::Network(network, bits);
        }
        if let Ok(address) = entry.trim_matches(['[', ']']).parse() {
            return Self::Address(address);
        }
        let entry = entry.trim_start_matches("*.").trim_start_matches('.');
        // A port is accepted but not compared: proxies are chosen by host here.
        let name = entry.split(':').next().unwrap_or(entry);
        Self::Domain(name.to_ascii_lowercase())
    }

    fn covers(&self, host: &str) -> bool {
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        match (self, address) {
            (Self::Domain(domain), None) => {
                let host = host.to_ascii_lowercase();
                host.strip_suffix(domain.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            (Self::Address(entry), Some(address)) => *entry == address,
            (Self::Network(network, bits), Some(address)) => in_network(*network, *bits, address),
            _ => false,
        }
    }
}

fn in_network(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (
            u128::from(network.to_bits()),
            u128::from(address.to_bits()),
            32,
        ),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let ignored = u32::saturating_sub(width, u32::from(bits));
    (network ^ address).checked_shr(ignored).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::ProxySettings;

    fn settings(variables: &[(&str, &str)]) -> ProxySettings {
        ProxySettings::from_lookup(|name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn no_proxy_names_hosts_domains_and_networks() {
        let settings = settings(&[
            ("HTTPS_PROXY", "proxy.corp:3128"),
            (
                "NO_PROXY",
                "internal.corp, .example.org,*.test,10.0.0.0/8,192.0.2.7",
            ),
        ]);
        let used = |host: &str| settings.proxy_for(true, host).is_some();
        assert!(used("api.openai.com"));
        assert!(used("notinternal.corp"));
        assert!(used("11.0.0.1"));
        assert!(!used("internal.corp"));
        assert!(!used("a.internal.corp"));
        assert!(!used("A.EXAMPLE.org"));
        assert!(!used("x.test"));
        assert!(!used("10.200.3.4"));
        assert!(!used("192.0.2.7"));
        assert!(!used("localhost"));
        assert!(!used("127.0.0.1"));
        assert!(settings.proxy_for(false, "api.openai.com").is_none());
    }

    #[test]
    fn a_cgi_client_cannot_choose_the_proxy() {
        let settings = settings(&[("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")]);
        assert!(settings.proxy_for(false, "example.com").is_none());
    }

    #[test]
    fn debug_hides_the_password() {
        let settings = settings(&[("HTTP_PROXY", "http://me:secret@proxy:1")]);
        let shown = format!("{settings:?}");
        assert!(
            shown.contains("proxy") && !shown.contains("secret"),
            "{shown}"
        );
    }

    #[test]
    fn an_unusable_proxy_is_left_out() {
        assert!(
            settings(&[("ALL_PROXY", "socks5://proxy:1080")])
                .proxy_for(true, "example.com")
                .is_none()
        );
    }
}
