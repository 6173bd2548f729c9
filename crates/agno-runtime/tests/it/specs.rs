//! Carries out `specs/*.md`; their README says what they consist of.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use agno_core::{
    Effect, EventKind, Interaction, Message, ModelError, RequirementKind, Resolution, RunId,
    Schema, Tool, ToolCall, ToolError, ToolOutput, ToolSpec, function_tool,
};
use agno_engine::test_models::{ScriptedModel, Turn};
use agno_engine::{Limits, RetryPolicy, RunOutput};
use agno_runtime::{Agent, RunStream};
use agno_store::MemoryDb;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentSpec {
    instructions: Option<String>,
    #[serde(default)]
    state: Map<String, Value>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    retry: RetryPolicy,
    output: Option<Value>,
    #[serde(default)]
    tools: Vec<SpecTool>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpecTool {
    name: String,
    #[serde(default)]
    effect: Effect,
    #[serde(default)]
    interaction: Interaction,
    call_limit: Option<u32>,
    #[serde(default)]
    stop_after_call: bool,
    parameters: Option<Value>,
    returns: Option<String>,
    fails: Option<String>,
    #[serde(default)]
    hangs: bool,
    #[serde(default)]
    state: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SpecTurn {
    Text(String),
    Calls(Vec<(String, Value)>),
    Error(agno_core::ModelErrorKind),
}

impl SpecTool {
    fn build(self) -> Arc<dyn Tool> {
        let anything = || serde_json::json!({"type": "object"});
        let schema = Schema::new(self.parameters.clone().unwrap_or_else(anything));
        let mut spec = ToolSpec::new(self.name.clone(), "A tool of a spec.", schema);
        spec.effect = self.effect;
        spec.interaction = self.interaction.clone();
        spec.call_limit = self.call_limit;
        spec.stop_after_call = self.stop_after_call;
        Arc::new(function_tool(spec, move |_, context| {
            let tool = self.clone();
            async move {
                if tool.hangs {
                    std::future::pending::<()>().await;
                }
                for (key, value) in &tool.state {
                    context.state().set(key, value).map_err(ToolError::failed)?;
                }
                match (tool.returns, tool.fails) {
                    (_, Some(problem)) => Err(ToolError::failed(problem)),
                    (returned, None) => Ok(ToolOutput::text(returned.unwrap_or_default())),
                }
            }
        }))
    }
}

fn agent(spec: AgentSpec, turns: Vec<SpecTurn>) -> (Agent, Arc<ScriptedModel>) {
    let turns = turns.into_iter().map(|turn| match turn {
        SpecTurn::Text(text) => Turn::text(text),
        SpecTurn::Calls(calls) => Turn::Calls(
            calls
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        ),
        SpecTurn::Error(kind) => Turn::Error(Box::new(ModelError::new(kind, "the model failed"))),
    });
    let model = Arc::new(ScriptedModel::new(turns));
    let mut builder = Agent::builder("spec")
        .model(Arc::clone(&model))
        .db(MemoryDb::new())
        .limits(spec.limits)
        .retry(spec.retry)
        .session_state(spec.state)
        .tools(spec.tools.into_iter().map(SpecTool::build));
    if let Some(instructions) = spec.instructions {
        builder = builder.instructions(instructions);
    }
    if let Some(schema) = spec.output {
        builder = builder.output_schema("Answer", Schema::new(schema));
    }
    (builder.build().unwrap(), model)
}

/// A heading with what follows its colon, and its block.
struct Section<'a> {
    name: &'a str,
    argument: &'a str,
    block: &'a str,
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let parts = text.split("\n## ").skip(1);
    parts
        .map(|part| {
            let (heading, rest) = part.split_once('\n').expect("a section has a block");
            let (name, argument) = heading.split_once(": ").unwrap_or((heading, ""));
            let (_, block) = rest.split_once("```").expect("a section has a block");
            let (_, block) = block.split_once('\n').expect("a block has lines");
            let (block, _) = block.split_once("```").expect("a block ends");
            Section {
                name,
                argument,
                block: block.trim(),
            }
        })
        .collect()
}

fn shown(call: &ToolCall) -> String {
    format!("{} {}", call.name, call.arguments)
}

fn line(kind: &EventKind) -> String {
    match kind {
        EventKind::Content(text) => format!("Content {text:?}"),
        EventKind::ToolCallStarted(call) => format!("ToolCallStarted {}", shown(call)),
        EventKind::ToolCallCompleted(done) => format!(
            "ToolCallCompleted {}{}: {}",
            done.call.name,
            if done.error.is_some() { " failed" } else { "" },
            done.result().map_or("", |text| text)
        ),
        EventKind::ModelRequestRetried(retried) => {
            format!("ModelRequestRetried: {}", retried.error)
        }
        EventKind::RunPaused(requirements) => {
            let asked = requirements.iter().map(|asked| {
                let wanted = match &asked.kind {
                    RequirementKind::Confirm => "confirm".to_owned(),
                    RequirementKind::UserInput { fields } => {
                        format!("fill in {}", fields.join(", "))
                    }
                    RequirementKind::External => "carry out".to_owned(),
                    _ => "outcome unknown".to_owned(),
                };
                format!("{} ({wanted})", shown(&asked.call))
            });
            format!("RunPaused {}", asked.collect::<Vec<_>>().join(", "))
        }
        EventKind::RunFailed(failure) => format!("RunFailed {}: {failure}", failure.code()),
        other => {
            let name = format!("{other:?}");
            name.split(['(', ' ', '{'])
                .next()
                .unwrap_or_default()
                .to_owned()
        }
    }
}

/// The events until the stream ends, or until nothing moves any more.
async fn told(stream: &mut RunStream) -> String {
    let mut lines = Vec::new();
    // On the paused clock, the time passes only when nothing else can happen.
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_secs(3600), stream.next()).await
    {
        lines.push(line(&event.kind));
    }
    lines.join("\n")
}

