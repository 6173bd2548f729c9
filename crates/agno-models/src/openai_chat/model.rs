//! The model that speaks Chat Completions, and how it is set up.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use agno_core::{Model, ModelInfo, ModelRequest, ModelSettings, ReplyStream, ResolveError};
use agno_net::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use agno_net::{
    Bytes, Endpoint, Exchange, HeaderMap, HeaderName, HeaderValue, Method, ModelClient, Request,
    Timeouts,
};

use super::call::Call;
use super::encode::encode;
use crate::key::ApiKey;
use crate::providers::{self, KeyHeader, Provider};
use crate::shared::{Shared, shared};

/// Settings of a model that speaks Chat Completions.
///
/// ```
/// use agno_models::OpenAiChat;
///
/// let model = OpenAiChat::new("llama3.2")
///     .provider("ollama")
///     .base_url("http://localhost:11434/v1")
///     .build()?;
/// # Ok::<_, agno_core::ResolveError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct OpenAiChat {
    id: Arc<str>,
    provider: Result<&'static Provider, ResolveError>,
    base_url: Option<String>,
    key: Option<ApiKey>,
    rare: Option<Box<Rare>>,
}

/// What most models leave as it is.
#[derive(Clone, Debug, Default)]
struct Rare {
    settings: ModelSettings,
    timeouts: Timeouts,
    headers: Vec<(String, String)>,
    client: Option<ModelClient>,
}

/// A model that speaks Chat Completions. Made by [`OpenAiChat::build`].
#[derive(Debug)]
pub struct ChatModel {
    info: ModelInfo,
    provider: &'static Provider,
    endpoint: Arc<Endpoint>,
    key: Option<ApiKey>,
    /// Made at the first call: many models are built and never called.
    headers: OnceLock<Arc<HeaderMap>>,
    rare: Option<Box<Rare>>,
}

impl OpenAiChat {
    /// The model of this id, served by OpenAI unless [`provider`](Self::provider) says otherwise.
    ///
    /// Key and base URL come from the environment (`OPENAI_API_KEY`, `OPENAI_BASE_URL`) when
    /// [`build`](Self::build) is called, unless they are set here.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self {
            id: id.into(),
            provider: Ok(&providers::OPENAI),
            base_url: None,
            key: None,
            rare: None,
        }
    }

    /// Who serves the model: an id of the provider table, such as `groq` or `openai-compatible`.
    pub fn provider(mut self, id: &str) -> Self {
        self.provider = providers::find(id).ok_or_else(|| providers::unknown(id));
        self
    }

    pub(crate) fn served_by(mut self, provider: &'static Provider) -> Self {
        self.provider = Ok(provider);
        self
    }

    /// Where the API is, up to and including `/v1` or what the server has in its place.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The key.
    pub fn api_key(mut self, key: impl Into<ApiKey>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Settings for all calls; those of a call win over them.
    pub fn settings(mut self, settings: ModelSettings) -> Self {
        self.rare().settings = settings;
        self
    }

    /// How long the server may be silent, before its answer and within it. 10 minutes by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.rare().timeouts.read = timeout;
        self
    }

    /// A further header for all requests, such as an organisation's id.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.rare().headers.push((name.into(), value.into()));
        self
    }

    /// The client to use instead of the one that all models share.
    pub fn client(mut self, client: ModelClient) -> Self {
        self.rare().client = Some(client);
        self
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The model.
    ///
    /// # Errors
    /// If the provider is unknown, its key or address is missing, or a header can't be sent. Each
    /// names what to set.
    pub fn build(self) -> Result<Arc<ChatModel>, ResolveError> {
        let provider = self.provider?;
        let Shared {
            class,
            name,
            endpoint,
        } = shared_parts(provider, &self.id, self.base_url)?;
        let key = match self.key {
            Some(key) => Some(key),
            None => key_from_environment(provider),
        };
        if key.is_none() && provider.needs_key && !endpoint.is_loopback() {
            return Err(missing_key(provider, &self.id));
        }
        let model = ChatModel {
            info: ModelInfo {
                id: self.id,
                name: class,
                provider: name,
                structured_output: provider.dialect.structured_output,
            },
            provider,
            endpoint,
            key,
            headers: OnceLock::new(),
            rare: self.rare,
        };
        if model.key.is_some() || model.rare.is_some() {
            model.check_headers()?;
        }
        Ok(Arc::new(model))
    }
}

