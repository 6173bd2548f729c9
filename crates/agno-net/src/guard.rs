//! The switch that keeps a test suite from talking to the world by accident.
//!
//! A forgotten stub in a test costs money and makes the suite depend on a network. The switch is
//! process-wide because the mistake is: whoever makes the request does not know that it runs in a
//! test. Loopback always stays reachable, so fake servers need nothing.

use std::net::IpAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set to `off`, `false`, `0` or `no` to refuse live requests from the start of the process.
pub const LIVE_REQUESTS_VARIABLE: &str = "AGNO_LIVE_REQUESTS";

static ALLOWED: LazyLock<AtomicBool> = LazyLock::new(|| {
    let refused = std::env::var(LIVE_REQUESTS_VARIABLE).is_ok_and(|value| {
        matches!(
            value.trim().to_ascii_lowercase().as_str(),
            "off" | "false" | "0" | "no"
        )
    });
    AtomicBool::new(!refused)
});

/// Allows or refuses connections to anything but this machine's loopback, for the whole process.
///
/// Allowed unless the environment variable `AGNO_LIVE_REQUESTS` says `off`. A refused request fails
/// with [`NetError::LiveRequestsDisabled`](crate::NetError::LiveRequestsDisabled) before a name is
/// looked up.
pub fn allow_live_requests(allowed: bool) {
    ALLOWED.store(allowed, Ordering::Relaxed);
}

/// Whether connections to anything but loopback are allowed.
pub fn live_requests_allowed() -> bool {
    ALLOWED.load(Ordering::Relaxed)
}

/// Whether a request to `host` may be made at all.
pub(crate) fn may_contact(host: &str) -> bool {
    live_requests_allowed() || is_loopback(host)
}

/// Whether `host`, a name or a literal address, is this machine's loopback.
pub fn is_loopback(host: &str) -> bool {
    let host = host
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(host);
    let host = host.strip_suffix('.').unwrap_or(host);
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.to_canonical().is_loopback();
    }
    // RFC 6761 keeps `localhost` and everything below it on this machine.
    host.eq_ignore_ascii_case("localhost")
        || host
            .len()
            .checked_sub(".localhost".len())
            .and_then(|start| host.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(".localhost"))
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn loopback_has_many_spellings() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "api.localhost",
            "127.0.0.1",
            "127.8.8.8",
            "[::1]",
            "::1",
            "::ffff:127.0.0.1",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.example.com",
            "notlocalhost",
            "10.0.0.1",
            "0.0.0.0",
            "[fe80::1]",
            "127.0.0.1.nip.io",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
