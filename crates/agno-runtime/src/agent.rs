//! The agent: an immutable definition, shared by all its runs.

use std::fmt;
use std::sync::Arc;

use agno_core::db::Db;
use agno_core::{
    CallOptions, Dependencies, Model, OutputFormat, RunId, SessionId, StructuredOutput,
};
use agno_engine::{AgentDefinition, HistoryPolicy, OutputSpec};
use serde_json::{Map, Value};

use crate::builder::AgentBuilder;
use crate::error::Error;
use crate::policy::{Context, Durability, Instructions};
use crate::request::{Input, RunRequest};
use crate::resume::{ForkRequest, ReplayReport, ResumeFrom, ResumeRequest};
use crate::store::{RunStore, SessionStore};

/// An agent: a model with instructions and tools.
///
/// It is immutable and cheap to clone. Everything that changes lives in its runs, so that two runs
/// can never see each other.
///
/// ```
/// # use agno_runtime::Agent;
/// # use agno_engine::test_models::TestModel;
/// # tokio_test(async {
/// let agent = Agent::builder("helper").model(TestModel::new().answering("Hello!")).build()?;
/// let output = agent.run("Hi").await?;
/// assert_eq!(output.to_string(), "Hello!");
/// # Ok(()) });
/// # fn tokio_test(f: impl Future<Output = Result<(), Box<dyn std::error::Error>>>) {
/// #     tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(f).unwrap()
/// # }
/// ```
#[derive(Clone)]
pub struct Agent(pub(crate) Arc<AgentInner>);

pub(crate) struct AgentInner {
    pub(crate) definition: AgentDefinition,
    pub(crate) model: Arc<dyn Model>,
    pub(crate) db: Option<Arc<dyn Db>>,
    pub(crate) instructions: Vec<Instructions>,
    pub(crate) history: HistoryPolicy,
    pub(crate) durability: Durability,
    /// Sampling and tool choice, if any is set.
    pub(crate) options: Option<Arc<CallOptions>>,
    /// What most agents leave out.
    pub(crate) extras: Option<Box<Extras>>,
}

/// What most agents leave out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extras {
    pub(crate) card: AgentCard,
    pub(crate) context: Context,
    pub(crate) output: Option<OutputSpec>,
    pub(crate) state: Map<String, Value>,
    pub(crate) dependencies: Dependencies,
}

/// How an agent is presented.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgentCard {
    /// Its name for people; the id if not set.
    pub name: Option<Arc<str>>,
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// Data of its author.
    pub metadata: Map<String, Value>,
}

impl Agent {
    /// Begins the definition of an agent with the given id.
    pub fn builder(id: impl Into<Arc<str>>) -> AgentBuilder {
        AgentBuilder::new(id.into())
    }

    /// The agent's id.
    pub fn id(&self) -> &str {
        &self.0.definition.id
    }

    /// The agent's name for people.
    pub fn name(&self) -> &str {
        self.extras()
            .and_then(|extras| extras.card.name.as_deref())
            .unwrap_or_else(|| self.id())
    }

    /// How the agent is presented, if anything was said about it.
    pub fn card(&self) -> Option<&AgentCard> {
        self.extras().map(|extras| &extras.card)
    }

    /// The agent's model.
    pub fn model(&self) -> &Arc<dyn Model> {
        &self.0.model
    }

    /// The agent's database.
    pub fn db(&self) -> Option<&Arc<dyn Db>> {
        self.0.db.as_ref()
    }

    /// What the engine knows of the agent: its tools, limits and version.
    pub fn definition(&self) -> &AgentDefinition {
        &self.0.definition
    }

    /// The instructions, in order.
    pub fn instructions(&self) -> &[Instructions] {
        &self.0.instructions
    }

    /// What the system message consists of, besides the instructions.
    pub fn context(&self) -> Option<&Context> {
        self.extras().map(|extras| &extras.context)
    }

    /// Which messages of earlier runs are shown to the model.
    pub fn history(&self) -> &HistoryPolicy {
        &self.0.history
    }

    /// What the session state begins with.
    pub fn session_state(&self) -> Option<&Map<String, Value>> {
        self.extras()
            .map(|extras| &extras.state)
            .filter(|state| !state.is_empty())
    }

    /// The sessions of the agent's database.
    pub fn sessions(&self) -> Option<SessionStore> {
        self.0.db.clone().map(SessionStore::new)
    }

    /// The runs of the agent's database.
    pub fn runs(&self) -> Option<RunStore> {
        self.0.db.clone().map(RunStore::new)
    }

    /// A run with the given input: await it for its output, or take its stream of events.
    pub fn run(&self, input: impl Into<Input>) -> RunRequest {
        RunRequest::new(self.clone(), input.into())
    }

    /// Goes on with a paused run, given by its id or its output.
    pub fn resume(&self, run: impl Into<ResumeFrom>) -> ResumeRequest {
        ResumeRequest::new(self.clone(), run.into())
    }

    /// Goes on with a run that was cut off by the end of its process. Tools that must not run
    /// twice are not run again: the run pauses with the question what became of them.
    pub fn recover(&self, run: RunId) -> ResumeRequest {
        ResumeRequest::recovering(self.clone(), run)
    }

    /// A new run that shares the beginning of an earlier one.
    pub fn fork(&self, run: impl Into<ResumeFrom>) -> ForkRequest {
        ForkRequest::new(self.clone(), run.into())
    }

    /// Checks that this agent would do again what it did in an earlier run.
    ///
    /// # Errors
    /// If the run can't be loaded. A difference is part of the report.
    pub async fn replay(&self, run: impl Into<ResumeFrom>) -> Result<ReplayReport, Error> {
        crate::resume::replay(self, run.into()).await
    }

    /// Gives a session's messages a new, empty start: deletes the session with its runs.
    ///
    /// # Errors
    /// If there is no database or it fails.
    pub async fn delete_session(&self, session: impl Into<SessionId>) -> Result<(), Error> {
        let sessions = self
            .sessions()
            .ok_or(Error::NoDatabase("deleting a session"))?;
        Ok(sessions.delete(&session.into()).await?)
    }

    pub(crate) fn extras(&self) -> Option<&Extras> {
        self.0.extras.as_deref()
    }

    /// The options of each model call of a run with the given output schema.
    pub(crate) fn call_options(&self, output: Option<&OutputSpec>) -> Option<Arc<CallOptions>> {
        let Some(output) = output else {
            return self.0.options.clone();
        };
        let mut options = self.0.options.as_deref().cloned().unwrap_or_default();
        options.output = Some(OutputFormat {
            name: Arc::clone(&output.name),
            schema: Arc::clone(&output.schema),
            strict: self.0.model.info().structured_output == StructuredOutput::Native,
        });
        Some(Arc::new(options))
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent")
            .field("id", &self.0.definition.id)
            .field("model", &self.0.model.info().id)
            .field("tools", &self.0.definition.tools)
            .finish_non_exhaustive()
    }
}
