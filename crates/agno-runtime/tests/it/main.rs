//! Agents from the outside: with scripted models and real databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    clippy::print_stdout,
    reason = "tests fail by panicking"
)]

mod agents;
mod context;
mod crash;
mod faults;
mod kill;
mod limits;
mod observers;
mod sessions;
mod specs;
mod world;
