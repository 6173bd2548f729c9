//! From names to models.

use agno_core::{Model, StructuredOutput, resolve_model};
use agno_models::providers::{self, KeyHeader};
use agno_models::{ApiKey, OpenAiChat};

#[test]
fn the_table_is_consistent() {
    let mut ids = Vec::new();
    for provider in providers::all() {
        assert!(
            !provider.name.is_empty() && !provider.class.is_empty(),
            "{provider:?}"
        );
        assert!(
            provider.path.starts_with("/chat/completions"),
            "{provider:?}"
        );
        assert!(
            !provider.needs_key || !provider.key_variables.is_empty(),
            "{provider:?}"
        );
        assert!(!provider.base_url.ends_with('/'), "{provider:?}");
        if let KeyHeader::Named(name) = provider.key_header {
            assert_eq!(name, name.to_lowercase());
        }
        ids.push(provider.id);
        ids.extend(provider.aliases);
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id is used twice");
}

#[test]
fn a_name_becomes_a_model() {
    let model = resolve_model("llama-cpp:qwen3:8b").unwrap();
    let info = model.info();
    assert_eq!(
        (&*info.id, &*info.name, &*info.provider),
        ("qwen3:8b", "LlamaCpp", "LlamaCpp")
    );
    assert_eq!(info.structured_output, StructuredOutput::Native);
    assert_eq!(&*resolve_model("ollama:").unwrap().info().id, "llama3.1");
}

#[test]
fn unknown_providers_are_answered_with_the_nearest_names() {
    let error = resolve_model("opneai:gpt-4o").unwrap_err().to_string();
    assert!(error.contains("did you mean `openai`"), "{error}");
    let error = OpenAiChat::new("x")
        .provider("gorq")
        .build()
        .unwrap_err()
        .to_string();
    assert!(error.contains("`groq`"), "{error}");
    assert!(resolve_model("no-colon").is_err());
}

#[test]
fn what_is_missing_is_named() {
    // A provider whose key nobody who runs this test has set.
    if std::env::var_os("NEOSANTARA_API_KEY").is_none() {
        let error = resolve_model("neosantara:x").unwrap_err().to_string();
        assert!(error.contains("NEOSANTARA_API_KEY"), "{error}");
        let at_home = OpenAiChat::new("x")
            .provider("neosantara")
            .base_url("http://127.0.0.1:1/v1");
        assert!(at_home.build().is_ok(), "loopback needs no key");
    }
    if std::env::var_os("OPENAI_COMPATIBLE_BASE_URL").is_none() {
        let error = resolve_model("openai-compatible:x")
            .unwrap_err()
            .to_string();
        assert!(error.contains("base URL"), "{error}");
    }
    let error = resolve_model("vllm:").unwrap_err().to_string();
    assert!(error.contains("vllm:model"), "{error}");
}

#[test]
fn keys_and_addresses_that_can_not_be_used_are_refused_without_showing_them() {
    let local = || OpenAiChat::new("x").base_url("http://127.0.0.1:1/v1");
    let error = local()
        .api_key("secret\u{7f}secret")
        .build()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("key") && !error.contains("secret"),
        "{error}"
    );
    let error = local()
        .header("bad name", "secret")
        .build()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("bad name") && !error.contains("secret"),
        "{error}"
    );
    let error = OpenAiChat::new("x")
        .base_url("http://u:secret@h/v1")
        .build()
        .unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn debug_shows_no_key() {
    let key = "sk-verysecret123";
    assert_eq!(format!("{:?}", ApiKey::from(key)), "ApiKey(…)");
    let settings = OpenAiChat::new("x")
        .base_url("http://127.0.0.1:1/v1")
        .api_key(key);
    assert!(!format!("{settings:?}").contains("secret"));
    let model = settings.build().unwrap();
    assert!(!format!("{model:?}").contains("secret"));
    assert_eq!(&*model.info().provider, "OpenAI");
}
