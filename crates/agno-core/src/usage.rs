//! What a model call cost.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Tokens used by one or several model calls, and their cost where the provider reports it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the request, as the provider counts them.
    #[serde(skip_serializing_if = "is_zero")]
    pub input_tokens: u64,
    /// Tokens of the answer, reasoning included where the provider includes it.
    #[serde(skip_serializing_if = "is_zero")]
    pub output_tokens: u64,
    /// Sum as the provider reports it, or input plus output.
    #[serde(skip_serializing_if = "is_zero")]
    pub total_tokens: u64,
    /// Request tokens that were read from the provider's prompt cache.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_read_tokens: u64,
    /// Request tokens that were written to the provider's prompt cache.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_write_tokens: u64,
    /// Answer tokens that were spent on reasoning.
    #[serde(skip_serializing_if = "is_zero")]
    pub reasoning_tokens: u64,
    /// Audio tokens of the request.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_input_tokens: u64,
    /// Audio tokens of the answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_output_tokens: u64,
    /// Cost in billionths of a US dollar; 0 where it is not known.
    #[serde(skip_serializing_if = "is_zero")]
    pub cost_nano_usd: u64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.total_tokens += other.total_tokens;
        self.cache_read_tokens += other.cache_read_tokens;
        self.cache_write_tokens += other.cache_write_tokens;
        self.reasoning_tokens += other.reasoning_tokens;
        self.audio_input_tokens += other.audio_input_tokens;
        self.audio_output_tokens += other.audio_output_tokens;
        self.cost_nano_usd += other.cost_nano_usd;
    }
}
