//! From a checked file to agents that run.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use agno_core::db::Db;
use agno_core::{Model, ModelSettings, Tool};
use agno_engine::test_models::OfflineModel;
use agno_runtime::{Agent, AgentBuilder};
use agno_tools::{builtin, parameters};

use super::Config;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::environment::Environment;
use super::model::{self, ModelProblem};
use super::text::Position;
use super::types::{AgentConfig, HistoryConfig, InstructionsConfig, ModelChoice};
use super::{tool, variables};

/// The database of a file that names none.
pub const DEFAULT_DATABASE: &str = "sqlite:agno.db";

/// How agents are made from a file. The default is what a library should do: the process's
/// environment, and an error where a model can't be had.
#[derive(Clone, Debug)]
#[must_use]
pub struct BuildOptions {
    environment: Environment,
    db: Option<Arc<dyn Db>>,
    offline: bool,
    model: Option<ModelOverride>,
}

#[derive(Clone, Debug)]
struct ModelOverride {
    agent: Option<String>,
    name: Option<String>,
    base_url: Option<String>,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self {
            environment: Environment::process(),
            db: None,
            offline: false,
            model: None,
        }
    }
}

impl BuildOptions {
    /// Where `${NAME}` and keys come from.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// The database to use instead of the one that the file names.
    pub fn db(mut self, db: impl Into<Arc<dyn Db>>) -> Self {
        self.db = Some(db.into());
        self
    }

    /// Lets the offline model stand in for models whose key is not set, and for agents without a
    /// model when no key is set at all. [`Setup::stand_ins`] tells where it did.
    pub fn allow_offline(mut self) -> Self {
        self.offline = true;
        self
    }

    /// The model to use instead of what the file says, for one agent or for all: `provider:model`
    /// or `offline`, and where its API is.
    pub fn model(
        mut self,
        agent: Option<&str>,
        name: Option<&str>,
        base_url: Option<&str>,
    ) -> Self {
        self.model = Some(ModelOverride {
            agent: agent.map(str::to_owned),
            name: name.map(str::to_owned),
            base_url: base_url.map(str::to_owned),
        });
        self
    }
}

/// What a file comes to.
#[derive(Clone)]
#[non_exhaustive]
pub struct Setup {
    /// The agents, in the order of the file.
    pub agents: Vec<Agent>,
    /// Their database.
    pub db: Arc<dyn Db>,
    /// Where the offline model stands in for another.
    pub stand_ins: Vec<StandIn>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("agents", &self.agents)
            .field("db", &self.db.id())
            .field("stand_ins", &self.stand_ins)
            .finish()
    }
}

/// The offline model stands in for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// The agent.
    pub agent: String,
    /// Why, and what to set.
    pub reason: String,
    /// The model that the file names, if it names one.
    pub model: Option<String>,
}

/// Makes the agents of a file.
pub(super) fn build(config: &Config, options: &BuildOptions) -> Result<Setup, Diagnostics> {
    let mut builder = Builder {
        config,
        options,
        mistakes: Vec::new(),
        stand_ins: Vec::new(),
        models: HashMap::new(),
    };
    let setup = builder.build();
    match setup {
        Some((agents, db)) if builder.mistakes.is_empty() => Ok(Setup {
            agents,
            db,
            stand_ins: builder.stand_ins,
        }),
        _ => Err(Diagnostics::new(config.source.clone(), builder.mistakes)),
    }
}

type ModelResult = Result<Arc<dyn Model>, ModelProblem>;

struct Builder<'c> {
    config: &'c Config,
    options: &'c BuildOptions,
    mistakes: Vec<Diagnostic>,
    stand_ins: Vec<StandIn>,
    /// Models of the file, made once each.
    models: HashMap<String, ModelResult>,
}

