//! What a server serves, replaceable while it runs.

use std::sync::{Arc, PoisonError, RwLock};

use agno_core::db::Db;
use agno_runtime::Agent;

use crate::error::ServeError;

/// The agents of a server, replaceable while it runs.
///
/// Runs that are under way keep the agent that they began with; requests that come later get the
/// new one. Clones are handles of the same server.
#[derive(Clone, Debug, Default)]
pub struct ComponentsHandle(Arc<RwLock<Arc<Components>>>);

/// What is served at one time.
#[derive(Debug, Default)]
pub(crate) struct Components {
    pub(crate) agents: Vec<Agent>,
}

impl ComponentsHandle {
    /// The agents served now.
    pub fn agents(&self) -> Vec<Agent> {
        self.current().agents.clone()
    }

    /// Serves these agents from now on, instead of those so far.
    ///
    /// # Errors
    /// If two of them have the same id; nothing is changed then.
    pub fn replace_agents(&self, agents: Vec<Agent>) -> Result<(), ServeError> {
        for (index, agent) in agents.iter().enumerate() {
            if agents
                .iter()
                .take(index)
                .any(|earlier| earlier.id() == agent.id())
            {
                return Err(ServeError::DuplicateId(agent.id().into()));
            }
        }
        let new = Arc::new(Components { agents });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    pub(crate) fn current(&self) -> Arc<Components> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Components {
    /// The agent of the given id.
    pub(crate) fn agent(&self, id: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id() == id)
    }

    /// The databases of the components, each once.
    pub(crate) fn databases(&self) -> Vec<Arc<dyn Db>> {
        let mut databases: Vec<Arc<dyn Db>> = Vec::new();
        for db in self.agents.iter().filter_map(Agent::db) {
            if !databases.iter().any(|known| Arc::ptr_eq(known, db)) {
                databases.push(Arc::clone(db));
            }
        }
        databases
    }
}
