//! What AgentOS says on the wire, as views of the framework's types.
//!
//! All JSON shapes of the HTTP API live here and nowhere else: the framework's types are made for
//! Rust, and a client's expectations must not leak into them. Views borrow what they show.

pub(crate) mod agent;
pub(crate) mod event;
pub(crate) mod frame;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod metrics;
pub(crate) mod requirement;
pub(crate) mod run;
pub(crate) mod run_calls;
pub(crate) mod run_row;
pub(crate) mod session;
pub(crate) mod time;
pub(crate) mod tool;
