//! What making agents from a file needs, and what it gives.

use std::fmt;
use std::sync::Arc;

use agno_core::db::Db;
use agno_runtime::Agent;

use super::environment::Environment;

/// The database of a file that names none.
pub const DEFAULT_DATABASE: &str = "sqlite:agno.db";

/// How agents are made from a file. The default is what a library should do: the process's
/// environment, and an error where a model can't be had.
#[derive(Clone, Debug)]
#[must_use]
pub struct BuildOptions {
    pub(super) environment: Environment,
    pub(super) db: Option<Arc<dyn Db>>,
    pub(super) offline: bool,
    pub(super) model: Option<ModelOverride>,
}

#[derive(Clone, Debug)]
pub(super) struct ModelOverride {
    pub(super) agent: Option<String>,
    pub(super) name: Option<String>,
    pub(super) base_url: Option<String>,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self {
            environment: Environment::process(),
            db: None,
            offline: false,
            model: None,
        }
    }
}

impl BuildOptions {
    /// Where `${NAME}` and keys come from.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// The database to use instead of the one that the file names.
    pub fn db(mut self, db: impl Into<Arc<dyn Db>>) -> Self {
        self.db = Some(db.into());
        self
    }

    /// Lets the offline model stand in for models whose key is not set, and for agents without a
    /// model when no key is set at all. [`Setup::stand_ins`] tells where it did.
    pub fn allow_offline(mut self) -> Self {
        self.offline = true;
        self
    }

    /// The model to use instead of what the file says, for one agent or for all: `provider:model`
    /// or `offline`, and where its API is.
    pub fn model(
        mut self,
        agent: Option<&str>,
        name: Option<&str>,
        base_url: Option<&str>,
    ) -> Self {
        self.model = Some(ModelOverride {
            agent: agent.map(str::to_owned),
            name: name.map(str::to_owned),
            base_url: base_url.map(str::to_owned),
        });
        self
    }
}

/// What a file comes to.
#[derive(Clone)]
#[non_exhaustive]
pub struct Setup {
    /// The agents, in the order of the file.
    pub agents: Vec<Agent>,
    /// Their database.
    pub db: Arc<dyn Db>,
    /// Where the offline model stands in for another.
    pub stand_ins: Vec<StandIn>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("agents", &self.agents)
            .field("db", &self.db.id())
            .field("stand_ins", &self.stand_ins)
            .finish()
    }
}

/// The offline model stands in for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// The agent.
    pub agent: String,
    /// Why, and what to set.
    pub reason: String,
    /// The model that the file names, if it names one.
    pub model: Option<String>,
}
