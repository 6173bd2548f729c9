//! Finding the agents file, and making agents from it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agno::Agent;
use agno::declarative::{BuildOptions, Config, Environment, Setup, load};
use agno::storage::{Db, open_database};

use super::example;
use super::exit::Failure;
use super::output::Output;
use crate::cli::args::{CommonArguments, FileArguments, ModelArguments};

/// The file that is used if none is named.
const DEFAULT_FILE: &str = "agents.yaml";

/// Where agents come from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The file; nothing for the built-in example.
    pub(crate) path: Option<PathBuf>,
    strict: bool,
    environment: Environment,
    db: Option<String>,
    model: Option<(Option<String>, ModelArguments)>,
}

impl Source {
    pub(crate) fn new(file: Option<&Path>, common: &CommonArguments) -> Self {
        let path = match file {
            Some(path) => Some(path.to_owned()),
            None => Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()),
        };
        let never = std::env::var("AGNO_OFFLINE").is_ok_and(|value| value == "never");
        Self {
            path,
            strict: common.strict || never,
            environment: Environment::process(),
            db: common.db.clone(),
            model: None,
        }
    }

    pub(crate) fn of(arguments: &FileArguments) -> Self {
        Self::new(arguments.file.as_deref(), &arguments.common)
    }

    /// The source with another model for one agent, or for all.
    pub(crate) fn with_model(mut self, agent: Option<&str>, model: &ModelArguments) -> Self {
        if model.model.is_some() || model.base_url.is_some() {
            self.model = Some((agent.map(str::to_owned), model.clone()));
        }
        self
    }

    /// The source with the address of the server that serves it.
    pub(crate) fn with_url(mut self, url: &str) -> Self {
        self.environment = self.environment.with("AGNO_URL", url);
        self
    }

    /// The file, read and checked.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Ok(match &self.path {
            Some(path) => load(path)?,
            None => Config::parse(example::NAME, example::EXAMPLE)?,
        })
    }

    /// The address of the database, as it is written.
    pub(crate) fn db_address<'a>(&'a self, config: &'a Config) -> &'a str {
        self.db.as_deref().unwrap_or_else(|| config.db())
    }

    /// The agents and their database; `db` is one that is open already.
    pub(crate) fn build(&self, config: &Config, db: Option<Arc<dyn Db>>) -> Result<Setup, Failure> {
        let mut options = BuildOptions::default().environment(self.environment.clone());
        if !self.strict {
            options = options.allow_offline();
        }
        match (db, &self.db) {
            (Some(db), _) => options = options.db(db),
            (None, Some(address)) => {
                options = options.db(open_database(address).map_err(Failure::failed)?);
            }
            (None, None) => {}
        }
        if let Some((agent, model)) = &self.model {
            options = options.model(
                agent.as_deref(),
                model.model.as_deref(),
                model.base_url.as_deref(),
            );
        }
        Ok(config.build(&options)?)
    }

    /// The agents and their database, from the start.
    pub(crate) fn setup(&self) -> Result<Setup, Failure> {
        self.build(&self.config()?, None)
    }
}

/// The agent of the given id, or the first.
pub(crate) fn choose(agents: &[Agent], id: Option<&str>) -> Result<Agent, Failure> {
    let Some(id) = id else {
        let first = agents.first().cloned();
        return first.ok_or_else(|| Failure::usage("the file has no agents: add one"));
    };
    if let Some(agent) = agents.iter().find(|agent| agent.id() == id) {
        return Ok(agent.clone());
    }
    let known: Vec<&str> = agents.iter().map(Agent::id).collect();
    let hint = match agno::nearest(id, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    Err(Failure::usage(format!("there is no agent `{id}`: {hint}")))
}

/// Says where the offline model stands in for another.
pub(crate) fn tell_stand_ins(
    setup: &Setup,
    agents: &[&str],
    output: &mut Output,
) -> Result<(), Failure> {
    let stand_ins: Vec<_> = setup
        .stand_ins
        .iter()
        .filter(|one| agents.is_empty() || agents.contains(&one.agent.as_str()))
        .collect();
    if stand_ins.iter().any(|one| one.model.is_none()) {
        output.note(
            "No model key found: answering with the offline model. Set OPENAI_API_KEY (or another \
             provider's), or start Ollama and name its model.",
        )?;
    }
    for one in stand_ins.iter().filter(|one| one.model.is_some()) {
        output.note(format!(
            "Agent `{}` answers with the offline model: {}.",
            one.agent, one.reason
        ))?;
    }
    Ok(())
}
