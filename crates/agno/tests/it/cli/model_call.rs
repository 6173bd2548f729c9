//! `agno model call`, and agents whose models and tools are on the loopback address.

use serde_json::json;

use super::Desk;
use super::loopback::{Loopback, answer};

const REQUEST: &str = r#"{"messages":[{"role":"user","content":"Hi"}]}"#;

fn completion(message: serde_json::Value, finish: &str) -> String {
    let body = json!({
        "id": "c1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{ "index": 0, "message": message, "finish_reason": finish }],
        "usage": {
            "prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13,
            "prompt_tokens_details": { "cached_tokens": 2 },
        },
    });
    answer("200 OK", "application/json", &body.to_string())
}

fn call(server: &Loopback, extra: &[&str], request: &str) -> super::Told {
    let url = format!("http://{}/v1", server.address);
    let mut arguments = vec!["model", "call", "--provider", "openai", "--model", "m"];
    arguments.extend(["--base-url", &url]);
    arguments.extend(extra);
    Desk::new().agno_with_input(&arguments, request)
}

#[test]
fn a_reply_is_one_json_object() {
    let message = json!({
        "role": "assistant", "content": "Hello", "tool_calls": [
            { "id": "1", "type": "function", "function": { "name": "a", "arguments": "{\"x\":1}" } },
            { "id": "2", "type": "function", "function": { "name": "b", "arguments": "{\"x\"" } },
        ],
    });
    let server = Loopback::answering(vec![completion(message, "tool_calls")]);
    let told = call(&server, &[], REQUEST).ok();
    assert_eq!(
        told.json(),
        json!({
            "text": "Hello",
            "thinking": null,
            "tool_calls": [
                { "id": "1", "name": "a", "arguments": { "x": 1 } },
                { "id": "2", "name": "b", "arguments": "{\"x\"" },
            ],
            "usage": {
                "input_tokens": 9, "output_tokens": 4, "cache_read_tokens": 2,
                "reasoning_tokens": 0,
            },
            "finish_reason": "tool_calls",
        })
    );
    let request = server.request();
    assert!(
        request.starts_with("POST /v1/chat/completions"),
        "{request}"
    );
    assert!(!request.contains("\"stream\":true"), "{request}");
}