fn transcript(output: &RunOutput) -> String {
    let lines = output.messages.iter().map(|known| match &*known.message {
        Message::System(system) => format!("system: {}", system.text),
        Message::User(user) => format!("user: {}", user.content.text),
        Message::Tool(result) => format!("tool: {}", result.output.text),
        Message::Assistant(answer) if answer.tool_calls.is_empty() => {
            format!("assistant: {}", answer.content.text)
        }
        Message::Assistant(answer) => {
            let calls: Vec<String> = answer.tool_calls.iter().map(shown).collect();
            format!("assistant: {}{}", answer.content.text, calls.join(", "))
        }
        other => panic!("{other:?}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

async fn decide(agent: &Agent, run: RunId, section: &Section<'_>) -> RunStream {
    let paused = agent.runs().unwrap().output(run).await.unwrap().unwrap();
    let resolution = match section.name {
        "Approve" => Resolution::Approve,
        "Reject" => Resolution::Reject {
            note: Some(section.argument.into()),
        },
        "Input" => Resolution::Input(serde_json::from_str(section.argument).unwrap()),
        "Result" => Resolution::Result(ToolOutput::text(section.argument)),
        other => panic!("unknown section `{other}`"),
    };
    let asked = paused.requirements.iter();
    let request = agent.resume(run);
    asked
        .fold(request, |request, asked| {
            request.decide(asked, resolution.clone())
        })
        .stream()
}

async fn carry_out(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut sections = sections(&text).into_iter();
    let mut json = |name: &str| {
        let section = sections.next().filter(|section| section.name == name);
        section
            .unwrap_or_else(|| panic!("section `{name}` is missing"))
            .block
    };
    let spec = serde_json::from_str(json("Agent")).expect("the agent");
    let turns = serde_json::from_str(json("Model")).expect("the model");
    let (agent, model) = agent(spec, turns);
    let mut run = RunId::from_u128(0);
    for section in sections {
        let found = match section.name {
            "Transcript" => {
                let output = agent.runs().unwrap().output(run).await.unwrap().unwrap();
                transcript(&output)
            }
            "State" => {
                let session = agent.sessions().unwrap().get(&"s".into()).await.unwrap();
                Value::Object(session.unwrap().state).to_string()
            }
            "Run" | "Crash" => {
                let mut stream = agent.run(section.argument).session("s").stream_whole();
                run = stream.run_id();
                told(&mut stream).await
            }
            "Recover" => told(&mut agent.recover(run).stream()).await,
            _ => told(&mut decide(&agent, run, &section).await).await,
        };
        let wanted = match section.name {
            "State" => serde_json::from_str::<Value>(section.block)
                .unwrap()
                .to_string(),
            _ => joined_pieces(section.block),
        };
        assert_eq!(
            joined_pieces(&found),
            wanted,
            "{}, section `{}`, is now\n{found}\n",
            path.display(),
            section.name
        );
    }
    model.finish().unwrap();
    assert_eq!(
        agent.replay(run).await.unwrap().divergence,
        None,
        "{}",
        path.display()
    );
}

/// Pieces of text in a row as one: how a model cuts its answer is not part of a spec.
fn joined_pieces(lines: &str) -> String {
    lines.replace("\"\nContent \"", "")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs")
}

#[tokio::test(start_paused = true)]
async fn every_spec_holds() {
    let mut count = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let is_spec = path.extension().is_some_and(|extension| extension == "md")
            && path.file_stem().is_some_and(|stem| stem != "README");
        if is_spec {
            carry_out(&path).await;
            count += 1;
        }
    }
    assert!(count >= 9, "{count} specs");
}
