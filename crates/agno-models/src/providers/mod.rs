//! The provider table: one row, in one file, for each provider.
//!
//! A provider is plain data. To add one that speaks Chat Completions, write its row into a file of
//! its own and name it in the table.

mod azure_openai;
mod cerebras;
mod cloudflare;
mod cometapi;
mod dashscope;
mod deepinfra;
mod deepseek;
mod environment;
mod fireworks;
mod groq;
mod huggingface;
mod inception;
mod internlm;
mod langdb;
mod litellm;
mod llama_cpp;
mod llama_openai;
mod lmstudio;
mod minimax;
mod mistral;
mod moonshot;
mod n1n;
mod nearest;
mod nebius;
mod neosantara;
mod nexus;
mod nvidia;
mod ollama;
mod openai;
mod openai_compatible;
mod openrouter;
mod perplexity;
mod portkey;
mod requesty;
mod resolve;
mod sambanova;
mod siliconflow;
mod together;
mod tokenlab;
mod trustedrouter;
mod tuning_engines;
mod vercel;
mod vllm;
mod xai;
mod xiaomi;

use crate::openai_chat::Dialect;

pub(crate) use nearest::unknown;

/// One provider: what is needed to reach it and to speak with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provider {
    /// What it is called in `provider:model`.
    pub id: &'static str,
    /// Other ids for it.
    pub aliases: &'static [&'static str],
    /// Who serves the model, for people and for AgentOS, such as `OpenAI`.
    pub name: &'static str,
    /// Agno's name of the class that talks to it, such as `OpenAIChat`.
    pub class: &'static str,
    /// Where its API is. `{NAME}` stands for an environment variable, `{NAME=default}` for one that
    /// need not be set, and `{model}` for the model's id; empty if there is no usual place.
    pub base_url: &'static str,
    /// Environment variables that name another place; the first one that is set counts.
    pub base_url_variables: &'static [&'static str],
    /// What follows the base URL.
    pub path: &'static str,
    /// Environment variables that hold the key; the first one that is set counts.
    pub key_variables: &'static [&'static str],
    /// Whether nothing works without a key.
    pub needs_key: bool,
    /// How the key is sent.
    pub key_header: KeyHeader,
    /// The model to take if none is named; empty if there is no sensible one.
    pub default_model: &'static str,
    /// How it differs from OpenAI.
    pub dialect: Dialect,
}

/// How a key is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHeader {
    /// As `Authorization: Bearer …`.
    Bearer,
    /// As it is in the header of this name, which is in lower case.
    Named(&'static str),
}

/// What most rows have in common.
const COMPATIBLE: Provider = Provider {
    id: "",
    aliases: &[],
    name: "",
    class: "",
    base_url: "",
    base_url_variables: &[],
    path: "/chat/completions",
    key_variables: &[],
    needs_key: true,
    key_header: KeyHeader::Bearer,
    default_model: "",
    dialect: Dialect::COMPATIBLE,
};

/// The provider of this id or alias.
pub fn find(id: &str) -> Option<&'static Provider> {
    TABLE
        .iter()
        .copied()
        .find(|provider| provider.id == id || provider.aliases.contains(&id))
}

/// All providers, in the order of their ids.
pub fn all() -> impl Iterator<Item = &'static Provider> {
    TABLE.iter().copied()
}

impl Provider {
    /// The address that requests go to, for a base URL with or without the path.
    pub(crate) fn request_url(&self, base_url: &str) -> String {
        let base_url = base_url.trim().trim_end_matches('/');
        if base_url.ends_with("/chat/completions") {
            return base_url.to_owned();
        }
        let mut url = String::with_capacity(base_url.len() + self.path.len());
        url.push_str(base_url);
        url.push_str(self.path);
        url
    }
}

/// All providers, in the order of their ids.
static TABLE: [&Provider; 42] = [
    &azure_openai::PROVIDER,
    &cerebras::PROVIDER,
    &cloudflare::PROVIDER,
    &cometapi::PROVIDER,
    &dashscope::PROVIDER,
    &deepinfra::PROVIDER,
    &deepseek::PROVIDER,
    &fireworks::PROVIDER,
    &groq::PROVIDER,
    &huggingface::PROVIDER,
    &inception::PROVIDER,
    &internlm::PROVIDER,
    &langdb::PROVIDER,
    &litellm::PROVIDER,
    &llama_cpp::PROVIDER,
    &llama_openai::PROVIDER,
    &lmstudio::PROVIDER,
    &minimax::PROVIDER,
    &mistral::PROVIDER,
    &moonshot::PROVIDER,
    &n1n::PROVIDER,
    &nebius::PROVIDER,
    &neosantara::PROVIDER,
    &nexus::PROVIDER,
    &nvidia::PROVIDER,
    &ollama::PROVIDER,
    &OPENAI,
    &openai_compatible::PROVIDER,
    &openrouter::PROVIDER,
    &perplexity::PROVIDER,
    &portkey::PROVIDER,
    &requesty::PROVIDER,
    &sambanova::PROVIDER,
    &siliconflow::PROVIDER,
    &together::PROVIDER,
    &tokenlab::PROVIDER,
    &trustedrouter::PROVIDER,
    &tuning_engines::PROVIDER,
    &vercel::PROVIDER,
    &vllm::PROVIDER,
    &xai::PROVIDER,
    &xiaomi::PROVIDER,
];

/// OpenAI, whose models need no provider to be named.
pub(crate) static OPENAI: Provider = openai::PROVIDER;
