//! From the model an agent names to the model itself.

use std::sync::Arc;

use agno_core::Model;
use agno_engine::test_models::OfflineModel;
use agno_models::OpenAiChat;
use agno_models::providers::{self, Provider};

use super::environment::Environment;
use super::references::OFFLINE;
use super::types::ModelConfig;
use super::variables::expand;
use crate::models::is_loopback_url;

/// How a model can't be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ModelProblem {
    /// Its key is not set: the only problem that the offline model can stand in for.
    MissingKey {
        /// What was asked for, such as `openai:gpt-4o`.
        model: String,
        /// The environment variables that could hold the key; the first is the usual one.
        variables: Vec<String>,
    },
    /// No model is named.
    NotChosen,
    /// Anything else, with what to do.
    Other(String),
}

impl ModelProblem {
    pub(super) fn message(&self) -> String {
        match self {
            Self::MissingKey { model, variables } => match variables.first() {
                Some(variable) => {
                    format!("`{model}` needs a key: set the environment variable {variable}")
                }
                None => format!("`{model}` needs a key: name its variable with `api_key_env`"),
            },
            Self::NotChosen => "no model is chosen: add `model: provider:model`".to_owned(),
            Self::Other(message) => message.clone(),
        }
    }
}

/// The model of a name that is not one from the file: `provider:model` or `offline`.
pub(super) fn named(
    name: &str,
    base_url: Option<&str>,
    environment: &Environment,
) -> Result<Arc<dyn Model>, ModelProblem> {
    if name == OFFLINE {
        return Ok(Arc::new(OfflineModel::new()));
    }
    let Some((provider, id)) = name.split_once(':') else {
        let message = format!("`{name}` names no provider: write `provider:{name}`");
        return Err(ModelProblem::Other(message));
    };
    if providers::find(provider).is_none() && base_url.is_none() {
        // A provider that the program itself has registered, or a mistake.
        return agno_core::resolve_model(name)
            .map_err(|error| ModelProblem::Other(error.to_string()));
    }
    let config = ModelConfig {
        provider: provider.to_owned(),
        id: Some(id.to_owned()).filter(|id| !id.trim().is_empty()),
        base_url: base_url.map(str::to_owned),
        api_key_env: None,
        api_key: None,
        settings: None,
    };
    configured(&config, environment)
}

/// The first provider whose key is set, with its default model.
pub(super) fn first_with_key(
    environment: &Environment,
) -> Option<Result<Arc<dyn Model>, ModelProblem>> {
    // OpenAI first: most keys that are lying around are OpenAI's, and gateways come after makers.
    let openai = providers::find("openai").into_iter();
    let provider = openai.chain(providers::all()).find(|provider| {
        provider.needs_key && !provider.default_model.is_empty() && key(provider, environment)
    })?;
    let name = format!("{}:{}", provider.id, provider.default_model);
    Some(named(&name, None, environment))
}

fn key(provider: &Provider, environment: &Environment) -> bool {
    let mut variables = provider.key_variables.iter();
    variables.any(|name| environment.get(name).is_some())
}

/// The model of a configuration. Its `${NAME}`s are known to be set.
pub(super) fn configured(
    config: &ModelConfig,
    environment: &Environment,
) -> Result<Arc<dyn Model>, ModelProblem> {
    if config.provider == OFFLINE {
        return Ok(Arc::new(OfflineModel::new()));
    }
    let Some(provider) = providers::find(&config.provider) else {
        let known = providers::all().map(|provider| provider.id);
        let hint = match agno_core::nearest(&config.provider, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`agno models` lists them".to_owned(),
        };
        let message = format!("unknown provider `{}`: {hint}", config.provider);
        return Err(ModelProblem::Other(message));
    };
    let id = match config.id.as_deref().map(str::trim) {
        Some(id) if !id.is_empty() => id,
        _ if provider.default_model.is_empty() => {
            let message = format!("`{}` has no default model: add its `id`", provider.id);
            return Err(ModelProblem::Other(message));
        }
        _ => provider.default_model,
    };
    let base_url = base_url(config, provider, environment)?;
    let mut chat = OpenAiChat::new(id).provider(provider.id);
    match api_key(config, provider, environment) {
        Some(key) => chat = chat.api_key(key),
        None if provider.needs_key && !base_url.as_deref().is_some_and(is_loopback_url) => {
            let own = config.api_key_env.clone();
            let usual = provider.key_variables.iter().map(|name| (*name).to_owned());
            return Err(ModelProblem::MissingKey {
                model: format!("{}:{id}", provider.id),
                variables: own.map_or_else(|| usual.collect(), |own| vec![own]),
            });
        }
        None => {}
    }
    if let Some(url) = base_url {
        chat = chat.base_url(url);
    }
    if let Some(settings) = &config.settings {
        chat = chat.settings(settings.clone());
    }
    match chat.build() {
        Ok(model) => Ok(model),
        Err(error) => Err(ModelProblem::Other(error.to_string())),
    }
}

fn api_key(config: &ModelConfig, provider: &Provider, environment: &Environment) -> Option<String> {
    if let Some(key) = &config.api_key {
        return expand(key, environment).filter(|key| !key.trim().is_empty());
    }
    if let Some(variable) = &config.api_key_env {
        return environment.get(variable);
    }
    let mut variables = provider.key_variables.iter();
    variables.find_map(|name| environment.get(name))
}

/// Where the API is, if it is not at the provider's usual place.
fn base_url(
    config: &ModelConfig,
    provider: &Provider,
    environment: &Environment,
) -> Result<Option<String>, ModelProblem> {
    if let Some(url) = &config.base_url {
        let unclear = || ModelProblem::Other(format!("the base URL `{url}` can't be completed"));
        return expand(url, environment).map(Some).ok_or_else(unclear);
    }
    let mut variables = provider.base_url_variables.iter();
    Ok(variables.find_map(|name| environment.get(name)))
}
