//! Tools in an agents file.

use std::collections::BTreeMap;
use std::time::Duration;

use agno_core::Effect;
use agno_tools::HttpRequestSpec;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// A tool: an HTTP call, or something that is carried out elsewhere.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::declarative) struct ToolConfig {
    /// What it does, for the model. Models choose tools by it.
    pub(in crate::declarative) description: String,
    /// The arguments: `name: type` for each, with `?` after the type of what may be left out and
    /// `[]` after it for a list; or a JSON Schema of an object.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub(in crate::declarative) parameters: Option<Value>,
    /// The HTTP call that carries the tool out.
    #[serde(default)]
    pub(in crate::declarative) http: Option<HttpRequestSpec>,
    /// Whether the tool is carried out elsewhere: the run pauses, and someone hands in the result.
    #[serde(default)]
    pub(in crate::declarative) external: bool,
    /// What running it twice would do. Default: `pure` for GET and HEAD, otherwise `at_most_once`.
    /// Calls of `idempotent` tools carry an `Idempotency-Key`.
    #[serde(default)]
    pub(in crate::declarative) effect: Option<Effect>,
    /// Whether a person has to confirm each call.
    #[serde(default)]
    pub(in crate::declarative) confirm: bool,
    /// Arguments that a person fills in before each call; the model is not told about them.
    #[serde(default)]
    pub(in crate::declarative) user_input: Vec<String>,
    /// How long a call may take: `500ms`, `30s`, `2m`, or a number of seconds. Default: 30 seconds.
    #[serde(default)]
    pub(in crate::declarative) timeout: Option<Timeout>,
    /// How often one run may call it. Default: no limit.
    #[serde(default)]
    pub(in crate::declarative) call_limit: Option<u32>,
    /// Whether the run ends after a call, with the tool's result as its answer.
    #[serde(default)]
    pub(in crate::declarative) stop_after_call: bool,
}

/// A duration as people write it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::declarative) enum Timeout {
    /// A number of seconds.
    Seconds(f64),
    /// A number with a unit: `500ms`, `30s`, `2m`, `1h`.
    Text(String),
}

impl Timeout {
    /// The duration; nothing if there is none that is meant.
    pub(in crate::declarative) fn duration(&self) -> Option<Duration> {
        let seconds = match self {
            Self::Seconds(seconds) => *seconds,
            Self::Text(text) => {
                let text = text.trim();
                let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
                let scale = match text.strip_prefix(number)? {
                    "ms" => 0.001,
                    "" | "s" => 1.0,
                    "m" | "min" => 60.0,
                    "h" => 3_600.0,
                    _ => return None,
                };
                number.trim().parse::<f64>().ok()? * scale
            }
        };
        Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|duration| !duration.is_zero())
    }
}
