//! Where `${NAME}` in a file comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The address that `${AGNO_URL}` stands for where nothing else is said: AgentOS's default.
const DEFAULT_URL: &str = "http://127.0.0.1:7777";

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Environment variables as a file sees them. Names are shown, values never.
///
/// `AGNO_URL` is always there: the address of the AgentOS that serves the file.
#[derive(Clone)]
pub struct Environment {
    lookup: Arc<Lookup>,
    overrides: BTreeMap<String, String>,
}

impl Environment {
    /// The variables of this process.
    pub fn process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// No variables but those added by [`Environment::with`].
    pub fn empty() -> Self {
        Self::new(|_| None)
    }

    /// Variables from elsewhere, such as a vault.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            lookup: Arc::new(lookup),
            overrides: BTreeMap::new(),
        }
    }

    /// Sets a variable, for files only: the process's own environment stays as it is.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.insert(name.into(), value.into());
        self
    }

    /// The value of a variable; one that is set to nothing counts as not set.
    pub fn get(&self, name: &str) -> Option<String> {
        let value = self
            .overrides
            .get(name)
            .cloned()
            .or_else(|| (self.lookup)(name));
        match value.filter(|value| !value.trim().is_empty()) {
            None if name == "AGNO_URL" => Some(DEFAULT_URL.to_owned()),
            value => value,
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("overrides", &self.overrides.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
