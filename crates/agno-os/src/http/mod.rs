//! HTTP without AgentOS: reading requests, refusing them, and answering.

pub(crate) mod body;
pub(crate) mod cors;
pub(crate) mod edge;
pub(crate) mod error;
pub(crate) mod field;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod query;
