//! What nearly every program needs: `use agno::prelude::*;`.

#[cfg(feature = "os")]
pub use crate::AgentOs;
pub use crate::{
    Agent, Dependency, Effect, Event, EventKind, History, Input, MemoryDb, Requirement, Resolution,
    RunId, RunOutput, RunStatus, SessionState, Sqlite, Tool, ToolContext, ToolError, ToolOutput,
    ToolResult, tool, toolkit,
};
