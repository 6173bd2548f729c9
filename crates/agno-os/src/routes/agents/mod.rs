//! Agents and their runs.

pub(crate) mod cancel;
pub(crate) mod checkpoints;
pub(crate) mod compact_session;
mod decisions;
pub(crate) mod detail;
pub(crate) mod fork_session;
pub(crate) mod get_run;
pub(crate) mod go_on;
pub(crate) mod list;
pub(crate) mod resume;
mod rewrite;
mod run_form;
mod run_media;
pub(crate) mod runs;
pub(crate) mod start;
