//! What is written in a file about a tool that is an HTTP call.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use agno_core::Effect;
use agno_net::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// A tool that is an HTTP call.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpToolSpec {
    /// The name the model calls it by. In a file it is the key that the tool stands under.
    #[serde(default)]
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// The arguments: `name: type` for each, `?` after the type of what may be left out; or a JSON
    /// Schema of an object.
    #[serde(default = "no_parameters")]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub parameters: Value,
    /// The call.
    pub http: HttpRequestSpec,
    /// What running it twice would do. `pure` for GET and HEAD, otherwise `at_most_once`. With
    /// `idempotent`, an `Idempotency-Key` is sent that is the same whenever a call is repeated.
    #[serde(default)]
    pub effect: Option<Effect>,
    /// Whether a person has to confirm each call.
    #[serde(default)]
    pub confirm: bool,
    /// How long a call may take: `500ms`, `30s`, `2m`, or a number of seconds. 30 seconds if not set.
    #[serde(default, deserialize_with = "timeout")]
    #[schemars(with = "Option<Timeout>")]
    pub timeout: Option<Duration>,
}

/// An HTTP request with places for arguments, and what to take from its answer.
///
/// `{name}` stands for an argument, `${NAME}` for an environment variable, in the address, in the
/// values of headers and of the query, and in texts of the body. `{{name}}` and `$${NAME}` are the
/// plain texts.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpRequestSpec {
    /// The method. GET if not set.
    #[serde(default)]
    pub method: HttpMethod,
    /// The address, such as `https://shop.example/orders/{order_id}`. Arguments can't stand in its
    /// host.
    pub url: String,
    /// Headers. Those whose argument is left out are not sent.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Parameters for the address's query. Those whose argument is left out are not sent.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// The JSON body. A text that is just `"{name}"` becomes the argument with its type. If not set,
    /// arguments that appear nowhere else are the body of POST, PUT and PATCH, and query parameters
    /// of other methods.
    #[serde(default)]
    pub body: Option<Value>,
    /// What part of a JSON answer to return: names and indexes with dots between (`data.items.0`),
    /// or a JSON pointer (`/data/items/0`). All of it if not set.
    #[serde(default)]
    pub result: Option<String>,
    /// Whether the host may be one of a private network, or this machine.
    #[serde(default)]
    pub allow_private: bool,
    /// How many bytes an answer may have. 1 MiB if not set.
    #[serde(default)]
    pub max_bytes: Option<usize>,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// Reads something.
    #[default]
    #[serde(alias = "get")]
    Get,
    /// Reads only the headers.
    #[serde(alias = "head")]
    Head,
    /// Adds something.
    #[serde(alias = "post")]
    Post,
    /// Replaces something.
    #[serde(alias = "put")]
    Put,
    /// Changes something.
    #[serde(alias = "patch")]
    Patch,
    /// Deletes something.
    #[serde(alias = "delete")]
    Delete,
}

impl HttpMethod {
    pub(super) fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Head => Method::HEAD,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }

    /// Whether arguments go into a body unless told otherwise.
    pub(super) fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }

    /// Whether it changes nothing by definition.
    pub(super) fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

impl HttpRequestSpec {
    /// A request without headers, query and body.
    pub fn new(method: HttpMethod, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: BTreeMap::new(),
            query: BTreeMap::new(),
            body: None,
            result: None,
            allow_private: false,
            max_bytes: None,
        }
    }
}

/// Values of headers and of the query, and the body, are left out: people write keys into them.
impl fmt::Debug for HttpRequestSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        f.debug_struct("HttpRequestSpec")
            .field("method", &self.method)
            .field("url", &url)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("query", &self.query.keys().collect::<Vec<_>>())
            .field("has_body", &self.body.is_some())
            .field("result", &self.result)
            .field("allow_private", &self.allow_private)
            .field("max_bytes", &self.max_bytes)
            .finish()
    }
}

fn no_parameters() -> Value {
    Value::Object(serde_json::Map::new())
}

/// A duration as people write it.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Timeout {
    /// A number of seconds.
    Seconds(f64),
    /// A number with a unit.
    Text(String),
}

fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let duration = match Option::<Timeout>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Timeout::Seconds(seconds)) => Duration::try_from_secs_f64(seconds).ok(),
        Some(Timeout::Text(text)) => duration(&text),
    };
    match duration.filter(|limit| !limit.is_zero()) {
        Some(limit) => Ok(Some(limit)),
        None => Err(de::Error::custom(
            "a timeout is a number of seconds above 0, or text such as `500ms`, `30s` or `2m`",
        )),
    }
}

fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = text.strip_prefix(number)?;
    let number: f64 = number.trim().parse().ok()?;
    let seconds = match unit {
        "ms" => number / 1_000.0,
        "s" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3_600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}
