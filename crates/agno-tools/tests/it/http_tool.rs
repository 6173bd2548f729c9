//! What HTTP tools send, and what models get to read.

use std::sync::Arc;

use agno_core::{
    CommandId, Effect, Interaction, RunId, RunScope, SessionState, Tool, ToolContext,
    ToolErrorKind, ToolResult,
};
use agno_tools::{HttpTool, HttpToolSpec};
use serde_json::{Value, json};

use crate::server::Server;

fn context() -> ToolContext {
    let scope = RunScope {
        run_id: RunId::from_u128(7),
        session_id: None,
        user_id: None,
        state: SessionState::default(),
        dependencies: Default::default(),
    };
    let at = CommandId {
        node: 0,
        command: 3,
    };
    ToolContext::new(Arc::new(scope), at, "call-1".into())
}

fn tool(mut declaration: Value) -> HttpTool {
    let defaults = json!({ "name": "call", "description": "Calls." });
    for (key, value) in defaults.as_object().unwrap() {
        declaration
            .as_object_mut()
            .unwrap()
            .entry(key)
            .or_insert(value.clone());
    }
    declaration["http"]["allow_private"] = json!(true);
    let spec: HttpToolSpec = serde_json::from_value(declaration).unwrap();
    HttpTool::new(spec, &variable).unwrap()
}

fn variable(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| "s3cr3t/\"token".to_owned())
}

async fn call(tool: HttpTool, arguments: Value) -> ToolResult {
    Arc::new(tool)
        .call(arguments.to_string().into(), context())
        .await
}

async fn text(tool: HttpTool, arguments: Value) -> String {
    call(tool, arguments).await.unwrap().text.to_string()
}

async fn failure(tool: HttpTool, arguments: Value) -> String {
    let error = call(tool, arguments).await.unwrap_err();
    assert_eq!(error.kind, ToolErrorKind::Failed, "{error}");
    error.to_string()
}

