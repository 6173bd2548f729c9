//! Agno in Rust: agents, AgentOS and the `agno` command.

// What the macros write names this crate, also where it is used in this crate itself.
extern crate self as agno;

pub use agno_core::{
    Dependencies, Dependency, Effect, FromToolContext, Interaction, IntoToolResult, RunScope,
    Schema, SessionState, Tool, ToolContext, ToolError, ToolErrorKind, ToolOutput, ToolResult,
    ToolSet, ToolSpec, function_tool, read_arguments,
};
pub use agno_macros::{tool, toolkit};

/// What the macros write refers to. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use agno_core::{
        BoxFuture, Effect, FromToolContext, Interaction, IntoToolResult, Schema, Tool, ToolContext,
        ToolResult, ToolSpec, read_arguments,
    };
    pub use {schemars, serde, serde_json};
}
