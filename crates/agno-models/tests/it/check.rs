//! Comparing a reply with what a recording says.

use agno_core::{Message, ModelChunk, ModelError, ModelReply};
use agno_models::openai_chat::{Dialect, StreamDecoder};
use agno_net::Bytes;
use serde_json::{Value, json};

/// Everything a stream hands out.
#[derive(Debug, Default, PartialEq)]
pub struct Streamed {
    pub text: String,
    pub reasoning: String,
    pub arguments: Vec<String>,
    pub outcome: Option<Result<ModelReply, ModelError>>,
}

/// Decodes a stream from the given pieces.
pub fn stream<'b>(
    pieces: impl IntoIterator<Item = &'b [u8]>,
    dialect: &'static Dialect,
) -> Streamed {
    let mut decoder = StreamDecoder::new(dialect);
    let mut streamed = Streamed::default();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        take(&mut decoder, &mut streamed);
    }
    decoder.end();
    take(&mut decoder, &mut streamed);
    streamed
}

fn take(decoder: &mut StreamDecoder, streamed: &mut Streamed) {
    while let Some(chunk) = decoder.next_chunk() {
        assert!(
            streamed.outcome.is_none(),
            "nothing comes after the outcome"
        );
        match chunk {
            Ok(ModelChunk::Text(text)) => streamed.text.push_str(&text),
            Ok(ModelChunk::Reasoning(text)) => streamed.reasoning.push_str(&text),
            Ok(ModelChunk::Arguments { index, text }) => {
                let index = index as usize;
                if streamed.arguments.len() <= index {
                    streamed.arguments.resize(index + 1, String::new());
                }
                streamed.arguments[index].push_str(&text);
            }
            Ok(ModelChunk::Done(reply)) => streamed.outcome = Some(Ok(*reply)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => streamed.outcome = Some(Err(error)),
        }
    }
}

/// What a reply says, in the words of the recordings' expectations; ids of the server included.
pub fn summary(reply: &ModelReply) -> Value {
    let Message::Assistant(message) = &*reply.message else {
        panic!("{reply:?}");
    };
    let rich = message.content.rich.clone().unwrap_or_default();
    let calls: Vec<Value> = message
        .tool_calls
        .iter()
        .map(|call| {
            let arguments = match &*call.arguments {
                "" => json!({}),
                text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
            };
            json!({"id": &*call.id, "name": &*call.name, "arguments": arguments})
        })
        .collect();
    let metadata = reply.metadata.as_deref();
    let logprobs = metadata
        .map(|metadata| &metadata.logprobs)
        .filter(|logprobs| !logprobs.is_empty());
    json!({
        "final_text": &*message.content.text,
        "thinking_text": rich.reasoning.as_deref().unwrap_or_default(),
        "tool_calls": calls,
        "input": reply.usage.input_tokens,
        "output": reply.usage.output_tokens,
        "total": reply.usage.total_tokens,
        "cached": reply.usage.cache_read_tokens,
        "cache_write": reply.usage.cache_write_tokens,
        "reasoning": reply.usage.reasoning_tokens,
        "finish_reason": reply.finish.as_str(),
        "refusal": rich.refusal.as_deref().unwrap_or_default(),
        "citations": rich.citations.iter().map(|citation| &*citation.url).collect::<Vec<_>>(),
        "logprob_tokens": logprobs
            .map(|tokens| tokens.iter().map(|token| token["token"].clone()).collect::<Vec<_>>())
            .unwrap_or_default(),
        "response_model": metadata
            .and_then(|metadata| metadata.model.as_deref())
            .unwrap_or_default(),
    })
}

/// What differs from the expectation; nothing if all is well.
pub fn differences(reply: &ModelReply, expect: &Value) -> Vec<String> {
    let found = summary(reply);
    let usage = &expect["usage"];
    let mut differences = Vec::new();
    let mut compare = |key: &str, expected: Value| {
        if found[key] != expected {
            differences.push(format!("{key}: expected {expected}, found {}", found[key]));
        }
    };
    let text = |key: &str| match &expect[key] {
        Value::Null => "".into(),
        value => value.clone(),
    };
    let count = |key: &str| match &usage[key] {
        Value::Null => 0.into(),
        value => value.clone(),
    };
    for key in ["final_text", "thinking_text", "refusal", "response_model"] {
        compare(key, text(key));
    }
    if !expect["finish_reason"].is_null() {
        compare("finish_reason", text("finish_reason"));
    }
    compare(
        "tool_calls",
        expect.get("tool_calls").cloned().unwrap_or(json!([])),
    );
    for key in ["input", "output", "cached", "cache_write", "reasoning"] {
        compare(key, count(key));
    }
    if !usage["total"].is_null() {
        compare("total", count("total"));
    }
    for key in ["citations", "logprob_tokens"] {
        if let Some(list) = expect.get(key) {
            compare(key, list.clone());
        }
    }
    differences
}
