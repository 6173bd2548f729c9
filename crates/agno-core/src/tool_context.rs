//! What a tool call knows about the run it is part of.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::{CommandId, Dependencies, RunId, SessionId, SessionState, ToolError, UserId};

/// What all tool calls of one run share.
#[derive(Debug)]
pub struct RunScope {
    /// The run.
    pub run_id: RunId,
    /// The session it belongs to.
    pub session_id: Option<SessionId>,
    /// On whose behalf it is made.
    pub user_id: Option<UserId>,
    /// The session state.
    pub state: SessionState,
    /// What the caller handed in.
    pub dependencies: Dependencies,
}

/// What a tool call knows about the run it is part of.
#[derive(Clone, Debug)]
pub struct ToolContext {
    scope: Arc<RunScope>,
    at: CommandId,
    call_id: Arc<str>,
    state: SessionState,
}

impl ToolContext {
    /// The context of one call. Drivers make it.
    pub fn new(scope: Arc<RunScope>, at: CommandId, call_id: Arc<str>) -> Self {
        let state = scope.state.recorder();
        Self {
            scope,
            at,
            call_id,
            state,
        }
    }

    /// The run.
    pub fn run_id(&self) -> RunId {
        self.scope.run_id
    }

    /// The session the run belongs to.
    pub fn session_id(&self) -> Option<&SessionId> {
        self.scope.session_id.as_ref()
    }

    /// On whose behalf the run is made.
    pub fn user_id(&self) -> Option<&UserId> {
        self.scope.user_id.as_ref()
    }

    /// The model's id of the call.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The session state.
    pub fn state(&self) -> &SessionState {
        &self.state
    }

    /// What the caller handed in.
    pub fn dependencies(&self) -> &Dependencies {
        &self.scope.dependencies
    }

    /// A text that is the same whenever this very call is repeated, such as after a crash, and
    /// different for every other call. A pure tool waits for nothing, so a crash can undo what led
    /// to its call: made again, it may have another key.
    pub fn idempotency_key(&self) -> String {
        format!("{}-{}", self.scope.run_id, self.at)
    }
}

/// Something a `#[tool]` function can take beside its arguments.
///
/// The model neither sees nor fills such parameters. A parameter is injected when its type is
/// named [`ToolContext`], [`SessionState`], [`Dependency`], or when it carries `#[inject]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be injected into a tool",
    label = "not injectable",
    note = "without `#[inject]` the parameter is an argument that the model fills in; with it, \
            implement `agno::FromToolContext`"
)]
pub trait FromToolContext: Sized {
    /// Takes the value from the context, or says why it can't.
    fn from_tool_context(context: &ToolContext) -> Result<Self, ToolError>;
}

impl FromToolContext for ToolContext {
    fn from_tool_context(context: &ToolContext) -> Result<Self, ToolError> {
        Ok(context.clone())
    }
}

impl FromToolContext for SessionState {
    fn from_tool_context(context: &ToolContext) -> Result<Self, ToolError> {
        Ok(context.state.clone())
    }
}

/// A value that the agent or the caller handed in under its type.
pub struct Dependency<T>(pub Arc<T>);

impl<T> Deref for Dependency<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Dependency<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dependency<{}>", std::any::type_name::<T>())
    }
}

impl<T: Send + Sync + 'static> FromToolContext for Dependency<T> {
    fn from_tool_context(context: &ToolContext) -> Result<Self, ToolError> {
        context.dependencies().get().map(Dependency).ok_or_else(|| {
            ToolError::fatal(format_args!(
                "the tool needs a dependency of type `{0}`: add it with \
                 `.dependency(value)` on the agent or the run",
                std::any::type_name::<T>()
            ))
        })
    }
}
