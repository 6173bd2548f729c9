//! What a run, a message or a session used.

use agno_core::{Timing, Usage};
use serde::Serialize;

use super::time::seconds;

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Token counts; those that are 0 are left out.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Tokens {
    #[serde(skip_serializing_if = "is_zero")]
    input_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    output_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    total_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cache_read_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cache_write_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    reasoning_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    audio_input_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    audio_output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f64>,
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            total_tokens: usage.total_tokens,
            cache_read_tokens: usage.cache_read_tokens,
            cache_write_tokens: usage.cache_write_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            audio_input_tokens: usage.audio_input_tokens,
            audio_output_tokens: usage.audio_output_tokens,
            cost: (usage.cost_nano_usd > 0).then_some(usage.cost_nano_usd as f64 / 1e9),
        }
    }
}

/// Metrics of a run or a session.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Metrics {
    #[serde(flatten)]
    tokens: Tokens,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_to_first_token: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

/// What each model used.
#[derive(Debug, Serialize)]
struct Details {
    model: Vec<ModelUsage>,
}

#[derive(Debug, Serialize)]
struct ModelUsage {
    #[serde(flatten)]
    tokens: Tokens,
    id: String,
    provider: String,
}

impl Metrics {
    /// Metrics without anything in them.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds what a model used. Nothing is added for a model that was not asked.
    pub(crate) fn model(mut self, usage: Usage, id: &str, provider: &str) -> Self {
        if usage == Usage::default() {
            return self;
        }
        let model = ModelUsage {
            tokens: usage.into(),
            id: id.to_owned(),
            provider: provider.to_owned(),
        };
        match &mut self.details {
            Some(details) => details.model.push(model),
            None => self.details = Some(Details { model: vec![model] }),
        }
        self
    }

    /// Sets the sum of all models.
    pub(crate) fn total(mut self, usage: Usage) -> Self {
        self.tokens = usage.into();
        self
    }

    /// Sets how long it took, in microseconds.
    pub(crate) fn time(mut self, first_micros: Option<u64>, micros: Option<u64>) -> Self {
        self.time_to_first_token = first_micros.map(seconds);
        self.duration = micros.map(seconds);
        self
    }
}

/// Metrics of one reply of the model.
#[derive(Debug, Serialize)]
pub(crate) struct ReplyMetrics {
    #[serde(flatten)]
    tokens: Tokens,
    duration: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_to_first_token: Option<f64>,
}

impl ReplyMetrics {
    /// The metrics of a reply; `has_text` tells whether there was a first token to wait for.
    pub(crate) fn new(usage: Usage, timing: &Timing, has_text: bool) -> Self {
        Self {
            tokens: usage.into(),
            duration: seconds(timing.micros),
            time_to_first_token: has_text
                .then(|| seconds(timing.first_micros.unwrap_or(timing.micros))),
        }
    }
}

/// How clients see who served a model in metrics: the provider and the name of its interface, such
/// as `OpenAI Chat`, where the model's class name consists of both; otherwise the provider.
pub(crate) fn provider_label(name: &str, provider: &str) -> String {
    match name.strip_prefix(provider) {
        Some(interface) if !interface.is_empty() && !provider.is_empty() => {
            format!("{provider} {interface}")
        }
        _ => provider.to_owned(),
    }
}
