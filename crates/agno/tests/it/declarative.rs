//! Agents files: what they come to, and how their mistakes are told.

use agno::declarative::{BuildOptions, Config, Environment, load, schema};
use agno::prelude::*;
use agno::{BuildError, RequirementKind};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The mistakes that a file has before anything of its environment is looked at.
fn mistakes(text: &str) -> String {
    Config::parse("a.yaml", text).unwrap_err().to_string()
}

fn options() -> BuildOptions {
    BuildOptions::default()
        .environment(Environment::empty())
        .db(MemoryDb::new())
}

/// The mistakes that show when agents are made.
fn build_mistakes(text: &str) -> String {
    let config = Config::parse("a.yaml", text).unwrap_or_else(|error| panic!("{error}"));
    config.build(&options()).unwrap_err().to_string()
}

#[test]
fn several_mistakes_are_told_at_once_each_with_its_line() {
    let text = "\
agents:
  support:
    model: offline
    instruction: |
      Hi
    history: { last_run: 3 }
    limits: { model_calls: -1 }
    durability: stricts
    markdown: 3
    tools: [1]
tols: {}
teams: {}
";
    insta::assert_snapshot!(mistakes(text), @r"
    a.yaml:4:5: unknown key `instruction` in agent `support`
        4 |     instruction: |
          |     ^^^^^^^^^^^ did you mean `instructions`?
    a.yaml:6:16: unknown key `last_run` in `history` of agent `support`
        6 |     history: { last_run: 3 }
          |                ^^^^^^^^ did you mean `last_runs`?
    a.yaml:7:28: `model_calls` of `limits` of agent `support` must be at least 0
        7 |     limits: { model_calls: -1 }
          |                            ^^
    a.yaml:8:17: `durability` of agent `support` can't be `stricts`
        8 |     durability: stricts
          |                 ^^^^^^^ did you mean `strict`?
    a.yaml:9:15: `markdown` of agent `support` must be true or false, not a number
        9 |     markdown: 3
          |               ^
    a.yaml:10:13: each item of `tools` of agent `support` must be text, not a number
       10 |     tools: [1]
          |             ^
    a.yaml:11:1: unknown key `tols` at the top of the file
       11 | tols: {}
          | ^^^^ did you mean `tools`?
    a.yaml:12:1: `teams` at the top of the file is not supported yet
       12 | teams: {}
          | ^^^^^
    ");
}

#[test]
fn names_must_exist_and_must_not_exist_twice() {
    let text = "\
agents:
  b: { model: locl }
  c: { model: local, tools: [calculater, calculator, calculator, add] }
models: { local: { provider: ollama, id: x } }
tools:
  add: { description: x, external: true }
  clock: { description: x, external: true }
";
    insta::assert_snapshot!(mistakes(text), @r"
    a.yaml:2:15: unknown model `locl` in agent `b`
        2 |   b: { model: locl }
          |               ^^^^ did you mean `local`?
    a.yaml:3:30: unknown tool `calculater` in agent `c`
        3 |   c: { model: local, tools: [calculater, calculator, calculator, add] }
          |                              ^^^^^^^^^^ did you mean `calculator`?
    a.yaml:3:54: agent `c` has `calculator` twice
        3 |   c: { model: local, tools: [calculater, calculator, calculator, add] }
          |                                                      ^^^^^^^^^^ remove one of them
    a.yaml:3:66: agent `c` has two tools named `add`
        3 |   c: { model: local, tools: [calculater, calculator, calculator, add] }
          |                                                                  ^^^ one is from `calculator`: rename the other, or leave one out
    a.yaml:7:3: the tool `clock` has the name of a built-in toolkit
        7 |   clock: { description: x, external: true }
          |   ^^^^^ rename it: agents would not know which one is meant
    ");
}

#[test]
fn each_kind_of_mistake_says_what_to_do() {
    for (text, expected) in [
        ("a: [", "a.yaml:1:5: this is not YAML: "),
        (
            "db: memory:",
            "a.yaml:1:11: this is not YAML: mapping values are not allowed",
        ),
        ("- a", "a.yaml:1:1: the file must be a mapping, not a list"),
        ("agents: {}\nagents: {}", "it is on line 1 already"),
        ("a: 1\n---\nb: 2", "a second document begins here"),
        ("? [a]\n: b", "a key must be text"),
        ("agents: 3", "`agents` must be a mapping, not a number"),
        (
            "agents: { a: { tools: [{ mcp: { command: x } }] } }",
            "`mcp` in agent `a` is not supported yet",
        ),
        (
            "agents: { a: { knowledge: x } }",
            "`knowledge` in agent `a` is not supported yet",
        ),
        (
            "workflows: {}",
            "`workflows` at the top of the file is not supported yet",
        ),
        (
            "models: { m: { id: x } }",
            "add `provider: …`: who serves it",
        ),
        (
            "agents: { a: { retry: 3 } }",
            "`retry` of agent `a` must be a mapping, not a number",
        ),
        (
            "agents: { a: { instructions: { x: 1 } } }",
            "`instructions` of agent `a` must be text or a list, not a mapping",
        ),
        (
            "agents: { a: { tool_choice: never } }",
            "there are `auto`, `none`, `required`",
        ),
        (
            "tools: { t: { description: x, http: { url: x, method: GETT } } }",
            "`method` of `http` of tool `t` can't be `GETT`",
        ),
        (
            "tools: { t: { http: { url: x } } }",
            "tool `t` has no `description`",
        ),
    ] {
        let told = mistakes(text);
        assert!(told.contains(expected), "{text}\n{told}");
    }
}

#[test]
fn what_only_the_environment_shows_is_told_when_agents_are_made() {
    for (text, expected) in [
        (
            "agents: { a: { model: 'openai:gpt-4o' } }",
            "a.yaml:1:23: agent `a`: `openai:gpt-4o` needs a key: set the environment variable OPENAI_API_KEY",
        ),
        (
            "agents: { a: {} }",
            "a.yaml:1:11: agent `a`: no model is chosen",
        ),
        (
            "agents: { a: { model: 'opnai:x' } }",
            "unknown provider `opnai`: did you mean `openai`?",
        ),
        (
            "models: { m: { provider: vllm } }\nagents: { a: { model: m }, b: { model: m } }",
            "a.yaml:1:11: model `m`: `vllm` has no default model: add its `id`",
        ),
        (
            "models: { m: { provider: ollama, base_url: '${HOST}/v1' } }\nagents: { a: { model: m } }",
            "a.yaml:1:44: the environment variable `HOST` is not set",
        ),
        (
            "models: { m: { provider: openai, api_key: '${KEY' } }\nagents: { a: { model: m } }",
            "`${` without a name and `}`",
        ),
        (
            "tools: { t: { description: x, http: { url: 'https://x.example/${A}' } } }",
            "a.yaml:1:44: the environment variable `A` is not set",
        ),
        (
            "tools: { t: { description: x, http: { url: 'https://{a}.example/' }, parameters: { a: string } } }",
            "a.yaml:1:44: `{a}` stands in the host of `url`",
        ),
        (
            "tools: { t: { description: x, http: { url: 'https://x.example' }, timeout: 3x } }",
            "a.yaml:1:76: `timeout` is a number of seconds above 0",
        ),
        (
            "tools: { t: { description: x } }",
            "tool `t` does nothing: add `http`, or `external: true`",
        ),
        (
            "tools: { t: { description: x, external: true, confirm: true } }",
            "`confirm`, `user_input` and `external` exclude each other",
        ),
        (
            "tools: { t: { description: x, http: { url: 'https://x.example' }, user_input: [b], parameters: { a: string } } }",
            "`user_input` names `b`, which is no parameter",
        ),
        (
            "agents: { a: { model: offline, output_schema: { x: strin } } }",
            "`output_schema`: parameter `x` has an unknown type `strin`; did you mean `string`?",
        ),
    ] {
        let told = build_mistakes(text);
        assert!(told.contains(expected), "{text}\n{told}");
    }
    // A mistake in a shared model is told once, where it stands.
    let told = build_mistakes(
        "models: { m: { provider: vllm } }\nagents: { a: { model: m }, b: { model: m } }",
    );
    assert_eq!(told.matches("vllm` has no").count(), 1, "{told}");
}

#[test]
fn databases_are_opened_or_explained() {
    let build = |text: &str| {
        let config = Config::parse("a.yaml", text).unwrap();
        config.build(&BuildOptions::default().environment(Environment::empty()))
    };
    let told = build("db: postgres://me:secret@host/x")
        .unwrap_err()
        .to_string();
    assert!(told.contains("this program knows memory, sqlite"), "{told}");
    assert_eq!(build("db: memory").unwrap().db.id(), "memory");
}

const EVERYTHING: &str = r#"
os: { id: shop, name: The shop, description: Sells things, cors_origins: ["https://shop.example"] }
db: memory
models:
  local: { provider: ollama, id: llama, settings: { temperature: 0.5 } }
tools:
  get_order:
    description: Look up an order.
    parameters: { order_id: string, "verbose?": boolean }
    http: { url: "https://shop.example/orders/{order_id}", headers: { authorization: "Bearer ${TOKEN}" } }
    effect: pure
    timeout: 2m
    call_limit: 3
  refund:
    description: Refund an order.
    parameters: { type: object, properties: { order_id: { type: string } }, required: [order_id] }
    http: { method: POST, url: "https://shop.example/refunds" }
    effect: idempotent
    confirm: true
    stop_after_call: true
  ask:
    description: Ask the customer.
    parameters: { answer: string }
    http: { url: "https://shop.example/{answer}" }
    user_input: [answer]
  pack: { description: Pack a parcel., external: true }
agents:
  support:
    model: local
    name: Support
    description: Helps customers.
    instructions: [Be brief., "Greet {name}."]
    tools: [get_order, refund, ask, pack, calculator]
    tool_choice: { tool: get_order }
    history: { last_runs: 5, last_messages: 20 }
    markdown: true
    output_schema: { answer: string, "links?": "string[]" }
    session_state: { name: Ada }
    dependencies: { shop: main }
    limits: { model_calls: 3, tool_calls: 9 }
    retry: { retries: 1 }
    context: { role: clerk, datetime: true }
    durability: strict
    settings: { max_tokens: 100, stop: [END] }
    metadata: { tier: gold }
  billing:
    model: { provider: openai-compatible, id: x, base_url: "http://127.0.0.1:1/v1", api_key: "${TOKEN}" }
    instructions: One text.
    history: 7
"#;

#[test]
fn everything_that_can_be_written_has_its_effect() {
    let config = Config::parse("a.yaml", EVERYTHING).unwrap();
    assert_eq!(config.os_id(), Some("shop"));
    assert_eq!(config.cors_origins(), ["https://shop.example"]);
    let environment = Environment::empty().with("TOKEN", "token-value");
    let setup = config.build(&options().environment(environment)).unwrap();
    let [support, billing] = setup.agents.as_slice() else {
        panic!("{setup:?}")
    };
    assert_eq!((support.id(), support.name()), ("support", "Support"));
    let card = support.card().unwrap();
    assert_eq!(card.description.as_deref(), Some("Helps customers."));
    assert_eq!(card.metadata["tier"], "gold");
    assert_eq!(&*support.model().info().id, "llama");
    assert_eq!(support.instructions().len(), 2);
    assert_eq!(*support.history(), History::last_runs(5).last_messages(20));
    assert_eq!(support.session_state().unwrap()["name"], "Ada");
    let context = support.context().unwrap();
    assert!(context.markdown && context.datetime);
    assert_eq!(context.role.as_deref(), Some("clerk"));
    let definition = support.definition();
    assert_eq!(definition.limits.model_calls, Some(3));
    assert_eq!(definition.limits.tool_calls, Some(9));
    assert_eq!(definition.retry.retries, 1);

    let tools: Vec<&str> = definition
        .tools
        .iter()
        .map(|tool| &*tool.spec().name)
        .collect();
    assert_eq!(tools[..4], ["get_order", "refund", "ask", "pack"]);
    assert_eq!(tools.len(), 12);
    let spec = |name: &str| definition.tools.get(name).unwrap().spec().clone();
    let order = spec("get_order");
    assert_eq!(order.effect, Effect::Pure);
    assert_eq!(order.timeout.unwrap().as_secs(), 120);
    assert_eq!(order.call_limit, Some(3));
    assert_eq!(order.parameters.value()["required"], json!(["order_id"]));
    let refund = spec("refund");
    assert_eq!(refund.effect, Effect::Idempotent);
    assert_eq!(refund.interaction, agno::Interaction::Confirm);
    assert!(refund.stop_after_call);
    assert_eq!(
        spec("ask").interaction,
        agno::Interaction::UserInput(["answer".into()].into())
    );
    assert_eq!(spec("pack").interaction, agno::Interaction::External);
    assert_eq!(*billing.history(), History::last_runs(7));

    let shown = format!("{config:?} {setup:?} {support:?} {:?}", options());
    assert!(
        !shown.contains("token-value") && !shown.contains("${TOKEN}"),
        "{shown}"
    );
}

#[tokio::test]
async fn an_agent_from_a_file_runs_pauses_and_goes_on() {
    let text = "
tools: { pack: { description: Pack a parcel., parameters: { order: string }, external: true } }
agents: { clerk: { model: offline, tools: [pack], history: 3 } }
";
    let setup = Config::parse("a.yaml", text)
        .unwrap()
        .build(&options())
        .unwrap();
    let agent = &setup.agents[0];
    let paused = agent.run("Pack \"A-17\"").await.unwrap();
    assert_eq!(paused.requirements[0].kind, RequirementKind::External);
    let done = agent
        .resume(paused.run_id)
        .result(&paused.requirements[0], "Packed.");
    assert_eq!(done.await.unwrap().to_string(), "Packed.");
}

#[tokio::test]
async fn an_output_schema_holds_the_answer() {
    let text =
        "agents: { a: { model: offline, output_schema: { city: string, degrees: number } } }";
    let setup = Config::parse("a.yaml", text)
        .unwrap()
        .build(&options())
        .unwrap();
    let output = setup.agents[0].run("Report").await.unwrap();
    let answer = output.structured.unwrap();
    assert!(answer["city"].is_string() && answer["degrees"].is_number());
}

#[test]
fn the_library_never_falls_back_unless_it_is_told_to() {
    let config =
        Config::parse("a.yaml", "agents: { a: {}, b: { model: 'openai:gpt-4o' } }").unwrap();
    assert!(config.build(&options()).is_err());
    let setup = config.build(&options().allow_offline()).unwrap();
    let reasons: Vec<&str> = setup
        .stand_ins
        .iter()
        .map(|one| one.agent.as_str())
        .collect();
    assert_eq!(reasons, ["a", "b"]);
    // What is not about keys is an error all the same.
    let config = Config::parse("a.yaml", "agents: { a: { model: 'opnai:x' } }").unwrap();
    assert!(config.build(&options().allow_offline()).is_err());
    // A key makes the first provider that has one answer.
    let config = Config::parse("a.yaml", "agents: { a: {} }").unwrap();
    let environment = Environment::empty().with("GROQ_API_KEY", "key-value");
    let setup = config
        .build(&options().environment(environment).allow_offline())
        .unwrap();
    assert_eq!(&*setup.agents[0].model().info().provider, "Groq");
}

#[test]
fn a_file_is_loaded_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agents.yaml");
    let error = load(&path).unwrap_err().to_string();
    assert!(error.contains("the file can't be read"), "{error}");
    std::fs::write(&path, "\u{feff}agents: { a: { model: offline } }").unwrap();
    let config = load(&path).unwrap();
    assert_eq!(config.agent_ids().collect::<Vec<_>>(), ["a"]);
    std::fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    assert!(load(&path).is_err());
}

#[test]
fn aliases_work_and_can_t_multiply_without_end() {
    let text = "
agents:
  a: &shared { model: offline, instructions: Be brief. }
  b: *shared
";
    let config = Config::parse("a.yaml", text).unwrap();
    assert_eq!(config.agent_ids().count(), 2);

    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let previous = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{previous}]\n"));
    }
    let told = mistakes(&bomb);
    assert!(told.contains("use fewer aliases"), "{told}");
    let deep = format!("a: {}", "[".repeat(100_000));
    let told = mistakes(&deep);
    assert!(
        told.len() < 1_000 && told.contains("not YAML"),
        "{told:.200}"
    );
}

