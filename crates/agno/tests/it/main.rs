//! The library as its users see it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unused_async,
    missing_docs,
    reason = "tests"
)]

mod cli;
mod declarative;
mod tool_macro;
