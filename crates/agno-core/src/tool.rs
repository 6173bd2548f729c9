//! Tools: what a model can ask to be done.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{BoxFuture, Media, Schema, StatePatch, ToolContext};

/// Something a model can ask to be done.
///
/// Implementations are immutable and shared by all runs. Dropping the future of a call cancels it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tool",
    label = "not a tool",
    note = "put `#[tool]` on an async function, or implement `agno::Tool`"
)]
pub trait Tool: Send + Sync + 'static {
    /// What the model is told about the tool, and how it is to be handled.
    fn spec(&self) -> &ToolSpec;

    /// Runs the tool. `arguments` fit the schema: the engine has checked that.
    fn call(self: Arc<Self>, arguments: Arc<str>, context: ToolContext) -> BoxFuture<ToolResult>;
}

/// Something that can be given to an agent as a tool.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tool",
    label = "not a tool",
    note = "put `#[tool]` on an async function, or implement `agno::Tool`"
)]
pub trait IntoTool {
    /// The tool.
    fn into_tool(self) -> Arc<dyn Tool>;
}

impl<T: Tool> IntoTool for T {
    fn into_tool(self) -> Arc<dyn Tool> {
        Arc::new(self)
    }
}

impl IntoTool for Arc<dyn Tool> {
    fn into_tool(self) -> Arc<dyn Tool> {
        self
    }
}

/// What a tool call comes to.
pub type ToolResult = Result<ToolOutput, ToolError>;

/// What running a tool twice would do. Decides what happens after a crash in the middle of a call.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It changes nothing: it is simply run again.
    Pure,
    /// It may be repeated under the same [`ToolContext::idempotency_key`].
    Idempotent,
    /// It must never run twice: the run pauses, and a person says what became of the call.
    #[default]
    AtMostOnce,
}

/// What a person has to do before (or instead of) a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Interaction {
    /// Nothing.
    #[default]
    None,
    /// Confirm or reject the call.
    Confirm,
    /// Fill in these arguments, which the model is not told about.
    UserInput(Arc<[Arc<str>]>),
    /// Carry the call out elsewhere and hand in its result.
    External,
}

/// What the model is told about a tool, and how it is to be handled.
#[derive(Clone, Debug)]
pub struct ToolSpec {
    /// The name the model calls it by: letters, digits, `_` and `-`, at most 64.
    pub name: Arc<str>,
    /// What it does, for the model.
    pub description: Arc<str>,
    /// JSON Schema of its arguments, an object.
    pub parameters: Arc<Schema>,
    /// What running it twice would do.
    pub effect: Effect,
    /// What a person has to do.
    pub interaction: Interaction,
    /// How long one call may take; without a limit if not set.
    pub timeout: Option<Duration>,
    /// How often one run may call it; without a limit if not set.
    pub call_limit: Option<u32>,
    /// Whether the run ends after this call, with the tool's result as its answer.
    pub stop_after_call: bool,
    /// Whether the provider is asked to hold the model to the schema (`strict`).
    pub strict: Option<bool>,
}

impl ToolSpec {
    /// A tool with the default handling: at most once, no person asked, no limits.
    pub fn new(
        name: impl Into<Arc<str>>,
        description: impl Into<Arc<str>>,
        parameters: impl Into<Arc<Schema>>,
    ) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            parameters: parameters.into(),
            effect: Effect::default(),
            interaction: Interaction::default(),
            timeout: None,
            call_limit: None,
            stop_after_call: false,
            strict: None,
        }
    }

    /// The schema that the model is told: without the arguments that a person fills in.
    pub fn advertised_parameters(&self) -> Arc<Schema> {
        match &self.interaction {
            Interaction::UserInput(fields) => {
                Arc::new(without_properties(&self.parameters, fields))
            }
            _ => Arc::clone(&self.parameters),
        }
    }
}

fn without_properties(schema: &Schema, names: &[Arc<str>]) -> Schema {
    let mut value = schema.value().clone();
    let is_named = |name: &str| names.iter().any(|known| **known == *name);
    if let Some(properties) = value.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| !is_named(name));
    }
    if let Some(required) = value.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !name.as_str().is_some_and(is_named));
    }
    Schema::new(value)
}

/// What a tool returned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolOutput {
    /// What the model gets to read.
    #[serde(rename = "output")]
    pub text: Arc<str>,
    /// What most tools don't return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rich: Option<Box<RichToolOutput>>,
}

/// What most tools don't return.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RichToolOutput {
    /// Images and other media that the tool made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Data for the program, not for the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// What the call changed in the session state. Filled in by the driver.
    #[serde(skip_serializing_if = "StatePatch::is_empty")]
    pub state: StatePatch,
}

impl ToolOutput {
    /// An output of plain text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            rich: None,
        }
    }

    /// The media, if there is any.
    pub fn media(&self) -> &[Media] {
        self.rich.as_deref().map_or(&[], |rich| &rich.media)
    }

    /// What the call changed in the session state.
    pub fn state(&self) -> Option<&StatePatch> {
        self.rich
            .as_deref()
            .map(|rich| &rich.state)
            .filter(|patch| !patch.is_empty())
    }

    /// The rarer parts, created when missing.
    pub fn rich_mut(&mut self) -> &mut RichToolOutput {
        self.rich.get_or_insert_default()
    }
}