#[test]
fn a_streamed_reply_is_the_same_object() {
    let pieces = [
        json!({"choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}),
        json!({"choices":[{"index":0,"delta":{"content":"lo"}}]}),
        json!({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}),
        json!({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}),
    ];
    let mut body: String = pieces
        .iter()
        .map(|piece| format!("data: {piece}\n\n"))
        .collect();
    body.push_str("data: [DONE]\n\n");
    let server = Loopback::answering(vec![answer("200 OK", "text/event-stream", &body)]);
    let reply = call(&server, &["--stream"], REQUEST).ok().json();
    assert_eq!(reply["text"], "Hello");
    assert_eq!(reply["usage"]["input_tokens"], 9);
    assert_eq!(reply["finish_reason"], "stop");
    assert!(server.request().contains("\"stream\":true"));
}

#[test]
fn an_error_is_json_on_the_same_stream() {
    let body = json!({ "error": { "message": "slow down", "code": "rate_limit_exceeded" } });
    let busy = answer(
        "429 Too Many Requests",
        "application/json",
        &body.to_string(),
    )
    .replacen("\r\n", "\r\nretry-after: 3\r\n", 1);
    let server = Loopback::answering(vec![busy]);
    let told = call(&server, &[], REQUEST);
    assert_eq!(told.code, 1);
    let error = &told.json()["error"];
    assert_eq!(error["kind"], "rate_limited");
    assert_eq!(error["status"], 429);
    assert_eq!(error["code"], "rate_limit_exceeded");
    assert_eq!(error["retry_after_ms"], 3000);
    assert_eq!(told.err, "");

    for (request, part) in [("{", "not JSON"), ("{}", "messages")] {
        let server = Loopback::answering(Vec::new());
        let told = call(&server, &[], request);
        assert_eq!(told.code, 1);
        let error = &told.json()["error"];
        assert_eq!(error["kind"], "invalid_request");
        assert!(error["message"].as_str().unwrap().contains(part), "{error}");
    }
}

#[test]
fn a_key_is_only_asked_for_where_it_is_needed() {
    let arguments = ["model", "call", "--provider", "openai", "--model", "m"];
    let told = Desk::new().agno_with_input(&arguments, REQUEST);
    assert_eq!(told.code, 1);
    let error = told.json();
    assert_eq!(error["error"]["kind"], "authentication");
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("OPENAI_API_KEY"), "{message}");

    let arguments = ["model", "call", "--provider", "opnai", "--model", "m"];
    let told = Desk::new().agno_with_input(&arguments, REQUEST);
    assert_eq!(told.json()["error"]["kind"], "invalid_request");
}

#[test]
fn an_agent_uses_the_model_and_the_tool_that_its_file_declares() {
    let shop = Loopback::answering(vec![answer(
        "200 OK",
        "application/json",
        r#"{"data":{"status":"shipped"}}"#,
    )]);
    let call = json!({
        "role": "assistant", "content": null, "tool_calls": [{
            "id": "1", "type": "function",
            "function": { "name": "get_order", "arguments": "{\"order_id\":\"A 17\"}" },
        }],
    });
    let text = json!({ "role": "assistant", "content": "It is on its way." });
    let model = Loopback::answering(vec![
        completion(call, "tool_calls"),
        completion(text, "stop"),
    ]);
    let desk = Desk::with(&format!(
        "
models:
  local:
    provider: openai-compatible
    id: llama
    base_url: http://{}/v1
    api_key_env: MY_KEY
    settings: {{ temperature: 0.5 }}
tools:
  get_order:
    description: Look up an order.
    parameters: {{ order_id: string }}
    http:
      url: http://{}/orders/{{order_id}}
      headers: {{ authorization: 'Bearer ${{SHOP_TOKEN}}' }}
      result: data.status
      allow_private: true
agents:
  support:
    model: local
    instructions: Look things up.
    tools: [get_order]
",
        model.address, shop.address
    ));
    let output = desk
        .command(&["run", "Where is A 17?", "--no-stream", "--json"])
        .env("MY_KEY", "model-key-value")
        .env("SHOP_TOKEN", "shop-token-value")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let run: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(run["content"], "It is on its way.");
    assert_eq!(run["tools"][0]["result"], "shipped");
    assert!(!text.contains("-value"), "{text}");

    let asked = model.request();
    assert!(asked.contains("Bearer model-key-value"), "{asked}");
    assert!(asked.contains("\"temperature\":0.5"), "{asked}");
    assert!(asked.contains("Look things up."), "{asked}");
    let looked_up = shop.request();
    assert!(looked_up.starts_with("GET /orders/A%2017 "), "{looked_up}");
    assert!(looked_up.contains("Bearer shop-token-value"), "{looked_up}");
    assert!(model.request().contains("shipped"));

    let told = desk.agno(&["run", "hi"]);
    assert_eq!(told.code, 3);
    assert!(
        told.err
            .contains("the environment variable `SHOP_TOKEN` is not set"),
        "{}",
        told.err
    );
}

#[test]
fn a_failed_model_ends_the_run_with_its_error() {
    let refused = answer(
        "401 Unauthorized",
        "application/json",
        r#"{"error":{"message":"bad key"}}"#,
    );
    let server = Loopback::answering(vec![refused]);
    let url = format!("http://{}/v1", server.address);
    let desk = Desk::with("agents: { a: { retry: { retries: 0 } } }");
    let model = ["--model", "openai-compatible:m", "--base-url", &url];
    let told = desk.agno(&[&["run", "hi"][..], &model].concat());
    assert_eq!(told.code, 1);
    assert!(told.err.contains("bad key"), "{}", told.err);
    assert!(told.out.contains("· error"), "{}", told.out);
}
