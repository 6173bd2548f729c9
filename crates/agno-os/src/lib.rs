//! AgentOS: an HTTP server for agents, wire-compatible with Agno 3.x.
//!
//! ```no_run
//! # async fn serve(agent: agno_runtime::Agent) -> Result<(), Box<dyn std::error::Error>> {
//! use agno_os::AgentOs;
//!
//! AgentOs::new().id("my-os").agent(agent).serve("127.0.0.1:7777").await?;
//! # Ok(()) }
//! ```
//!
//! The framework below knows nothing of HTTP. Here are the routes, one a file; the JSON shapes, all
//! in `wire`; and what a server adds to a run: observers that come and go, a bound on runs in the
//! background, and going on after the process was killed.

mod components;
mod error;
mod http;
mod os;
mod routes;
mod runs;
mod serve;
mod server;
mod wire;

pub use components::ComponentsHandle;
pub use error::ServeError;
pub use os::AgentOs;
