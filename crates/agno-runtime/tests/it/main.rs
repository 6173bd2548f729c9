//! Agents from the outside: with scripted models and real databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code,
    reason = "tests fail by panicking"
)]

mod agents;
mod crash;
mod world;
