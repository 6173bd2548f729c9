//! Agents: their builder, context assembly, sessions, and the driver that carries out what the
//! engine's machines ask for.

mod agent;
mod builder;
mod cancel;
mod clock;
mod context;
mod driver;
mod error;
mod live;
mod policy;
mod request;
mod resume;
pub mod store;

pub use agent::{Agent, AgentCard};
pub use builder::AgentBuilder;
pub use cancel::CancelHandle;
pub use clock::now;
pub use driver::RunStream;
pub use error::{BuildError, Error, FailedRun};
pub use live::{LiveRun, LiveRuns, Subscription};
pub use policy::{Context, Durability, InstructionScope, Instructions};
pub use request::{Input, RunRequest};
pub use resume::{Edit, ForkRequest, ReplayReport, ResumeFrom, ResumeRequest};