#[test]
fn the_schema_describes_every_key() {
    fn undescribed(name: &str, schema: &Value, found: &mut Vec<String>) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (key, property) in properties {
                let described =
                    property.get("description").is_some() || property.get("$ref").is_some();
                if !described {
                    found.push(format!("{name}.{key}"));
                }
                undescribed(&format!("{name}.{key}"), property, found);
            }
        }
    }
    let schema = schema();
    let mut found = Vec::new();
    undescribed("", &schema, &mut found);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        undescribed(name, definition, &mut found);
    }
    assert_eq!(found, [] as [String; 0]);
}

#[test]
fn one_error_type_takes_all() -> agno::Result<()> {
    fn fails() -> agno::Result<()> {
        Config::parse("a.yaml", "- a")?;
        Ok(())
    }
    assert!(matches!(fails(), Err(agno::Error::Config(_))));
    let error: agno::Error = Agent::builder("a").build().unwrap_err().into();
    assert!(matches!(error, agno::Error::Build(BuildError::NoModel(_))));
    Sqlite::open(":memory:")?;
    Ok(())
}

/// Pieces of which most texts are nearly an agents file.
fn yaml_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "agents:",
        "tools:",
        "models:",
        "db:",
        "a:",
        "model:",
        "offline",
        "http:",
        "url:",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        ": ",
        "${X}",
        "${",
        "\"",
        "'",
        "|\n",
        ">\n",
        "&x ",
        "*x",
        "!!str ",
        "# c",
        "---\n",
        "? ",
        "1",
        "-1",
        "1e9",
        "~",
        "\t",
        "é",
        "\u{0}",
        "history:",
        "instructions:",
        "parameters:",
        "output_schema:",
        "limits:",
        "\r\n",
        "%YAML 1.2\n",
        "<<:",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_loader_panic(text in any::<String>()) {
        try_all(&text);
    }

    #[test]
    fn no_nearly_right_text_makes_the_loader_panic(text in yaml_like()) {
        try_all(&text);
    }

    #[test]
    fn no_line_of_a_right_file_can_be_cut_to_make_it_panic(from in 0usize..2_300, length in 1usize..40) {
        let cut: String = EVERYTHING
            .char_indices()
            .filter(|(index, _)| !(from..from + length).contains(index))
            .map(|(_, letter)| letter)
            .collect();
        try_all(&cut);
    }
}

/// Parses and builds; every mistake must have words.
fn try_all(text: &str) {
    let told = match Config::parse("a.yaml", text) {
        Ok(config) => config.build(&options().allow_offline()).map(drop),
        Err(mistakes) => Err(mistakes),
    };
    if let Err(mistakes) = told {
        assert!(mistakes.iter().count() > 0);
        assert!(mistakes.to_string().starts_with("a.yaml"));
    }
}
