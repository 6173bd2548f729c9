//! What frames tell beside who speaks.

use agno_core::ReplyMetadata;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::wire::metrics::Metrics;
use crate::wire::requirement::RequirementView;
use crate::wire::run::Content;
use crate::wire::tool::Tool;

#[derive(Serialize)]
pub(super) struct ModelDetail<'a> {
    pub(super) model: &'a str,
    pub(super) model_provider: &'a str,
}

#[derive(Serialize)]
pub(super) struct ModelCompleted<'a> {
    pub(super) model: &'a str,
    pub(super) model_provider: &'a str,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    pub(super) total_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time_to_first_token: Option<f64>,
    pub(super) reasoning_tokens: u64,
    pub(super) cache_read_tokens: u64,
    pub(super) cache_write_tokens: u64,
}

#[derive(Serialize)]
pub(super) struct StructuredContent<'a> {
    pub(super) workflow_agent: bool,
    pub(super) content_type: &'a str,
    pub(super) reasoning_content: &'a str,
    pub(super) content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model_provider_data: Option<&'a ReplyMetadata>,
}

#[derive(Serialize)]
pub(super) struct ToolDetail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<&'a str>,
    pub(super) tool: &'a Tool<'a>,
}

#[derive(Serialize)]
pub(super) struct Paused<'a> {
    pub(super) content: String,
    pub(super) tools: Vec<Tool<'a>>,
    pub(super) requirements: Vec<RequirementView<'a>>,
}

#[derive(Serialize)]
pub(super) struct Completed<'a> {
    pub(super) content: Content<'a>,
    pub(super) content_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model_provider_data: Option<&'a ReplyMetadata>,
    pub(super) session_state: Map<String, Value>,
    pub(super) metrics: Metrics,
}

#[derive(Serialize)]
pub(super) struct Cancelled<'a> {
    pub(super) content: &'a str,
    pub(super) reason: &'a str,
}

#[derive(Serialize)]
pub(super) struct Failed<'a> {
    pub(super) content: &'a str,
    pub(super) error_type: &'a str,
}
