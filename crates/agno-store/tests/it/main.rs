//! What the databases of this crate do, seen from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "tests"
)]

mod conformance;
mod crash;
mod model;
mod open;
mod sqlite;
