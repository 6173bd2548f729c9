//! Values of environment variables, kept out of everything that is shown.

use std::fmt;

use super::address::percent_encoded;

/// Shorter values are not looked for: they would be found everywhere.
const SHORTEST: usize = 4;

/// What must not be shown, in the spellings in which it could turn up.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    spellings: Vec<String>,
}

impl Secrets {
    pub(super) fn add(&mut self, secret: &str) {
        let quoted = serde_json::Value::from(secret).to_string();
        let in_json = quoted.trim_matches('"').to_owned();
        for spelling in [secret.to_owned(), percent_encoded(secret), in_json] {
            if spelling.len() >= SHORTEST && !self.spellings.contains(&spelling) {
                self.spellings.push(spelling);
            }
        }
        // A secret that is part of another one must not break it up.
        self.spellings
            .sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    }

    /// The text without the secrets: servers echo what they were sent.
    pub(super) fn redact(&self, mut text: String) -> String {
        for spelling in &self.spellings {
            if text.contains(spelling.as_str()) {
                text = text.replace(spelling.as_str(), "[redacted]");
            }
        }
        text
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}
