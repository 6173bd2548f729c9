//! The example that is used where there is no file, and that `agno init` writes.

/// The text of the example, an agents file.
pub(crate) const EXAMPLE: &str = include_str!("../agents.yaml");

/// What messages call it.
pub(crate) const NAME: &str = "(built-in example)";
