//! What nearly every program needs: `use agno::prelude::*;`.

#[cfg(feature = "os")]
pub use crate::AgentOs;
pub use crate::db::Db;
pub use crate::{
    Agent, AgentBuilder, BuildError, Dependency, Effect, Event, EventKind, History, Input, Json,
    MemoryDb, Model, OpenAiChat, Requirement, Resolution, RunId, RunOutput, RunStatus,
    SessionState, Sqlite, Tool, ToolContext, ToolError, ToolOutput, ToolResult, tool, toolkit,
};
