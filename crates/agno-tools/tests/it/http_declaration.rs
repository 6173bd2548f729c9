//! How declarations are read, and what is said about mistakes in them.

use std::time::Duration;

use agno_core::{Effect, Schema, Tool};
use agno_tools::{HttpTool, HttpToolSpec};
use serde_json::{Value, json};

fn build(declaration: Value) -> Result<HttpTool, String> {
    let spec: HttpToolSpec =
        serde_json::from_value(declaration).map_err(|error| error.to_string())?;
    let variable = |name: &str| (name == "BASE").then(|| "https://shop.example".to_owned());
    HttpTool::new(spec, &variable).map_err(|error| error.to_string())
}

fn order() -> Value {
    json!({
        "name": "get_order",
        "description": "Look up an order by its number.",
        "parameters": { "order_id": "string" },
        "http": { "method": "GET", "url": "${BASE}/orders/{order_id}", "result": "data" },
        "effect": "pure",
    })
}

#[test]
fn the_tool_is_described_as_declared() {
    let mut declaration = order();
    declaration["timeout"] = json!("1.5m");
    let tool = build(declaration).unwrap();
    let spec = tool.spec();
    assert_eq!(&*spec.name, "get_order");
    assert_eq!(&*spec.description, "Look up an order by its number.");
    assert_eq!(
        spec.parameters.text().as_ref(),
        r#"{"type":"object","properties":{"order_id":{"type":"string"}},"required":["order_id"]}"#
    );
    assert_eq!(spec.timeout, Some(Duration::from_secs(90)));
    assert_eq!(
        format!("{tool:?}"),
        r#"HttpTool { name: "get_order", method: Get, url: "https://shop.example/orders/{order_id}", .. }"#
    );
}

#[test]
fn reading_is_pure_unless_said_otherwise() {
    for (method, effect) in [
        ("GET", Effect::Pure),
        ("HEAD", Effect::Pure),
        ("POST", Effect::AtMostOnce),
        ("DELETE", Effect::AtMostOnce),
    ] {
        let mut declaration = order();
        declaration["http"]["method"] = json!(method);
        declaration.as_object_mut().unwrap().remove("effect");
        assert_eq!(build(declaration).unwrap().spec().effect, effect);
    }
}

#[test]
fn mistakes_are_explained() {
    let at = |path: &str, value: Value| {
        let mut declaration = order();
        *declaration.pointer_mut("/http").unwrap() = json!({
            "method": "GET", "url": "https://shop.example/orders/{order_id}",
        });
        let (parent, key) = path.rsplit_once('/').unwrap();
        declaration.pointer_mut(parent).unwrap()[key] = value;
        build(declaration).unwrap_err()
    };
    for (path, value, expected) in [
        ("/name", json!(""), "tool ``: a tool's name has 1 to 64"),
        (
            "/description",
            json!(" "),
            "tool `get_order`: a model chooses tools",
        ),
        (
            "/parameters",
            json!({ "order_id": "text" }),
            "unknown type `text`",
        ),
        ("/effect", json!("pur"), "unknown variant `pur`"),
        (
            "/timeout",
            json!("soon"),
            "a timeout is a number of seconds",
        ),
        ("/timeout", json!(0), "a timeout is a number of seconds"),
        ("/retries", json!(3), "unknown field `retries`"),
        ("/http/methd", json!("GET"), "unknown field `methd`"),
        (
            "/http/url",
            json!("https://shop.example/{ordr_id}"),
            "`url` has a place for `ordr_id`, which is not a parameter; did you mean `order_id`?",
        ),
        (
            "/http/url",
            json!("https://{order_id}.example/"),
            "`{order_id}` stands in the host of `url`",
        ),
        (
            "/http/url",
            json!("shop.example"),
            "`url` is not an address to call",
        ),
        (
            "/http/headers",
            json!({ "authorization": "Bearer ${SHOP_TOKEN}" }),
            "tool `get_order`: the environment variable `SHOP_TOKEN`, used in \
             `headers.authorization`, is not set: set it, or write $${SHOP_TOKEN} for the plain text",
        ),
        (
            "/http/headers",
            json!({ "x": "${SHOP" }),
            "`headers.x` has `${` without a name and `}`: write `${NAME}`, or `$${` for the plain text",
        ),
        (
            "/http/headers",
            json!({ "a b": "x" }),
            "header `a b`: not a name",
        ),
        (
            "/http/headers",
            json!({ "Host": "x" }),
            "header `Host`: the client sets it",
        ),
        (
            "/http/headers",
            json!({ "x": "a\nb" }),
            "header `x`: its value has letters",
        ),
        (
            "/http/query",
            json!({ "q": "{limit}" }),
            "`query.q` has a place for `limit`",
        ),
        ("/http/body", json!({}), "has no body"),
        ("/http/result", json!("data..x"), "`result` is empty"),
    ] {
        let error = at(path, value);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_parameter_that_goes_nowhere_is_a_mistake() {
    let declaration = json!({
        "name": "note",
        "description": "Writes a note.",
        "parameters": { "text": "string", "tag": "string" },
        "http": { "method": "POST", "url": "${BASE}/notes", "body": { "text": "{text}" } },
    });
    assert_eq!(
        build(declaration).unwrap_err(),
        "tool `note`: the parameter `tag` is not used in `url`, `headers`, `query` or `body`: \
         use it as `{tag}`, or take it out"
    );
}

#[test]
fn the_file_format_has_a_schema() {
    let schema = Schema::of::<HttpToolSpec>();
    schema.check(&order()).unwrap();
    let mut misspelt = order();
    misspelt["http"]["headrs"] = json!({});
    assert_eq!(
        schema.check(&misspelt).unwrap_err().to_string(),
        "`/http/headrs`: unknown property; did you mean `headers`?"
    );
    misspelt = order();
    misspelt["timeout"] = json!(true);
    assert_eq!(
        schema.check(&misspelt).unwrap_err().to_string(),
        "`/timeout`: expected number or string, got boolean"
    );
}

#[test]
fn debug_output_of_a_declaration_has_no_keys() {
    let mut declaration = order();
    declaration["http"]["headers"] = json!({ "authorization": "Bearer abc123" });
    declaration["http"]["url"] = json!("https://shop.example/x?key=abc123");
    declaration["http"]["body"] = json!({ "key": "abc123" });
    let spec: HttpToolSpec = serde_json::from_value(declaration).unwrap();
    assert!(!format!("{spec:?}").contains("abc123"), "{spec:?}");
}
