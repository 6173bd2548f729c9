//! Building agents.

use std::fmt;
use std::sync::Arc;

use agno_core::db::Db;
use agno_core::{
    CallOptions, Digest, IntoTool, ModelSettings, ModelSource, Schema, Tool, ToolChoice, ToolSet,
};
use agno_engine::{AgentDefinition, HistoryPolicy, Limits, OutputSpec, RetryPolicy};
use serde_json::{Map, Value};

use crate::agent::{Agent, AgentInner, Extras};
use crate::error::BuildError;
use crate::policy::{Context, Durability, InstructionScope, Instructions};

/// Builds an [`Agent`]. All that can be wrong is told by [`AgentBuilder::build`].
#[must_use = "an agent is made by `.build()`"]
pub struct AgentBuilder {
    id: Arc<str>,
    model: Option<ModelSource>,
    db: Option<Arc<dyn Db>>,
    tools: Vec<Arc<dyn Tool>>,
    instructions: Vec<Instructions>,
    history: HistoryPolicy,
    limits: Limits,
    retry: RetryPolicy,
    durability: Durability,
    options: Option<Box<CallOptions>>,
    extras: Option<Box<Extras>>,
}

impl AgentBuilder {
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            model: None,
            db: None,
            tools: Vec::new(),
            instructions: Vec::new(),
            history: HistoryPolicy::off(),
            limits: Limits::default(),
            retry: RetryPolicy::default(),
            durability: Durability::default(),
            options: None,
            extras: None,
        }
    }

    fn extras(&mut self) -> &mut Extras {
        self.extras.get_or_insert_default()
    }

    fn options(&mut self) -> &mut CallOptions {
        self.options.get_or_insert_default()
    }

    /// The model: a value, or a name such as `"openai:gpt-4o"`.
    pub fn model(mut self, model: impl Into<ModelSource>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// The database that keeps sessions and runs. Without one a run is kept in memory.
    pub fn db(mut self, db: impl Into<Arc<dyn Db>>) -> Self {
        self.db = Some(db.into());
        self
    }

    /// The name for people.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.extras().card.name = Some(name.into());
        self
    }

    /// What the agent is for; also the beginning of the system message.
    pub fn description(mut self, description: impl Into<Arc<str>>) -> Self {
        self.extras().card.description = Some(description.into());
        self
    }

    /// Data that is shown with the agent.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extras().card.metadata.insert(key.into(), value.into());
        self
    }

    /// Adds instructions. Several are shown as a list.
    pub fn instructions(mut self, instructions: impl Into<Instructions>) -> Self {
        self.instructions.push(instructions.into());
        self
    }

    /// Adds instructions that are made anew for each run.
    pub fn dynamic_instructions(
        mut self,
        make: impl Fn(&InstructionScope<'_>) -> String + Send + Sync + 'static,
    ) -> Self {
        self.instructions
            .push(Instructions::Dynamic(Arc::new(make)));
        self
    }

    /// What else the system message consists of.
    pub fn context(mut self, context: Context) -> Self {
        self.extras().context = context;
        self
    }

    /// Asks for Markdown.
    pub fn markdown(mut self) -> Self {
        self.extras().context.markdown = true;
        self
    }

    /// Adds a tool.
    pub fn tool(mut self, tool: impl IntoTool) -> Self {
        self.tools.push(tool.into_tool());
        self
    }

    /// Adds tools.
    pub fn tools(mut self, tools: impl IntoIterator<Item = Arc<dyn Tool>>) -> Self {
        self.tools.extend(tools);
        self
    }

    /// Whether and which tool the model must call first; after the first reply it decides.
    pub fn tool_choice(mut self, choice: ToolChoice) -> Self {
        self.options().tool_choice = choice;
        self
    }

    /// Sampling and limits of model calls.
    pub fn settings(mut self, settings: ModelSettings) -> Self {
        self.options().settings = settings;
        self
    }

    /// Randomness of the answer, usually from 0 to 2.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.options().settings.temperature = Some(temperature);
        self
    }

    /// The most tokens one reply may have.
    pub fn max_tokens(mut self, tokens: u64) -> Self {
        self.options().settings.max_tokens = Some(tokens);
        self
    }

    /// Which messages of earlier runs of the session are shown to the model. Default: none.
    pub fn history(mut self, history: HistoryPolicy) -> Self {
        self.history = history;
        self
    }

    /// What a run may use up.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many tool calls a run may execute; the model is told beyond.
    pub fn tool_call_limit(mut self, calls: u32) -> Self {
        self.limits.tool_calls = Some(calls);
        self
    }

    /// When and how often a failed model call is repeated.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// When what happened is written to the database.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// What the state of a new session begins with.
    pub fn session_state(mut self, state: Map<String, Value>) -> Self {
        self.extras().state = state;
        self
    }

    /// Hands a value to tools that take a `Dependency<T>`.
    pub fn dependency<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extras().dependencies.insert(Arc::new(value));
        self
    }

    /// Hands a value to instructions and tools by name.
    pub fn dependency_value(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extras()
            .dependencies
            .values
            .insert(name.into(), value.into());
        self
    }

    /// The JSON schema that every answer has to fit. For a Rust type, see
    /// [`RunRequest::output`](crate::RunRequest::output).
    pub fn output_schema(
        mut self,
        name: impl Into<Arc<str>>,
        schema: impl Into<Arc<Schema>>,
    ) -> Self {
        self.extras().output = Some(OutputSpec {
            name: name.into(),
            schema: schema.into(),
        });
        self
    }

    /// Makes the agent.
    ///
    /// # Errors
    /// If there is no model or its name means nothing, or two tools have the same name.
    pub fn build(self) -> Result<Agent, BuildError> {
        if self.id.is_empty() {
            let problem = "the id must not be empty".into();
            return Err(BuildError::Invalid {
                agent: self.id,
                problem,
            });
        }
        let model = match &self.model {
            Some(model) => model.resolve()?,
            None => return Err(BuildError::NoModel(self.id)),
        };
        let tools = ToolSet::new(self.tools)?;
        if !self.history.is_off() && self.db.is_none() {
            let problem = "history needs a database: add `.db(...)`, or remove `.history(...)`";
            return Err(BuildError::Invalid {
                agent: self.id,
                problem: problem.into(),
            });
        }
        if self.durability == Durability::Strict && self.db.is_none() {
            let problem = "strict durability needs a database: add `.db(...)`";
            return Err(BuildError::Invalid {
                agent: self.id,
                problem: problem.into(),
            });
        }
        let options = self.options.map(Arc::from);
        let version = version(
            &model.info().id,
            &tools,
            &self.instructions,
            options.as_deref(),
            &self.extras,
        );
        Ok(Agent(Arc::new(AgentInner {
            definition: AgentDefinition {
                id: self.id,
                version,
                tools: Arc::new(tools),
                limits: self.limits,
                retry: self.retry,
            },
            model,
            db: self.db,
            instructions: self.instructions,
            history: self.history,
            durability: self.durability,
            options,
            extras: self.extras,
        })))
    }
}

/// A digest of what decides the agent's commands: a paused run goes on only with the same.
fn version(
    model: &str,
    tools: &ToolSet,
    instructions: &[Instructions],
    options: Option<&CallOptions>,
    extras: &Option<Box<Extras>>,
) -> u64 {
    let mut digest = Digest::new();
    digest.text(model);
    for tool in tools.iter() {
        let spec = tool.spec();
        digest.text(&spec.name);
        digest.text(&spec.description);
        digest.text(spec.parameters.text());
        digest.number(spec.effect as u64);
    }
    for instruction in instructions {
        match instruction {
            Instructions::Text(text) => digest.text(text),
            Instructions::Dynamic(_) => digest.number(1),
        }
    }
    if let Some(options) = options {
        digest.text(&format!("{:?}", options.settings));
        digest.text(&format!("{:?}", options.tool_choice));
    }
    if let Some(extras) = extras {
        digest.text(extras.card.description.as_deref().unwrap_or_default());
        digest.text(&format!("{:?}", extras.context));
    }
    digest.finish()
}

impl fmt::Debug for AgentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentBuilder")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
