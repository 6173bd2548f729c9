//! AgentOS over HTTP, on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "tests"
)]

mod child;
mod client;
mod crash;
mod disconnect;
mod framing;
mod hitl;
mod hostile;
mod many;
mod model;
mod resume;
mod server;
mod sessions;
