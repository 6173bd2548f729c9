//! `#[tool]`: what the model is told, what a call does, and what the compiler says to mistakes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use agno::{
    Dependencies, Dependency, Effect, FromToolContext, Interaction, RunScope, SessionState, Tool,
    ToolContext, ToolError, ToolErrorKind, ToolOutput, ToolResult, tool, toolkit,
};
use agno_core::{CommandId, RunId};
use serde_json::{Value, json};

struct Db {
    temperature: i32,
}

/// Current weather in a city, and
/// the days to come.
///
/// Say what you assume:
/// - the units
/// - the day
///
/// * `city` - its name,
///   such as "Paris"
/// * `days` - how many
/// * `db` - where it is written
///
/// # Errors
/// If the city is unknown.
#[tool(effect = pure, timeout = "1.5s", call_limit = 3)]
async fn weather(
    city: String,
    days: Option<u32>,
    state: SessionState,
    db: Dependency<Db>,
) -> ToolResult {
    if city == "Atlantis" {
        return Err(ToolError::fatal("it sank"));
    }
    state.set("city", &city).map_err(ToolError::failed)?;
    Ok(ToolOutput::text(format!(
        "{city}: {} °C for {} days",
        db.temperature,
        days.unwrap_or(1)
    )))
}

fn context() -> ToolContext {
    let mut dependencies = Dependencies::default();
    dependencies.insert(Arc::new(Db { temperature: 14 }));
    context_with(dependencies)
}

fn context_with(dependencies: Dependencies) -> ToolContext {
    let scope = RunScope {
        run_id: RunId::from_u128(1),
        session_id: None,
        user_id: Some("ann".into()),
        state: SessionState::default(),
        dependencies,
    };
    let at = CommandId {
        node: 0,
        command: 1,
    };
    ToolContext::new(Arc::new(scope), at, "call-1".into())
}

async fn call(tool: impl Tool, arguments: &str) -> ToolResult {
    Arc::new(tool).call(arguments.into(), context()).await
}

async fn text(tool: impl Tool, arguments: Value) -> String {
    call(tool, &arguments.to_string())
        .await
        .unwrap()
        .text
        .to_string()
}

async fn refusal(tool: impl Tool, arguments: &str) -> String {
    let error = call(tool, arguments).await.unwrap_err();
    assert_eq!(error.kind, ToolErrorKind::InvalidArguments);
    error.to_string()
}

#[tokio::test]
async fn the_model_is_told_what_the_function_says() {
    let spec = weather.spec();
    assert_eq!(&*spec.name, "weather");
    assert_eq!(
        &*spec.description,
        "Current weather in a city, and the days to come.\n\nSay what you assume:\n- the units\n- the day"
    );
    assert_eq!(
        spec.parameters.text().as_ref(),
        r#"{"type":"object","properties":{"city":{"type":"string","description":"its name, such as \"Paris\""},"days":{"type":"integer","description":"how many","minimum":0}},"required":["city"]}"#
    );
    assert_eq!(spec.effect, Effect::Pure);
    assert_eq!(spec.timeout, Some(Duration::from_millis(1_500)));
    assert_eq!(spec.call_limit, Some(3));
    assert_eq!(spec.interaction, Interaction::None);
    assert!(std::ptr::eq(spec, weather.spec()));
    assert_eq!(format!("{weather:?}"), "weather");
}

