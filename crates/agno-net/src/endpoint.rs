//! Where a request goes, taken apart once and shared by all requests that go there.

use std::fmt;
use std::sync::Arc;

use http::header::HOST;
use http::{HeaderMap, HeaderValue, Uri};
use url::{Position, Url};

use crate::NetError;

/// A server: what a connection is made to and kept for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) tls: bool,
    /// Without the brackets of an IPv6 address.
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
}

/// The address of a request.
pub struct Endpoint {
    pub(crate) origin: Origin,
    /// Host and port, for messages.
    pub(crate) server: Arc<str>,
    pub(crate) host_header: HeaderValue,
    /// Path and query, as a request line has them.
    pub(crate) target: Uri,
    /// The whole address, as a request line has it when it goes to a proxy.
    pub(crate) absolute: Uri,
}

impl Endpoint {
    /// Takes an `http` or `https` address apart.
    ///
    /// # Errors
    /// If it is no such address, or carries a user name (put credentials into headers).
    pub fn parse(url: &str) -> Result<Self, NetError> {
        let invalid = |reason| NetError::InvalidUrl {
            url: without_secrets(url).into(),
            reason,
        };
        let parsed = Url::parse(url).map_err(|_| invalid("write scheme://host[:port]/path"))?;
        let tls = match parsed.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(invalid("only http and https are supported")),
        };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(invalid(
                "put credentials into a header, not into the address",
            ));
        }
        let (Some(host), Some(port)) = (parsed.host_str(), parsed.port_or_known_default()) else {
            return Err(invalid("it has no host"));
        };
        let authority = &parsed[Position::BeforeHost..Position::AfterPort];
        let path = &parsed[Position::BeforePath..Position::AfterQuery];
        let absolute = &parsed[..Position::AfterQuery];
        Ok(Self {
            server: format!("{host}:{port}").into(),
            host_header: HeaderValue::from_str(authority)
                .map_err(|_| invalid("its host can't be written into a header"))?,
            target: path.parse().map_err(|_| invalid("its path is not valid"))?,
            absolute: absolute
                .parse()
                .map_err(|_| invalid("its path is not valid"))?,
            origin: Origin {
                tls,
                host: host.trim_matches(['[', ']']).into(),
                port,
            },
        })
    }

    /// Headers with which a request to this address begins.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(HOST, self.host_header.clone());
        headers
    }

    /// Whether the server is this machine's loopback.
    pub fn is_loopback(&self) -> bool {
        crate::guard::is_loopback(&self.origin.host)
    }

    /// Host and port.
    pub fn server(&self) -> &Arc<str> {
        &self.server
    }
}

/// The path and query are left out: they can hold secrets.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.origin.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.server)
    }
}

/// The address without user name, password, query and fragment.
pub(crate) fn without_secrets(url: &str) -> String {
    match Url::parse(url) {
        Ok(parsed) if parsed.has_host() => format!(
            "{}://{}{}",
            parsed.scheme(),
            &parsed[Position::BeforeHost..Position::AfterPort],
            parsed.path()
        ),
        _ => {
            let end = url.find(['?', '#', '@']).unwrap_or(url.len());
            url.get(..end).unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, without_secrets};

    #[test]
    fn an_address_is_taken_apart() {
        let endpoint = Endpoint::parse("https://api.example.com/v1/chat?a=b").unwrap();
        assert_eq!(endpoint.origin.port, 443);
        assert_eq!(endpoint.host_header, "api.example.com");
        assert_eq!(endpoint.target, "/v1/chat?a=b");
        let endpoint = Endpoint::parse("http://[::1]:8080/x").unwrap();
        assert_eq!(&*endpoint.origin.host, "::1");
        assert_eq!(endpoint.host_header, "[::1]:8080");
        assert!(endpoint.is_loopback());
    }

    #[test]
    fn unusable_addresses_are_refused_without_showing_secrets() {
        for url in ["ftp://x/", "nonsense", "http://", "https://me:secret@host/"] {
            let error = Endpoint::parse(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!(without_secrets("https://u:p@h:1/a?key=s"), "https://h:1/a");
    }
}
