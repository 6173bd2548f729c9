//! Recorded requests, read and sent again by the real client, and compared by the replay server.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use agno_core::{Model, ModelChunk, ModelError, ModelErrorKind, ModelReply, ModelRequest};
use agno_models::OpenAiChat;
use agno_models::openai_chat::parse_request;
use agno_net::{WebClient, WebRequest};
use serde_json::Value;

use crate::check::differences;
use crate::scenario::{Exchange, Scenario, load, shared_wire};

/// Scenarios whose requests can't be made again, and why.
const UNSUPPORTED: [(&str, &str); 5] = [
    (
        "pyd-openrouter-web-search-annotations-fa2230",
        "a tool that the server runs",
    ),
    (
        "pyd-openrouter-web-search-annotations-stream-c87f88",
        "a tool that the server runs",
    ),
    (
        "pyd-openrouter-web-search-tool-usage-stream-b0fe9a",
        "a tool that the server runs",
    ),
    // As Agno does, because not all models of Groq take schemas.
    (
        "pyd-groq-native-output-e472b8",
        "schemas go into the instructions",
    ),
    (
        "rig-agent-tool-sessions-json-schema-structured-output-roundtrip-365768",
        "schemas go into the instructions",
    ),
];

struct ReplayServer {
    process: Child,
    url: String,
}

impl ReplayServer {
    /// Starts the server on a free port, which it prints; `None` without recordings or Python.
    fn start() -> Option<(Self, PathBuf)> {
        let wire = shared_wire()?;
        if Command::new("python3").arg("--version").output().is_err() {
            println!("skipped: python3, which the replay server needs, is not installed");
            return None;
        }
        Some((Self::serve(&wire), wire))
    }

    fn serve(wire: &Path) -> Self {
        let mut process = Command::new("python3")
            .arg(wire.join("replay_server.py"))
            .arg("--dir")
            .arg(wire)
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let started: Value = serde_json::from_str(&line).unwrap();
        Self {
            url: started["listening"].as_str().unwrap().to_owned(),
            process,
        }
    }

    async fn get(&self, path: &str) -> Value {
        let client = WebClient::builder().allow_private(true).build();
        let request = WebRequest::get(format!("{}{path}", self.url));
        let response = client.send(request).await.unwrap();
        serde_json::from_slice(&response.body).unwrap()
    }
}

impl Drop for ReplayServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn call(model: &dyn Model, request: ModelRequest) -> Result<ModelReply, ModelError> {
    let mut stream = model.stream(request);
    let mut reply = None;
    while let Some(chunk) = poll_fn(|cx| stream.poll_next(cx)).await {
        if let ModelChunk::Done(done) = chunk? {
            reply = Some(*done);
        }
    }
    Ok(reply.expect("a stream ends in a reply or an error"))
}

fn model(
    server: &ReplayServer,
    scenario: &Scenario,
    exchange: &Exchange,
    options: &str,
) -> impl Model {
    let provider = match scenario.family.strip_suffix(".chat").unwrap() {
        "compat" => match scenario.provider.as_str() {
            "llama.cpp" => "llama-cpp",
            "ollama" => "ollama",
            _ => "openai-compatible",
        },
        "azure" => "openai",
        provider => provider,
    };
    let base = exchange.path.strip_suffix("/chat/completions").unwrap();
    let id = exchange.request["model"].as_str().unwrap_or("none");
    let model = OpenAiChat::new(id)
        .provider(provider)
        .base_url(format!("{}/s/{}{options}{base}", server.url, scenario.id))
        .api_key("test-key-0123456789")
        .build()
        .unwrap();
    std::sync::Arc::into_inner(model).unwrap()
}

#[tokio::test]
async fn recorded_requests_are_made_again() {
    let Some((server, wire)) = ReplayServer::start() else {
        return;
    };
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for family in crate::decode::FAMILIES {
        for scenario in load(&wire.join(family)) {
            if let Some((id, reason)) = UNSUPPORTED.iter().find(|(id, _)| scenario.id == *id) {
                println!("not made again: {id}: {reason}");
                continue;
            }
            let mut problems = replay(&server, &scenario, "").await;
            if scenario.exchanges.iter().any(|exchange| exchange.streamed) {
                problems.extend(replay(&server, &scenario, "@chopped;chop=7").await);
            }
            let count = counts.entry(family.to_owned()).or_default();
            count.1 += 1;
            if problems.is_empty() {
                count.0 += 1;
            } else {
                failures.push(format!("{family} {}: {problems:#?}", scenario.id));
            }
        }
    }
    for (family, (passed, all)) in &counts {
        println!("{family}: {passed} of {all} scenarios");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

async fn replay(server: &ReplayServer, scenario: &Scenario, options: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for exchange in &scenario.exchanges {
        let request = match parse_request(&exchange.request) {
            Ok(request) => request,
            Err(_) if exchange.inferred => continue,
            Err(error) => return vec![error.to_string()],
        };
        let deltas = request.deltas;
        let outcome = call(&model(server, scenario, exchange, options), request).await;
        let expects_error = exchange
            .expect
            .get("error")
            .is_some_and(|error| !error.is_null());
        match outcome {
            Ok(reply) if !expects_error => {
                // A response that was asked for in one way can't be compared in the other.
                if deltas == exchange.streamed {
                    problems.extend(differences(&reply, &without_tags(&exchange.expect)));
                }
            }
            Err(_) if expects_error => {}
            other => problems.push(format!("{other:?}")),
        }
    }
    let report = server
        .get(&format!("/s/{}{options}/_report", scenario.id))
        .await;
    if report["verdict"] != "match" && scenario.exchanges.iter().any(|exchange| !exchange.inferred)
    {
        for exchange in report["exchanges"].as_array().unwrap() {
            for diff in exchange["diffs"].as_array().into_iter().flatten() {
                if diff["severity"] == "error" {
                    problems.push(diff.to_string());
                }
            }
        }
        problems.push(report["verdict"].to_string());
    }
    problems
}

/// The expectation of a model that tells inline reasoning apart.
fn without_tags(expect: &Value) -> Value {
    let mut expect = expect.clone();
    let text = expect["final_text"].as_str().unwrap_or_default().to_owned();
    if let Some(rest) = text.strip_prefix("<think>\n") {
        let (thinking, answer) = rest.split_once("</think>").unwrap_or((rest, ""));
        expect["thinking_text"] = thinking.into();
        expect["final_text"] = answer.trim_start().into();
    }
    expect
}

#[tokio::test]
async fn a_stream_that_is_cut_is_an_error_with_what_had_arrived() {
    let Some((server, wire)) = ReplayServer::start() else {
        return;
    };
    let scenarios = load(&wire.join("openai.chat"));
    let scenario = scenarios
        .iter()
        .find(|scenario| {
            scenario
                .id
                .starts_with("rig-streaming-grammar-chat-long-text-stream")
        })
        .unwrap();
    let exchange = &scenario.exchanges[0];
    let model = model(&server, scenario, exchange, "@cut;drop=5000");
    let request = parse_request(&exchange.request).unwrap();
    let error = call(&model, request).await.unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::Connection, "{error}");
    let partial = error.partial_text.unwrap();
    let text = exchange.expect["final_text"].as_str().unwrap();
    assert!(
        partial.len() > 10 && text.starts_with(&*partial),
        "{partial}"
    );
}