#[tokio::test]
async fn an_order_is_looked_up() {
    let server = Server::json(r#"{"data": {"status": "sent", "lines": 2}, "took": 3}"#).await;
    let tool = tool(json!({
        "parameters": { "order_id": "string", "verbose": "boolean?", "fields": "string[]?", "lang": "string?" },
        "http": {
            "method": "GET",
            "url": format!("{}/orders/{{order_id}}?v=1", server.base),
            "headers": { "authorization": "Bearer ${TOKEN}", "accept-language": "{lang}" },
            "result": "data",
        },
    }));
    assert_eq!(tool.spec().effect, Effect::Pure);
    let arguments = json!({ "order_id": "A/7?", "fields": ["a b", "c"], "verbose": null });
    assert_eq!(
        text(tool, arguments).await,
        r#"{"status":"sent","lines":2}"#
    );
    let request = server.request().await;
    assert_eq!(
        request.line,
        "GET /orders/A%2F7%3F?v=1&fields=a%20b&fields=c"
    );
    assert_eq!(
        request.header("authorization"),
        Some("Bearer s3cr3t/\"token")
    );
    assert_eq!(request.header("accept-language"), None);
    assert_eq!(request.header("idempotency-key"), None);
    assert_eq!(request.body, "");
}

#[tokio::test]
async fn arguments_become_the_json_body() {
    let server = Server::json(r#"{"id": 1}"#).await;
    let tool = tool(json!({
        "parameters": { "order_id": "string", "amount": "number", "note": "string?" },
        "http": { "method": "post", "url": format!("{}/orders/{{order_id}}/refunds", server.base) },
        "effect": "idempotent",
        "confirm": true,
    }));
    assert_eq!(tool.spec().effect, Effect::Idempotent);
    assert_eq!(tool.spec().interaction, Interaction::Confirm);
    let arguments = json!({ "amount": 12.5, "order_id": "7", "note": null });
    assert_eq!(text(tool, arguments).await, r#"{"id": 1}"#);
    let request = server.request().await;
    assert_eq!(request.line, "POST /orders/7/refunds");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(
        request.header("idempotency-key"),
        Some(context().idempotency_key().as_str())
    );
    assert_eq!(request.body, r#"{"amount":12.5}"#);
}

#[tokio::test]
async fn a_body_template_keeps_types_and_leaves_out_what_is_missing() {
    let server = Server::json("{}").await;
    let tool = tool(json!({
        "parameters": { "id": "integer", "tags": "string[]", "note": "string?", "who": "string" },
        "http": {
            "method": "PUT",
            "url": &server.base,
            "query": { "who": "user-{who}", "note": "{note}" },
            "body": {
                "order": { "id": "{id}", "label": "order {id}" },
                "tags": "{tags}",
                "note": "{note}",
                "token": "${TOKEN}",
                "list": ["{note}", "{id}", 1, null],
            },
        },
    }));
    text(tool, json!({ "id": 7, "tags": ["{id}"], "who": "a&b=c" })).await;
    let request = server.request().await;
    assert_eq!(request.line, "PUT /?who=user-a%26b%3Dc");
    assert_eq!(
        serde_json::from_str::<Value>(&request.body).unwrap(),
        json!({
            "order": { "id": 7, "label": "order 7" },
            "tags": ["{id}"],
            "token": "s3cr3t/\"token",
            "list": [7, 1, null],
        })
    );
}

#[tokio::test]
async fn part_of_the_answer_is_returned() {
    let answer = r#"{"data": {"items": [{"a/b": "text"}], "total": 1}, "message": "ok"}"#;
    for (result, expected) in [
        ("data.items.0", Ok(r#"{"a/b":"text"}"#)),
        ("/data/items/0/a~1b", Ok("text")),
        ("data.total", Ok("1")),
        (
            "data.itmes",
            Err("`data` of the answer has no `itmes`; did you mean `items`?"),
        ),
        (
            "rows",
            Err("the answer has no `rows`; it has: data, message"),
        ),
        (
            "data.items.1",
            Err("`data.items` of the answer is a list of 1: it has no `1`"),
        ),
        (
            "message.x",
            Err("`message` of the answer is neither an object nor a list: it has no `x`"),
        ),
    ] {
        let server = Server::json(answer).await;
        let tool = tool(json!({ "http": { "url": &server.base, "result": result } }));
        let result = call(tool, json!({})).await;
        match expected {
            Ok(expected) => assert_eq!(&*result.unwrap().text, expected),
            Err(expected) => assert_eq!(result.unwrap_err().to_string(), expected),
        }
    }
}

#[tokio::test]
async fn answers_that_are_not_json_are_text() {
    for (status, kind, body, result, expected) in [
        (
            "200 OK",
            "text/plain",
            "hello".as_bytes(),
            None,
            Ok("hello"),
        ),
        (
            "200 OK",
            "text/plain; charset=iso-8859-1",
            b"caf\xe9",
            None,
            Ok("café"),
        ),
        (
            "204 No Content",
            "text/plain",
            b"",
            None,
            Ok("HTTP 204 No Content"),
        ),
        (
            "200 OK",
            "image/png",
            b"\x89PNG\xff",
            None,
            Err("the answer is not text but 5 bytes of image/png"),
        ),
        (
            "200 OK",
            "text/html",
            b"<html>",
            Some("data"),
            Err("the answer is not JSON, so the tool's `result` can't be taken from it: <html>"),
        ),
        (
            "404 Not Found",
            "application/json",
            b"{\"error\": \"no such order\"}",
            Some("data"),
            Err("HTTP 404 Not Found: {\"error\": \"no such order\"}"),
        ),
        (
            "503 Service Unavailable",
            "text/plain",
            b"",
            None,
            Err("HTTP 503 Service Unavailable"),
        ),
    ] {
        let server = Server::answering(status, kind, body).await;
        let mut http = json!({ "url": &server.base });
        if let Some(result) = result {
            http["result"] = json!(result);
        }
        let result = call(tool(json!({ "http": http })), json!({})).await;
        match expected {
            Ok(expected) => assert_eq!(&*result.unwrap().text, expected),
            Err(expected) => assert_eq!(result.unwrap_err().to_string(), expected),
        }
    }
}

#[tokio::test]
async fn long_error_bodies_are_cut() {
    let server = Server::answering("500 Oops", "text/plain", "é".repeat(10_000)).await;
    let message = failure(tool(json!({ "http": { "url": &server.base } })), json!({})).await;
    assert_eq!(message.chars().filter(|letter| *letter == 'é').count(), 500);
}

#[tokio::test]
async fn secrets_are_not_shown() {
    let echo = r#"{"got": "s3cr3t/\"token", "url": "s3cr3t%2F%22token"}"#;
    for status in ["200 OK", "401 Unauthorized"] {
        let server = Server::answering(status, "application/json", echo).await;
        let tool = tool(json!({ "http": {
            "url": format!("{}/x?key=${{TOKEN}}", server.base),
            "headers": { "x-key": "${TOKEN}" },
        } }));
        assert!(!format!("{tool:?}").contains("s3cr3t"), "{tool:?}");
        let shown = match call(tool, json!({})).await {
            Ok(output) => output.text.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(!shown.contains("s3cr3t"), "{shown}");
        assert!(shown.contains("[redacted]"), "{shown}");
        let request = server.request().await;
        assert_eq!(request.line, "GET /x?key=s3cr3t%2F%22token");
    }
}

#[tokio::test]
async fn arguments_can_not_change_the_request() {
    let declaration = json!({
        "parameters": { "id": "string", "lang": "string" },
        "http": {
            "url": "http://127.0.0.1:9/orders/{id}/lines",
            "headers": { "accept-language": "{lang}" },
        },
    });
    for (arguments, expected) in [
        (
            json!({ "id": "1", "lang": "en\r\nx-admin: 1" }),
            "an argument has letters that the header `accept-language` can't have, such as a line end",
        ),
        (
            json!({ "id": "..", "lang": "en" }),
            "an argument that is part of an address must not be `.` or `..`",
        ),
        (
            json!({ "id": "", "lang": "en" }),
            "`/id`: must not be empty, it is part of an address",
        ),
        (
            json!({ "id": "1", "lang": "en", "admin": true }),
            "`/admin`: unknown property; known: id, lang",
        ),
        (
            json!({ "id": "1", "lnag": "en" }),
            "`/lnag`: unknown property; did you mean `lang`?",
        ),
        (json!([1]), "expected an object of arguments"),
    ] {
        let error = call(tool(declaration.clone()), arguments)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ToolErrorKind::InvalidArguments);
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn private_addresses_are_refused_unless_allowed() {
    let spec = json!({
        "name": "metadata",
        "description": "Reads.",
        "http": { "url": "http://127.0.0.1:9/" },
    });
    let tool = HttpTool::new(serde_json::from_value(spec).unwrap(), &variable).unwrap();
    assert_eq!(
        failure(tool, json!({})).await,
        "127.0.0.1 is not a public address, so the request was refused: set `allow_private: true` \
         for the tool `metadata` if it may ask it"
    );
}

#[tokio::test]
async fn what_fails_below_http_is_an_error() {
    let server = Server::json(&format!("\"{}\"", "x".repeat(100))).await;
    let large = tool(json!({ "http": { "url": &server.base, "max_bytes": 50 } }));
    let message = failure(large, json!({})).await;
    assert!(
        message.ends_with("is larger than 50 bytes: ask for less, or raise the tool's `max_bytes`")
    );

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let slow = tool(json!({ "http": { "url": silent }, "timeout": "20ms" }));
    let error = call(slow, json!({})).await.unwrap_err();
    assert_eq!(error.kind, ToolErrorKind::TimedOut);

    drop(listener);
    let gone = tool(json!({ "http": { "url": silent } }));
    assert!(
        failure(gone, json!({}))
            .await
            .starts_with("can't connect to 127.0.0.1:")
    );
}
