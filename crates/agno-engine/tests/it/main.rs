//! The machines from the outside: random agents, random models, random orders of answers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "tests fail by panicking"
)]

mod edits;
mod entropy;
mod history;
mod live;
mod output;
mod plan;
mod properties;
