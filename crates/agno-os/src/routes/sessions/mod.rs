//! Conversations.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod delete_one;
pub(crate) mod find;
pub(crate) mod get;
pub(crate) mod get_run;
pub(crate) mod list;
pub(crate) mod patch;
pub(crate) mod previews;
pub(crate) mod rename;
pub(crate) mod runs;
