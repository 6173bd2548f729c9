//! Agno in Rust: agents, AgentOS and the `agno` command.
//!
//! # An agent
//!
//! An agent is a model with instructions and tools. It is immutable and cheap to clone; everything
//! that changes lives in its runs.
//!
//! ```no_run
//! use agno::prelude::*;
//!
//! #[tokio::main]
//! async fn main() -> agno::Result<()> {
//!     let agent = Agent::builder("helper")
//!         .model("openai:gpt-4o") // the key comes from OPENAI_API_KEY
//!         .instructions("Be brief.")
//!         .build()?;
//!     println!("{}", agent.run("Why is the sky blue?").await?);
//!     Ok(())
//! }
//! ```
//!
//! In tests and examples the test models of [`models`] take the place of a provider: they need
//! neither a network nor a key.
//!
//! # Tools
//!
//! A tool is an async function with a description. The model sees what the doc comment says; the
//! arguments' types become the JSON Schema.
//!
//! ```
//! use agno::models::{ScriptedModel, Turn};
//! use agno::prelude::*;
//!
//! /// Current weather in a city.
//! ///
//! /// * `city` - its name, such as "Paris"
//! #[tool(effect = pure)]
//! async fn weather(city: String) -> ToolResult {
//!     Ok(ToolOutput::text(format!("It is 14 °C and raining in {city}.")))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> agno::Result<()> {
//! let model = ScriptedModel::new([
//!     Turn::call("weather", serde_json::json!({ "city": "Paris" })),
//!     Turn::text("Yes, it is raining."),
//! ]);
//! let agent = Agent::builder("weather").model(model).tool(weather).build()?;
//! let output = agent.run("Is it raining in Paris?").await?;
//! assert_eq!(output.to_string(), "Yes, it is raining.");
//! assert_eq!(output.tools[0].result().unwrap().as_ref(), "It is 14 °C and raining in Paris.");
//! # Ok(())
//! # }
//! ```
//!
//! # Answers of a type
//!
//! The type lives on the call, so that one agent can answer in many.
//!
//! ```
//! use agno::models::TestModel;
//! use agno::prelude::*;
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Report {
//!     city: String,
//!     degrees: f64,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> agno::Result<()> {
//! let model = TestModel::new().answering(r#"{ "city": "Oslo", "degrees": 3.5 }"#);
//! let agent = Agent::builder("reporter").model(model).build()?;
//! let report: Report = agent.run("Report on Oslo").output().await?;
//! assert_eq!((report.city.as_str(), report.degrees), ("Oslo", 3.5));
//! # Ok(())
//! # }
//! ```
//!
//! # Events, sessions, history
//!
//! With a database, runs belong to sessions, and earlier runs can be shown to the model.
//!
//! ```
//! use agno::models::TestModel;
//! use agno::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> agno::Result<()> {
//! let agent = Agent::builder("helper")
//!     .model(TestModel::new().answering("Have a good trip!"))
//!     .db(Sqlite::open(":memory:")?)
//!     .history(History::last_runs(5))
//!     .build()?;
//!
//! agent.run("I am going to Rome").session("trip").await?;
//! let mut events = agent.run("And then home").session("trip").stream();
//! let mut text = String::new();
//! while let Some(event) = events.next().await {
//!     if let EventKind::Content(piece) = event.kind {
//!         text.push_str(&piece);
//!     }
//! }
//! let output = events.into_result()?;
//! assert_eq!(text, "Have a good trip!");
//! assert_eq!(output.input.history.len(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! # Pauses
//!
//! A pause is a value. What a person must decide is in [`RunOutput::requirements`];
//! [`Agent::resume`] goes on, also in another process, also next week.
//!
//! ```
//! use agno::models::{ScriptedModel, Turn};
//! use agno::prelude::*;
//!
//! /// Refunds an order.
//! #[tool(confirm)]
//! async fn refund(order: String) -> ToolResult {
//!     Ok(ToolOutput::text(format!("Order {order} is refunded.")))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> agno::Result<()> {
//! let model = ScriptedModel::new([
//!     Turn::call("refund", serde_json::json!({ "order": "A-17" })),
//!     Turn::text("Done."),
//! ]);
//! let agent = Agent::builder("shop").model(model).tool(refund).build()?;
//! let paused = agent.run("Refund A-17, please").await?;
//! assert_eq!(paused.status, RunStatus::Paused);
//!
//! let question = paused.requirements[0].clone();
//! let output = agent.resume(&paused).approve(&question).await?;
//! assert_eq!(output.to_string(), "Done.");
//! # Ok(())
//! # }
//! ```
//!
//! # A server
//!
//! [`AgentOs`] serves agents over HTTP, wire-compatible with Agno 3.x:
//! `AgentOs::new().agent(agent).serve("127.0.0.1:7777").await`. The `agno` command does the same
//! from a YAML file ([`declarative`]).
//!
//! # Features
//!
//! | feature | what it brings | default |
//! |---|---|---|
//! | `cli` | the `agno` command; switches the other two on | yes |
//! | `declarative` | agents from a YAML file | yes |
//! | `os` | AgentOS, the HTTP server | yes |
//!
//! A library that embeds agents says
//! `agno = { version = "0.1", default-features = false }`.

// What the macros write names this crate, also where it is used in this crate itself.
extern crate self as agno;

#[cfg(feature = "declarative")]
pub mod declarative;
mod error;
pub mod prelude;

pub use agno_core::{
    BoxFuture, CommandId, Content, Dependencies, Dependency, Effect, Event, EventKind, Finish,
    FinishReason, FromToolContext, Interaction, IntoTool, IntoToolResult, Json, Media, MediaKind,
    MediaSource, Message, Model, ModelError, ModelErrorKind, ModelSettings, Recovery, Requirement,
    RequirementKind, Resolution, RunFailure, RunId, RunScope, RunStatus, Schema, SessionId,
    SessionState, Timestamp, Tool, ToolChoice, ToolContext, ToolError, ToolErrorKind,
    ToolExecution, ToolOutput, ToolResult, ToolSet, ToolSpec, Usage, UserId, db, function_tool,
    nearest, open_database, parse_arguments, read_arguments, resolve_model,
};
pub use agno_engine::{HistoryPolicy as History, Limits, RetryPolicy, RunOutput, test_models};
pub use agno_macros::{tool, toolkit};
pub use agno_models::OpenAiChat;
#[cfg(feature = "os")]
pub use agno_os::{AgentOs, ComponentsHandle, ServeError};
pub use agno_runtime::{
    Agent, AgentBuilder, BuildError, CancelHandle, Context, Durability, Edit, Error as RunError,
    Input, Instructions, LiveRuns, ReplayReport, RunRequest, RunStream,
};
pub use agno_store::{MemoryDb, Sqlite};
pub use error::Error;

/// What most functions of a program that uses this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Models: those of providers, and those that need neither a network nor a key.
pub mod models;

/// Databases, and what agents keep in them.
pub mod storage {
    pub use agno_core::db::{Db, DbError, Durability as DbDurability, Field as DbField};
    pub use agno_core::open_database;
    pub use agno_runtime::store::{RunStore, Session, SessionFilter, SessionStore, StoredRun};
    pub use agno_store::{MemoryDb, Sqlite, SqliteOptions};
}

/// What a run recorded: its journal.
pub mod journal {
    pub use agno_engine::{Divergence, Fact, Record};
}

/// Tools that come with this crate, and what tools are made with.
pub mod tools {
    pub use agno_net::{WebClient, WebError, WebRequest, WebResponse};
    pub use agno_tools::builtin::{Toolkit, all, find};
    pub use agno_tools::{HttpMethod, HttpRequestSpec, HttpTool, HttpToolSpec, parameters};
}

/// The code of README and guide, compiled and run with the other documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../../../docs/guide/getting-started.md")]
#[doc = include_str!("../../../docs/guide/agents.md")]
#[doc = include_str!("../../../docs/guide/tools.md")]
#[doc = include_str!("../../../docs/guide/yaml.md")]
#[doc = include_str!("../../../docs/guide/sessions-and-state.md")]
#[doc = include_str!("../../../docs/guide/pauses.md")]
#[doc = include_str!("../../../docs/guide/durability-and-replay.md")]
#[doc = include_str!("../../../docs/guide/agentos.md")]
mod guide {}

/// What the macros write refers to. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use agno_core::{
        BoxFuture, Effect, FromToolContext, Interaction, IntoToolResult, Schema, Tool, ToolContext,
        ToolResult, ToolSpec, read_arguments,
    };
    pub use {schemars, serde, serde_json};
}
