//! The vocabulary of agno-rs: messages, media, tools, models, events, runs, and the traits that
//! other crates implement.
//!
//! Nothing here does IO, spawns, sleeps or reads a clock. Types are designed for Rust, not for a
//! wire: provider codecs and AgentOS have their own views of them.

pub mod db;
mod digest;
mod error;
mod event;
mod function_tool;
mod ids;
mod json;
mod media;
mod message;
mod model;
mod nearest;
mod registry;
mod run;
pub mod schema;
mod state;
mod thread;
mod time;
mod tool;
mod tool_arguments;
mod tool_context;
mod usage;

pub use digest::Digest;
pub use error::{ModelError, ModelErrorKind, Recovery};
pub use event::{
    Event, EventKind, ModelRequestCompleted, ModelRequestRetried, Requirement, RequirementKind,
    Resolution, RunFailure,
};
pub use function_tool::function_tool;
pub use ids::{CommandId, RunId, SessionId, UserId};
pub use json::Json;
pub use linkme;
pub use media::{Media, MediaKind, MediaSource};
pub use message::{
    AssistantMessage, Citation, Content, Message, ProviderData, RichContent, SystemMessage,
    ToolCall, ToolMessage, UserMessage,
};
pub use model::{
    CallOptions, Finish, FinishReason, Model, ModelChunk, ModelInfo, ModelReply, ModelRequest,
    ModelSettings, ModelStream, OutputFormat, ReplyMetadata, ReplyStream, StructuredOutput,
    ToolChoice,
};
pub use nearest::nearest;
pub use registry::{
    DATABASE_SCHEMES, DatabaseScheme, MODEL_RESOLVERS, ModelResolver, ModelSource, ResolveError,
    open_database, resolve_model,
};
pub use run::{RunStatus, ToolExecution, parse_arguments};
pub use schema::{Schema, SchemaError, Violation, Violations};
pub use state::{Dependencies, SessionState, StatePatch};
pub use thread::Thread;
pub use time::{Timestamp, Timing};
pub use tool::{
    Effect, Interaction, IntoTool, IntoToolResult, RichToolOutput, Tool, ToolError, ToolErrorKind,
    ToolOutput, ToolResult, ToolSet, ToolSetError, ToolSpec,
};
pub use tool_arguments::read_arguments;
pub use tool_context::{Dependency, FromToolContext, RunScope, ToolContext};
pub use usage::Usage;

use std::future::Future;
use std::pin::Pin;

/// An owned, erased future: what the traits of this crate return.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
