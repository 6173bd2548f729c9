//! The builder of a server.

use std::future::Future;
use std::sync::Arc;

use agno_core::db::Db;
use agno_runtime::Agent;

use crate::components::ComponentsHandle;
use crate::error::ServeError;
use crate::serve;
use crate::server::Settings;

/// An HTTP server for agents.
///
/// All settings have defaults; what a server serves are its agents.
#[derive(Debug)]
#[must_use = "a server does nothing before it serves"]
pub struct AgentOs {
    settings: Settings,
    agents: Vec<Agent>,
    components: ComponentsHandle,
}

impl Default for AgentOs {
    fn default() -> Self {
        Self::new()
    }
}

impl AgentOs {
    /// A server without agents.
    pub fn new() -> Self {
        Self {
            settings: Settings {
                id: "agno-os".into(),
                name: None,
                description: None,
                version: None,
                origins: Vec::new(),
                body_limit: 20 << 20,
                background_runs: 32,
                db: None,
            },
            agents: Vec::new(),
            components: ComponentsHandle::default(),
        }
    }

    /// The server's id. Default `agno-os`.
    pub fn id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.settings.id = id.into();
        self
    }

    /// The server's name for people. Default: the id.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// What the server is for.
    pub fn description(mut self, description: impl Into<Arc<str>>) -> Self {
        self.settings.description = Some(description.into());
        self
    }

    /// The version of what is served, as its maker counts.
    pub fn version(mut self, version: impl Into<Arc<str>>) -> Self {
        self.settings.version = Some(version.into());
        self
    }

    /// Serves an agent.
    pub fn agent(mut self, agent: Agent) -> Self {
        self.agents.push(agent);
        self
    }

    /// Serves agents.
    pub fn agents(mut self, agents: impl IntoIterator<Item = Agent>) -> Self {
        self.agents.extend(agents);
        self
    }

    /// The database that sessions are looked for in where a request names none. Default: that of
    /// the first agent that has one.
    pub fn db(mut self, db: impl Into<Arc<dyn Db>>) -> Self {
        self.settings.db = Some(db.into());
        self
    }

    /// Lets web pages of this origin ask, beside `http://localhost:3000` and Agno's own UI. `*`
    /// lets all.
    pub fn cors_origin(mut self, origin: impl Into<String>) -> Self {
        self.settings.origins.push(origin.into());
        self
    }

    /// The most bytes that the body of a request may have. Default 20 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// How many background runs are under way at a time; others wait as pending. Default 32.
    pub fn background_runs(mut self, runs: usize) -> Self {
        self.settings.background_runs = runs.max(1);
        self
    }

    /// A handle to replace the agents while the server runs.
    pub fn components(&self) -> ComponentsHandle {
        self.components.clone()
    }

    /// Serves on an address such as `127.0.0.1:7777` until the process ends.
    ///
    /// # Errors
    /// If the address can't be listened on, two agents have the same id, or the database fails.
    pub async fn serve(self, address: &str) -> Result<(), ServeError> {
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(|source| ServeError::Listen {
                address: address.into(),
                source,
            })?;
        self.serve_on(listener).await
    }

    /// Serves on a listener until the process ends.
    ///
    /// # Errors
    /// As for [`AgentOs::serve`].
    pub async fn serve_on(self, listener: tokio::net::TcpListener) -> Result<(), ServeError> {
        self.serve_until(listener, std::future::pending()).await
    }

    /// Serves on a listener until `end` is ready. Then no connection is accepted any more, answers
    /// under way have some seconds to end, and background runs go on at the next start.
    ///
    /// # Errors
    /// As for [`AgentOs::serve`].
    pub async fn serve_until(
        self,
        listener: tokio::net::TcpListener,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        self.components.replace_agents(self.agents)?;
        serve::serve(self.settings, self.components, listener, end).await
    }
}