impl Builder<'_> {
    fn build(&mut self) -> Option<(Vec<Agent>, Arc<dyn Db>)> {
        let db = self.db();
        let tools = self.tools();
        let file = &self.config.file;
        let mut agents = Vec::with_capacity(file.agents.0.len());
        for (id, agent) in &file.agents.0 {
            let model = self.model_of(id, agent);
            let builder = self.agent(id, agent, &tools);
            if let (Some(db), Some(model), Some(builder)) = (&db, model, builder) {
                match builder.db(Arc::clone(db)).model(model).build() {
                    Ok(agent) => agents.push(agent),
                    Err(error) => {
                        let position = self.key_position("agents", id);
                        self.tell(position, error.to_string());
                    }
                }
            }
        }
        db.map(|db| (agents, db))
    }

    fn tell(&mut self, position: Option<Position>, message: impl Into<String>) {
        self.mistakes.push(Diagnostic::new(position, message));
    }

    fn position(&self, path: &[&str]) -> Option<Position> {
        self.config.root.at(path).map(|node| node.position)
    }

    fn key_position(&self, section: &str, key: &str) -> Option<Position> {
        let entry = self.config.root.at(&[section])?.entry(key)?;
        Some(entry.key_position)
    }

    /// Tells variables that are not set; whether all are.
    fn all_set(&mut self, path: &[&str]) -> bool {
        let before = self.mistakes.len();
        if let Some(node) = self.config.root.at(path) {
            variables::check(node, &self.options.environment, &mut self.mistakes);
        }
        self.mistakes.len() == before
    }

    fn db(&mut self) -> Option<Arc<dyn Db>> {
        if let Some(db) = &self.options.db {
            return Some(Arc::clone(db));
        }
        if !self.all_set(&["db"]) {
            return None;
        }
        let address = self.config.file.db.as_deref().unwrap_or(DEFAULT_DATABASE);
        let address = variables::expand(address, &self.options.environment)?;
        match agno_core::open_database(&address) {
            Ok(db) => Some(db),
            Err(error) => {
                self.tell(self.position(&["db"]), error.to_string());
                None
            }
        }
    }

    fn tools(&mut self) -> HashMap<String, Arc<dyn Tool>> {
        let mut tools = HashMap::new();
        for (name, declared) in &self.config.file.tools.0 {
            if !self.all_set(&["tools", name, "http"]) {
                continue;
            }
            match tool::build(name, declared, &self.options.environment) {
                Ok(tool) => {
                    tools.insert(name.clone(), tool);
                }
                Err(problem) => {
                    let mut path = vec!["tools", name];
                    path.extend(problem.path);
                    let position = match problem.path {
                        [] => self.key_position("tools", name),
                        _ => self
                            .position(&path)
                            .or_else(|| self.key_position("tools", name)),
                    };
                    self.tell(position, problem.message);
                }
            }
        }
        tools
    }

    fn model_of(&mut self, id: &str, agent: &AgentConfig) -> Option<Arc<dyn Model>> {
        let chosen = self.override_for(id);
        let (made, named) = match (chosen, &agent.model) {
            (Some((Some(name), url)), _) => {
                let made = model::named(&name, url.as_deref(), &self.options.environment);
                (made, Some(name))
            }
            (Some((None, Some(url))), choice) => (self.moved(choice.as_ref(), &url), None),
            (_, Some(ModelChoice::Name(name))) => (self.by_name(name), Some(name.clone())),
            (_, Some(ModelChoice::Inline(config))) => {
                if !self.all_set(&["agents", id, "model"]) {
                    return None;
                }
                let made = model::configured(config, &self.options.environment);
                (made, Some(config.provider.clone()))
            }
            (_, None) => (self.unnamed(), None),
        };
        let problem = match made {
            Ok(model) => return Some(model),
            Err(problem) => problem,
        };
        let may_stand_in = !matches!(problem, ModelProblem::Other(_));
        if self.options.offline && may_stand_in {
            self.stand_ins.push(StandIn {
                agent: id.to_owned(),
                reason: problem.message(),
                model: named,
            });
            return Some(Arc::new(OfflineModel::new()));
        }
        // What is wrong with a shared model was told where it stands.
        let told = matches!(&problem, ModelProblem::Other(message) if message.is_empty());
        if !told {
            let position = self.position(&["agents", id, "model"]);
            let position = position.or_else(|| self.key_position("agents", id));
            self.tell(position, format!("agent `{id}`: {}", problem.message()));
        }
        None
    }

    /// The model and place that the caller chose for this agent.
    fn override_for(&self, id: &str) -> Option<(Option<String>, Option<String>)> {
        let chosen = self.options.model.as_ref()?;
        let meant = chosen.agent.as_deref().is_none_or(|agent| agent == id);
        meant.then(|| (chosen.name.clone(), chosen.base_url.clone()))
    }

    fn by_name(&mut self, name: &str) -> ModelResult {
        let environment = &self.options.environment;
        let Some(config) = self.config.file.models.get(name) else {
            return model::named(name, None, environment);
        };
        if let Some(made) = self.models.get(name) {
            return made.clone();
        }
        let made = if self.all_set(&["models", name]) {
            model::configured(config, environment)
        } else {
            Err(ModelProblem::Other(String::new()))
        };
        let made = match made {
            Err(ModelProblem::Other(message)) if !message.is_empty() => {
                let position = self.key_position("models", name);
                self.tell(position, format!("model `{name}`: {message}"));
                Err(ModelProblem::Other(String::new()))
            }
            made => made,
        };
        self.models.insert(name.to_owned(), made.clone());
        made
    }

    /// The agent's own model, at another place.
    fn moved(&mut self, choice: Option<&ModelChoice>, url: &str) -> ModelResult {
        let environment = &self.options.environment;
        let config = match choice {
            Some(ModelChoice::Inline(config)) => Some((**config).clone()),
            Some(ModelChoice::Name(name)) => match self.config.file.models.get(name) {
                Some(config) => Some(config.clone()),
                None => return model::named(name, Some(url), environment),
            },
            None => None,
        };
        match config {
            Some(mut config) => {
                config.base_url = Some(url.to_owned());
                model::configured(&config, environment)
            }
            None => Err(ModelProblem::Other(
                "a base URL needs a model: name one, such as `openai-compatible:llama3.2`"
                    .to_owned(),
            )),
        }
    }

    fn unnamed(&self) -> ModelResult {
        if !self.options.offline {
            return Err(ModelProblem::NotChosen);
        }
        model::first_with_key(&self.options.environment).unwrap_or(Err(ModelProblem::NotChosen))
    }

    fn agent(
        &mut self,
        id: &str,
        agent: &AgentConfig,
        tools: &HashMap<String, Arc<dyn Tool>>,
    ) -> Option<AgentBuilder> {
        let mut builder = Agent::builder(id);
        if let Some(name) = &agent.name {
            builder = builder.name(name.as_str());
        }
        if let Some(description) = &agent.description {
            builder = builder.description(description.as_str());
        }
        for text in instructions(agent) {
            builder = builder.instructions(text.trim_end());
        }
        for name in &agent.tools {
            match builtin::find(name) {
                Some(toolkit) => builder = builder.tools(toolkit.tools()),
                // What is missing here had a mistake, which is told already.
                None => builder = builder.tool(Arc::clone(tools.get(name)?)),
            }
        }
        if let Some(choice) = &agent.tool_choice {
            builder = builder.tool_choice(choice.clone());
        }
        builder = self.policies(builder, agent);
        if let Some(given) = &agent.output_schema {
            match parameters(given.clone()) {
                Ok(schema) => builder = builder.output_schema(id, schema),
                Err(error) => {
                    let position = self.position(&["agents", id, "output_schema"]);
                    self.tell(position, format!("`output_schema`: {error}"));
                    return None;
                }
            }
        }
        for (key, value) in agent.metadata.iter().flatten() {
            builder = builder.metadata(key, value.clone());
        }
        for (key, value) in agent.dependencies.iter().flatten() {
            builder = builder.dependency_value(key, value.clone());
        }
        Some(builder)
    }

    fn policies(&self, mut builder: AgentBuilder, agent: &AgentConfig) -> AgentBuilder {
        match &agent.history {
            Some(HistoryConfig::LastRuns(runs)) => {
                builder = builder.history(agno_engine::HistoryPolicy::last_runs(*runs));
            }
            Some(HistoryConfig::Policy(policy)) => builder = builder.history(*policy),
            None => {}
        }
        let context = agent.context.clone();
        if context.is_some() || agent.markdown {
            let mut context = context.unwrap_or_default();
            context.markdown |= agent.markdown;
            builder = builder.context(context);
        }
        if let Some(limits) = agent.limits {
            builder = builder.limits(limits);
        }
        if let Some(retry) = agent.retry {
            builder = builder.retry(retry);
        }
        if let Some(durability) = agent.durability {
            builder = builder.durability(durability);
        }
        if let Some(settings) = &agent.settings {
            builder = builder.settings(ModelSettings::clone(settings));
        }
        if let Some(state) = &agent.session_state {
            builder = builder.session_state(state.clone());
        }
        builder
    }
}

fn instructions(agent: &AgentConfig) -> &[String] {
    match &agent.instructions {
        Some(InstructionsConfig::One(text)) => std::slice::from_ref(text),
        Some(InstructionsConfig::Several(texts)) => texts,
        None => &[],
    }
}