fn shared_parts(
    provider: &'static Provider,
    model: &str,
    base_url: Option<String>,
) -> Result<Shared, ResolveError> {
    let base_url = match base_url {
        Some(url) => url,
        None => provider.base_url_from_environment(model)?,
    };
    shared(provider, &base_url).map_err(|error| ResolveError::new(error.to_string()))
}

fn key_from_environment(provider: &Provider) -> Option<ApiKey> {
    provider
        .key_variables
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .filter(|key| !key.trim().is_empty())
        .map(ApiKey::from)
}

fn missing_key(provider: &Provider, model: &str) -> ResolveError {
    ResolveError::new(match provider.key_variables.first() {
        Some(variable) => format!(
            "`{}:{model}` needs a key: set the environment variable {variable} or call `.api_key(…)`",
            provider.id
        ),
        None => format!("`{}:{model}` needs a key: call `.api_key(…)`", provider.id),
    })
}

impl ChatModel {
    /// Fails if a header can't be sent, so that a call need not.
    fn check_headers(&self) -> Result<(), ResolveError> {
        let refused = |what: &str| {
            ResolveError::new(format!(
                "{what} of `{}:{}` holds a character that a header can't hold",
                self.provider.id, self.info.id
            ))
        };
        if let Some(key) = &self.key
            && !key.fits_a_header()
        {
            return Err(refused("the key"));
        }
        for (name, value) in self.rare.iter().flat_map(|rare| &rare.headers) {
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                return Err(refused(&format!("the header `{name}`")));
            }
        }
        Ok(())
    }

    fn headers(&self) -> &Arc<HeaderMap> {
        self.headers.get_or_init(|| {
            let mut headers = self.endpoint.headers();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let agent = concat!("agno-rs/", env!("CARGO_PKG_VERSION"));
            headers.insert(USER_AGENT, HeaderValue::from_static(agent));
            if let Some(key) = &self.key {
                let (name, value) = match self.provider.key_header {
                    KeyHeader::Bearer => (AUTHORIZATION, key.header_value("Bearer ")),
                    KeyHeader::Named(name) => (HeaderName::from_static(name), key.header_value("")),
                };
                headers.extend(value.map(|value| (name, value)));
            }
            for (name, value) in self.rare.iter().flat_map(|rare| &rare.headers) {
                if let (Ok(name), Ok(value)) =
                    (HeaderName::try_from(name), HeaderValue::try_from(value))
                {
                    headers.insert(name, value);
                }
            }
            Arc::new(headers)
        })
    }
}

impl Model for ChatModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn stream(&self, request: ModelRequest) -> ReplyStream {
        let rare = self.rare.as_deref();
        let dialect = &self.provider.dialect;
        let settings = rare.map(|rare| &rare.settings);
        // Encoded at once, so that the conversation is not held while the answer is awaited.
        let body = match encode(&request, &self.info.id, dialect, settings) {
            Ok(body) => body,
            Err(error) => return Box::new(Call::failed(self.provider, error)),
        };
        let client = rare
            .and_then(|rare| rare.client.as_ref())
            .unwrap_or_else(|| ModelClient::shared());
        let exchange = Exchange::new(
            client.clone(),
            Request {
                method: Method::POST,
                endpoint: Arc::clone(&self.endpoint),
                headers: Arc::clone(self.headers()),
                body: Bytes::from(body),
                timeouts: rare.map(|rare| rare.timeouts).unwrap_or_default(),
            },
        );
        Box::new(Call::new(
            self.provider,
            exchange,
            self.key.clone(),
            request.deltas,
        ))
    }
}
