//! Agno in Rust: agents, AgentOS and the `agno` command.

// What the macros write names this crate, also where it is used in this crate itself.
extern crate self as agno;

pub use agno_core::{
    Content, Dependencies, Dependency, Effect, Event, EventKind, Finish, FinishReason,
    FromToolContext, Interaction, IntoTool, IntoToolResult, Json, Media, MediaKind, MediaSource,
    Message, Model, ModelError, ModelErrorKind, ModelSettings, Recovery, Requirement,
    RequirementKind, Resolution, RunFailure, RunId, RunScope, RunStatus, Schema, SessionId,
    SessionState, Tool, ToolChoice, ToolContext, ToolError, ToolErrorKind, ToolOutput, ToolResult,
    ToolSet, ToolSpec, Usage, UserId, db, function_tool, nearest, open_database, read_arguments,
    resolve_model,
};
pub use agno_engine::{HistoryPolicy as History, Limits, RetryPolicy, RunOutput, test_models};
pub use agno_macros::{tool, toolkit};
pub use agno_models::OpenAiChat;
pub use agno_runtime::{
    Agent, AgentBuilder, BuildError, Context, Durability, Edit, Error, Input, Instructions,
    LiveRuns, RunRequest, RunStream,
};
pub use agno_store::{MemoryDb, Sqlite};
pub use agno_tools as tools;

/// What can go wrong, with this crate's error filled in.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What most programs need: `use agno::prelude::*;`
pub mod prelude {
    pub use crate::db::Db;
    pub use crate::{
        Agent, AgentBuilder, BuildError, Dependency, Effect, Event, EventKind, History, Input,
        Json, MemoryDb, Model, OpenAiChat, RunOutput, RunStatus, SessionState, Sqlite, Tool,
        ToolContext, ToolError, ToolOutput, ToolResult, tool, toolkit,
    };
}

/// What the macros write refers to. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use agno_core::{
        BoxFuture, Effect, FromToolContext, Interaction, IntoToolResult, Schema, Tool, ToolContext,
        ToolResult, ToolSpec, read_arguments,
    };
    pub use {schemars, serde, serde_json};
}
