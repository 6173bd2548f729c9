//! The clients against real sockets on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod exchange;
mod live;
mod server;
mod tls;
mod web;

/// Held for reading by tests that name a host beyond loopback, for writing by the one that switches
/// such hosts off for the whole process.
static LIVE_SWITCH: tokio::sync::RwLock<()> = tokio::sync::RwLock::const_new(());