#[tokio::test]
async fn a_call_reads_arguments_and_injects_the_rest() {
    let context = context();
    let output = Arc::new(weather)
        .call(r#"{"city":"Oslo"}"#.into(), context.clone())
        .await;
    assert_eq!(&*output.unwrap().text, "Oslo: 14 °C for 1 days");
    assert_eq!(context.state().get("city"), Some("Oslo".to_owned()));
    assert_eq!(
        text(weather, json!({ "city": "Oslo", "days": null })).await,
        "Oslo: 14 °C for 1 days"
    );
}

#[tokio::test]
async fn the_function_can_be_called_without_an_agent() {
    let db = Dependency(Arc::new(Db { temperature: -3 }));
    let output = weather::invoke("Oslo".into(), Some(2), SessionState::default(), db).await;
    assert_eq!(&*output.unwrap().text, "Oslo: -3 °C for 2 days");
}

#[tokio::test]
async fn wrong_arguments_are_explained() {
    for (arguments, expected) in [
        ("", "`/city`: missing"),
        (r#"{"city": 3}"#, "`/city`: expected string, got integer"),
        (
            r#"{"city": "Oslo", "days": -1}"#,
            "`/days`: must be at least 0, got -1",
        ),
        (
            r#"{"city": "Oslo", "day": 1}"#,
            "`/day`: unknown field `day`, expected `city` or `days`",
        ),
        (r#"["Oslo"]"#, "expected object, got array"),
        (
            r#"{"city": "Os"#,
            "not JSON: EOF while parsing a string at line 1 column 12",
        ),
    ] {
        assert_eq!(refusal(weather, arguments).await, expected);
    }
}

#[tokio::test]
async fn errors_keep_their_class() {
    let error = call(weather, r#"{"city":"Atlantis"}"#).await.unwrap_err();
    assert_eq!(
        (error.kind, &*error.message),
        (ToolErrorKind::Fatal, "it sank")
    );
    let missing = Arc::new(weather)
        .call(
            r#"{"city":"Oslo"}"#.into(),
            context_with(Dependencies::default()),
        )
        .await
        .unwrap_err();
    assert_eq!(missing.kind, ToolErrorKind::Fatal);
    assert!(missing.message.contains("Db"), "{missing}");
}

/// Moves money.
///
/// # Arguments
/// * amount - in cents
/// - `to`: an account
#[tool(name = "move-money", effect = idempotent, user_input(amount), stop_after_call, strict = false)]
pub(crate) fn transfer(
    amount: u64,
    to: &str,
    #[default("none".to_owned())] reference: String,
    #[default] tags: Vec<String>,
    #[serde(rename = "when")] day: Option<String>,
    context: &ToolContext,
) -> Result<String, fmt::Error> {
    if amount == 0 {
        return Err(fmt::Error);
    }
    let user = context.user_id().map_or("nobody", |user| user.as_str());
    Ok(format!(
        "{user}: {amount} to {to}, {reference}, {tags:?}, {day:?}"
    ))
}

#[tokio::test]
async fn options_and_defaults_reach_the_specification() {
    let spec = transfer.spec();
    assert_eq!(&*spec.name, "move-money");
    assert_eq!(&*spec.description, "Moves money.");
    assert_eq!(
        spec.parameters.value(),
        &json!({
            "type": "object",
            "properties": {
                "amount": { "description": "in cents", "type": "integer", "minimum": 0 },
                "to": { "description": "an account", "type": "string" },
                "reference": { "type": "string", "default": "none" },
                "tags": { "type": "array", "items": { "type": "string" }, "default": [] },
                "when": { "type": "string" },
            },
            "required": ["amount", "to"],
        })
    );
    assert_eq!(spec.effect, Effect::Idempotent);
    assert_eq!(
        spec.interaction,
        Interaction::UserInput(Arc::new(["amount".into()]))
    );
    assert_eq!((spec.stop_after_call, spec.strict), (true, Some(false)));
}

#[tokio::test]
async fn plain_functions_references_and_defaults_work() {
    assert_eq!(
        text(
            transfer,
            json!({ "amount": 5, "to": "bob", "reference": null, "when": "now" })
        )
        .await,
        r#"ann: 5 to bob, none, [], Some("now")"#
    );
    let error = call(transfer, r#"{"amount": 0, "to": "bob"}"#)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ToolErrorKind::Failed);
}

struct User(String);

impl FromToolContext for User {
    fn from_tool_context(context: &ToolContext) -> Result<Self, ToolError> {
        let user = context.user_id().ok_or("nobody is signed in")?;
        Ok(Self(user.to_string()))
    }
}

#[tokio::test]
async fn other_types_are_injected_on_request() {
    /// Names which this function uses itself are no trouble.
    #[tool(confirm)]
    async fn whoami(
        #[inject] user: User,
        #[inject] other: &User,
        result: i32,
        arguments: String,
        context: Option<bool>,
        r#type: &[u8],
    ) -> String {
        format!(
            "{} {} {result} {arguments} {context:?} {type:?}",
            user.0, other.0
        )
    }
    assert_eq!(whoami.spec().interaction, Interaction::Confirm);
    let given = json!({ "result": 1, "arguments": "x", "type": [7] });
    assert_eq!(text(whoami, given).await, "ann ann 1 x None [7]");
}

#[tokio::test]
async fn a_tool_needs_neither_arguments_nor_a_result() {
    #[tool(description = "Does nothing.", external, timeout = 2)]
    async fn idle() {}
    assert_eq!(&*idle.spec().description, "Does nothing.");
    assert_eq!(
        idle.spec().parameters.text().as_ref(),
        r#"{"type":"object","properties":{},"required":[]}"#
    );
    assert_eq!(idle.spec().timeout, Some(Duration::from_secs(2)));
    assert_eq!(text(idle, json!({})).await, "");
    assert_eq!(&*call(idle, "").await.unwrap().text, "");
}

mod elsewhere {
    use agno::tool;

    #[derive(serde::Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum Units {
        Celsius,
        Fahrenheit,
    }

    /// Converts from one unit to the other.
    #[tool]
    #[allow(
        clippy::missing_const_for_fn,
        reason = "attributes stay on the function"
    )]
    pub(super) fn convert(value: f64, to: Units) -> f64 {
        match to {
            Units::Celsius => (value - 32.0) / 1.8,
            Units::Fahrenheit => value * 1.8 + 32.0,
        }
    }
}

#[tokio::test]
async fn types_of_other_modules_and_visibility_work() {
    use elsewhere::convert;
    assert_eq!(
        convert.spec().parameters.value()["properties"]["to"],
        json!({ "type": "string", "enum": ["celsius", "fahrenheit"] })
    );
    assert_eq!(
        text(convert, json!({ "value": 20, "to": "fahrenheit" })).await,
        "68"
    );
    assert_eq!(
        refusal(convert, r#"{"value": 1, "to": "kelvin"}"#).await,
        r#"`/to`: "kelvin" is not one of "celsius", "fahrenheit""#
    );
    assert!((convert::invoke(32.0, elsewhere::Units::Celsius)).abs() < 1e-9);
}

#[tokio::test]
async fn anything_that_serialises_can_be_returned() {
    /// Sorts words.
    #[tool]
    async fn sort(mut words: Vec<String>) -> Result<agno::Json<Vec<String>>, String> {
        words.sort();
        Ok(agno::Json(words))
    }
    assert_eq!(
        text(sort, json!({ "words": ["b", "a"] })).await,
        r#"["a","b"]"#
    );
}

#[tokio::test]
async fn tools_can_be_made_while_the_program_runs() {
    let schema = agno::Schema::new(json!({ "type": "object", "properties": {} }));
    let shout = |arguments: Value, context: ToolContext| async move {
        let text = arguments["text"].as_str().ok_or("there is no text")?;
        Ok::<_, &str>(format!("{} {}", context.call_id(), text.to_uppercase()))
    };
    let make = || {
        let spec = agno::ToolSpec::new("shout", "Puts text in capitals.", schema.clone());
        agno::function_tool(spec, shout)
    };
    assert_eq!(text(make(), json!({ "text": "hi" })).await, "call-1 HI");
    assert_eq!(
        call(make(), "").await.unwrap_err().to_string(),
        "there is no text"
    );
    assert!(refusal(make(), "{").await.starts_with("EOF while parsing"));
}

struct Shop {
    sold: std::sync::Mutex<u32>,
}

#[toolkit]
impl Shop {
    /// Sells apples.
    ///
    /// * `count` - how many
    #[tool(effect = idempotent)]
    async fn sell(&self, count: u32, #[default(1)] times: u32, context: &ToolContext) -> String {
        let user = context.user_id().map_or("nobody", |user| user.as_str());
        format!("{} sold by {user}", self.add(count * times))
    }

    fn add(&self, count: u32) -> u32 {
        let mut sold = self.sold.lock().unwrap();
        *sold += count;
        *sold
    }

    /// How many apples were sold.
    #[agno::tool(name = "sales", effect = pure)]
    pub(crate) fn total(&self) -> u32 {
        self.add(0)
    }
}

#[tokio::test]
async fn the_tools_of_a_toolkit_share_it() {
    let shop = Arc::new(Shop {
        sold: std::sync::Mutex::new(0),
    });
    let tools = shop.tools();
    let names: Vec<_> = tools.iter().map(|tool| &*tool.spec().name).collect();
    assert_eq!(names, ["sell", "sales"]);
    assert_eq!(
        tools[0].spec().parameters.value()["properties"]["count"],
        json!({ "type": "integer", "description": "how many", "minimum": 0 })
    );
    let sell = |arguments: &str| Arc::clone(&tools[0]).call(arguments.into(), context());
    assert_eq!(
        &*sell(r#"{"count": 3}"#).await.unwrap().text,
        "3 sold by ann"
    );
    assert_eq!(
        &*sell(r#"{"count": 2, "times": 2}"#).await.unwrap().text,
        "7 sold by ann"
    );
    let total = Arc::clone(&tools[1]).call("".into(), context()).await;
    assert_eq!(&*total.unwrap().text, "7");
    assert_eq!(shop.total(), 7);
}

#[test]
fn mistakes_are_explained_by_the_compiler() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
