//! What several commands need.

pub(crate) mod decide;
pub(crate) mod example;
pub(crate) mod exit;
pub(crate) mod json;
pub(crate) mod output;
pub(crate) mod records;
pub(crate) mod source;
pub(crate) mod story;
pub(crate) mod style;
pub(crate) mod text;
pub(crate) mod watch;
