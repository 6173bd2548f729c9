//! What a machine has to know of the agent that it runs.

use std::fmt::Debug;
use std::sync::Arc;

use agno_core::{Timestamp, ToolSet};
use serde::{Deserialize, Serialize};

/// Definitions by name. They stay outside of the machines, so that a machine's state serialises
/// without closures, and an edited definition is noticed by its version.
pub trait Definitions {
    /// The agent of the given id.
    fn agent(&self, id: &str) -> Option<&AgentDefinition>;
}

/// An agent as its machine sees it.
#[derive(Clone, Debug)]
pub struct AgentDefinition {
    /// The agent's id.
    pub id: Arc<str>,
    /// A digest of everything that decides what the agent does.
    pub version: u64,
    /// Its tools.
    pub tools: Arc<ToolSet>,
    /// What a run may use up.
    pub limits: Limits,
    /// When and how often a failed model call is repeated.
    pub retry: RetryPolicy,
}

impl Definitions for AgentDefinition {
    fn agent(&self, id: &str) -> Option<&AgentDefinition> {
        (*self.id == *id).then_some(self)
    }
}

/// What a run may use up. Each limit holds over pauses and restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How often the model may be asked; the run fails beyond. Default 50.
    pub model_calls: Option<u32>,
    /// How many tool calls are executed; the model is told beyond. No limit by default.
    pub tool_calls: Option<u32>,
    /// Tokens of all model calls together, at which the run fails instead of going on.
    pub total_tokens: Option<u64>,
    /// Cost of all model calls together in billionths of a US dollar, at which the run fails.
    pub cost_nano_usd: Option<u64>,
    /// Seconds from the start, at which the run fails. Time spent waiting for a person counts.
    pub seconds: Option<u64>,
    /// How often the model may correct an answer that does not fit the output schema. Default 1.
    pub output_repairs: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            model_calls: Some(50),
            tool_calls: None,
            total_tokens: None,
            cost_nano_usd: None,
            seconds: None,
            output_repairs: 1,
        }
    }
}

/// When and how often a failed model call is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// How often a call is repeated. Default 2.
    pub retries: u32,
    /// Milliseconds before the first repetition; each further one waits twice as long. Default
    /// 500. A provider's `Retry-After` wins where it is longer.
    pub delay_ms: u64,
    /// The most milliseconds that are waited, also where a provider asks for more: then the call
    /// fails. Default 60,000.
    pub max_delay_ms: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 2,
            delay_ms: 500,
            max_delay_ms: 60_000,
        }
    }
}

impl RetryPolicy {
    /// No repetition at all.
    pub const fn none() -> Self {
        Self {
            retries: 0,
            delay_ms: 0,
            max_delay_ms: 0,
        }
    }

    /// When to repeat a call that failed at `now` for the `attempt`th time (from 1), or `None` if
    /// it is not to be repeated. `seed` spreads the delay of calls that fail together by up to a
    /// quarter.
    pub fn next_attempt(
        &self,
        now: Timestamp,
        attempt: u32,
        retry_after_ms: Option<u64>,
        seed: u64,
    ) -> Option<Timestamp> {
        if attempt > self.retries {
            return None;
        }
        let doubled = self
            .delay_ms
            .saturating_mul(1 << attempt.saturating_sub(1).min(16));
        let spread = doubled / 4;
        let backoff = (doubled + if spread > 0 { seed % spread } else { 0 }).min(self.max_delay_ms);
        match retry_after_ms {
            Some(asked) if asked > self.max_delay_ms => None,
            asked => Some(now.plus_micros(backoff.max(asked.unwrap_or(0)).saturating_mul(1000))),
        }
    }
}
