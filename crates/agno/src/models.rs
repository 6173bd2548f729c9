//! Models: those of providers, and those that need neither a network nor a key.

pub use agno_core::{
    Model, ModelChunk, ModelError, ModelErrorKind, ModelInfo, ModelReply, ModelRequest,
    ModelSettings, ModelSource, ModelStream, Recovery, ReplyStream, resolve_model,
};
pub use agno_engine::test_models::{FunctionModel, OfflineModel, ScriptedModel, TestModel, Turn};
pub use agno_models::openai_chat::parse_request;
pub use agno_models::{ApiKey, OpenAiChat, providers};

/// Whether an address is one of this machine, whose servers need no key.
pub fn is_loopback_url(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    agno_net::is_loopback(host)
}

#[cfg(test)]
mod tests {
    use super::is_loopback_url;

    #[test]
    fn only_this_machine_is_loopback() {
        for (url, expected) in [
            ("http://localhost:11434/v1", true),
            ("http://127.0.0.1/v1", true),
            ("http://[::1]:8000", true),
            ("https://api.openai.com/v1", false),
            ("http://localhost@evil.example/v1", false),
            ("http://evil.example/?localhost", false),
        ] {
            assert_eq!(is_loopback_url(url), expected, "{url}");
        }
    }
}