/// A failed tool call. The model reads the message and can react to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ToolError {
    /// The class of the error.
    pub kind: ToolErrorKind,
    /// What went wrong, for the model.
    pub message: Arc<str>,
    /// What the call had changed in the session state before it failed. Filled in by the driver.
    #[serde(default, skip_serializing_if = "StatePatch::is_empty")]
    pub state: StatePatch,
}

/// What went wrong with a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolErrorKind {
    /// The tool said so.
    Failed,
    /// The arguments are wrong.
    InvalidArguments,
    /// It took longer than its timeout.
    TimedOut,
    /// Nobody can carry on: the run must fail.
    Fatal,
}

impl ToolError {
    /// The tool failed; the model is told and goes on.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self::new(ToolErrorKind::Failed, message)
    }

    /// The arguments are wrong; the model is told what to correct.
    pub fn invalid_arguments(message: impl fmt::Display) -> Self {
        Self::new(ToolErrorKind::InvalidArguments, message)
    }

    /// The run can't go on.
    pub fn fatal(message: impl fmt::Display) -> Self {
        Self::new(ToolErrorKind::Fatal, message)
    }

    /// An error of the given class.
    pub fn new(kind: ToolErrorKind, message: impl fmt::Display) -> Self {
        Self {
            kind,
            message: message.to_string().into(),
            state: StatePatch::default(),
        }
    }
}

impl From<String> for ToolError {
    fn from(message: String) -> Self {
        Self::failed(message)
    }
}

impl From<&str> for ToolError {
    fn from(message: &str) -> Self {
        Self::failed(message)
    }
}

/// What a tool function may return: text, a number, anything that serialises (as [`crate::Json`] or
/// `serde_json::Value`), nothing, a [`ToolOutput`], or a `Result` of these.
#[diagnostic::on_unimplemented(
    message = "a tool can't return `{Self}`",
    label = "not a tool result",
    note = "return text, a number, `Json(value)` for anything that serialises, `ToolOutput`, or a \
            `Result` of these whose error implements `Display`"
)]
pub trait IntoToolResult {
    /// The result as the model gets it.
    fn into_tool_result(self) -> ToolResult;
}

impl IntoToolResult for ToolOutput {
    fn into_tool_result(self) -> ToolResult {
        Ok(self)
    }
}

impl IntoToolResult for Value {
    fn into_tool_result(self) -> ToolResult {
        Ok(ToolOutput::text(match self {
            Self::String(text) => text,
            other => other.to_string(),
        }))
    }
}

impl IntoToolResult for () {
    fn into_tool_result(self) -> ToolResult {
        Ok(ToolOutput::default())
    }
}

macro_rules! display_is_tool_result {
    ($($type:ty),*) => {$(
        impl IntoToolResult for $type {
            fn into_tool_result(self) -> ToolResult {
                Ok(ToolOutput::text(self.to_string()))
            }
        }
    )*};
}
display_is_tool_result!(
    bool, i8, i16, i32, i64, u8, u16, u32, u64, usize, isize, f32, f64
);

macro_rules! text_is_tool_result {
    ($($type:ty),*) => {$(
        impl IntoToolResult for $type {
            fn into_tool_result(self) -> ToolResult {
                Ok(ToolOutput::text(self))
            }
        }
    )*};
}
text_is_tool_result!(String, &'static str, Arc<str>);

/// Any `Display` is the message for the model, and a [`ToolError`] stays what it is.
impl<T: IntoToolResult, E: fmt::Display + 'static> IntoToolResult for Result<T, E> {
    fn into_tool_result(self) -> ToolResult {
        match self {
            Ok(value) => value.into_tool_result(),
            Err(error) => {
                let mut error = Some(error);
                let own = (&mut error as &mut dyn Any)
                    .downcast_mut::<Option<ToolError>>()
                    .and_then(Option::take);
                Err(match (own, error) {
                    (Some(error), _) => error,
                    (None, Some(error)) => ToolError::failed(error),
                    (None, None) => ToolError::failed("the tool failed"),
                })
            }
        }
    }
}

/// The tools of one agent, in order, with unique names. Built once and shared by all runs.
#[derive(Default)]
pub struct ToolSet {
    tools: Vec<Arc<dyn Tool>>,
}

/// Two tools of an agent have the same name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two tools are named `{0}`: rename one of them, or give one toolkit a prefix")]
pub struct ToolSetError(pub Arc<str>);

impl ToolSet {
    /// The given tools; an error if two share a name.
    pub fn new(tools: Vec<Arc<dyn Tool>>) -> Result<Self, ToolSetError> {
        for (index, tool) in tools.iter().enumerate() {
            let name = &tool.spec().name;
            if tools
                .iter()
                .take(index)
                .any(|earlier| earlier.spec().name == *name)
            {
                return Err(ToolSetError(Arc::clone(name)));
            }
        }
        Ok(Self { tools })
    }

    /// The tool with the given name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.tools.iter().find(|tool| &*tool.spec().name == name)
    }

    /// The tools in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Arc<dyn Tool>> {
        self.tools.iter()
    }

    /// Whether there is no tool.
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }
}

impl fmt::Debug for ToolSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.tools.iter().map(|tool| &tool.spec().name))
            .finish()
    }
}
