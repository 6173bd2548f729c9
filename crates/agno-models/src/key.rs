//! API keys, which must never be seen.

use std::fmt;
use std::sync::Arc;

use agno_net::HeaderValue;

/// An API key. It is shown as `…`, wherever it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Arc<str>);

impl ApiKey {
    /// A key; white space around it, as from a file or an environment variable, is dropped.
    pub fn new(key: &str) -> Self {
        Self(key.trim().into())
    }

    pub(crate) fn fits_a_header(&self) -> bool {
        // What a header value may hold, without making one.
        let fits = |byte: u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
        self.0.bytes().all(fits)
    }

    /// The value of a header, marked as secret.
    pub(crate) fn header_value(&self, prefix: &str) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("{prefix}{}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The text without the key.
    pub(crate) fn redact(&self, text: Arc<str>) -> Arc<str> {
        // What is so short is no secret but a placeholder such as `none`, and part of many words.
        const SHORTEST_SECRET: usize = 8;
        if self.0.len() < SHORTEST_SECRET || !text.contains(&*self.0) {
            return text;
        }
        text.replace(&*self.0, "…").into()
    }
}

impl From<&str> for ApiKey {
    fn from(key: &str) -> Self {
        Self::new(key)
    }
}

impl From<String> for ApiKey {
    fn from(key: String) -> Self {
        Self::new(&key)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}
