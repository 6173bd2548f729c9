//! The codecs against recorded traffic and real sockets on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod check;
mod codec;
mod decode;
mod model;
mod names;
mod replay;
mod scenario;
