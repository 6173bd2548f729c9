//! What the codec writes and reads, case by case.

use std::sync::Arc;

use agno_core::{
    AssistantMessage, CallOptions, Content, FinishReason, Media, MediaKind, MediaSource, Message,
    ModelError, ModelErrorKind, ModelReply, ModelRequest, ModelSettings, OutputFormat, Schema,
    Thread, Tool, ToolCall, ToolChoice, ToolMessage, ToolOutput, ToolSet, UserMessage,
};
use agno_models::DeclaredTool;
use agno_models::openai_chat::{Dialect, decode_error, decode_whole, encode, parse_request};
use agno_net::HeaderMap;
use serde_json::{Value, json};

use crate::check::stream;

static OPENAI: Dialect = Dialect::OPENAI;
static LOCAL: Dialect = Dialect::LOCAL;

fn request(messages: impl IntoIterator<Item = Message>) -> ModelRequest {
    ModelRequest {
        thread: messages.into_iter().map(Arc::new).collect::<Thread>(),
        tools: Arc::default(),
        deltas: false,
        options: None,
    }
}

fn encoded(request: &ModelRequest, dialect: &Dialect) -> Value {
    let bytes = encode(request, "m", dialect, None).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn messages(request: &ModelRequest, dialect: &Dialect) -> Value {
    encoded(request, dialect)["messages"].clone()
}

fn with_media(text: &str, media: Vec<Media>) -> Message {
    let mut content = Content::text(text);
    content.rich_mut().media = media;
    Message::User(UserMessage { content })
}

fn turn_with_tool() -> [Message; 3] {
    let call = ToolCall {
        id: "c1".into(),
        name: "add".into(),
        arguments: "{\"a\":1}".into(),
    };
    [
        Message::user("1+1?"),
        Message::Assistant(AssistantMessage {
            content: Content::default(),
            tool_calls: vec![call],
        }),
        Message::Tool(ToolMessage {
            call_id: "c1".into(),
            name: "add".into(),
            output: ToolOutput::text("2"),
            is_error: false,
        }),
    ]
}

#[test]
fn a_request_is_written() {
    let tool: Arc<dyn Tool> = Arc::new(DeclaredTool::new(
        "add",
        "Adds \"numbers\".",
        json!({"type": "object", "properties": {"a": {"type": "integer"}}}),
        Some(true),
    ));
    let mut request = request([
        Message::system("Be\n\"brief\"\u{1}."),
        Message::user("hi ü"),
        Message::assistant("hello"),
    ]);
    request.tools = Arc::new(ToolSet::new(vec![tool]).unwrap());
    request.deltas = true;
    request.options = Some(Arc::new(CallOptions {
        tool_choice: ToolChoice::Tool("add".into()),
        output: Some(OutputFormat {
            name: "Sum".into(),
            schema: Arc::new(Schema::new(json!({"type": "object"}))),
            strict: true,
        }),
        settings: ModelSettings {
            temperature: Some(0.5),
            max_tokens: Some(7),
            seed: Some(-1),
            stop: vec!["END".to_owned()],
            reasoning_effort: Some("low".to_owned()),
            parallel_tool_calls: Some(false),
            ..ModelSettings::default()
        },
    }));
    assert_eq!(
        encoded(&request, &OPENAI),
        json!({
            "model": "m",
            "messages": [
                {"role": "developer", "content": "Be\n\"brief\"\u{1}."},
                {"role": "user", "content": "hi ü"},
                {"role": "assistant", "content": "hello"},
            ],
            "tools": [{"type": "function", "function": {
                "name": "add",
                "description": "Adds \"numbers\".",
                "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
                "strict": true,
            }}],
            "tool_choice": {"type": "function", "function": {"name": "add"}},
            "response_format": {"type": "json_schema", "json_schema": {
                "name": "Sum", "schema": {"type": "object"}, "strict": true,
            }},
            "temperature": 0.5,
            "max_completion_tokens": 7,
            "seed": -1,
            "stop": ["END"],
            "reasoning_effort": "low",
            "parallel_tool_calls": false,
            "stream": true,
            "stream_options": {"include_usage": true},
        })
    );
    let local = encoded(&request, &LOCAL);
    assert_eq!(local["messages"][0]["role"], "system");
    assert_eq!(local["max_tokens"], 7);
}

#[test]
fn a_tool_turn_is_written() {
    assert_eq!(
        messages(&request(turn_with_tool()), &OPENAI),
        json!([
            {"role": "user", "content": "1+1?"},
            {"role": "assistant", "content": "", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{\"a\":1}"}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "2"},
        ])
    );
}

#[test]
fn what_a_model_wrote_goes_back_as_it_was() {
    for (written, sent) in [
        ("", "{}"),
        ("null", "null"),
        ("{\"cut\": \"of", "{\"cut\": \"of"),
    ] {
        let mut turn = turn_with_tool();
        if let Message::Assistant(message) = &mut turn[1] {
            message.tool_calls[0].arguments = written.into();
        }
        let messages = messages(&request(turn), &OPENAI);
        assert_eq!(messages[1]["tool_calls"][0]["function"]["arguments"], sent);
    }
}

#[test]
fn settings_of_the_call_win_and_extra_members_win_over_all() {
    let settings = |value: Value| serde_json::from_value::<ModelSettings>(value).unwrap();
    let mut request = request([Message::user("hi")]);
    request.options = Some(Arc::new(CallOptions {
        settings: settings(json!({"temperature": 0.1, "extra_body": {"top_p": 0.9, "x": [null]}})),
        ..CallOptions::default()
    }));
    let defaults = settings(json!({
        "temperature": 1, "top_p": 0.2, "max_tokens": 5, "extra_body": {"x": 1, "y": 2},
    }));
    let bytes = encode(&request, "m", &OPENAI, Some(&defaults)).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json!({
            "model": "m", "messages": [{"role": "user", "content": "hi"}], "temperature": 0.1,
            "max_completion_tokens": 5, "top_p": 0.9, "x": [null], "y": 2,
        })
    );
    assert_eq!(text.matches("top_p").count(), 1, "{text}");
}

#[test]
fn a_number_that_json_has_not_is_refused() {
    let mut request = request([Message::user("hi")]);
    request.options = Some(Arc::new(CallOptions {
        settings: ModelSettings {
            temperature: Some(f64::NAN),
            ..ModelSettings::default()
        },
        ..CallOptions::default()
    }));
    let error = encode(&request, "m", &OPENAI, None).unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::InvalidRequest);
}

#[test]
fn media_is_written() {
    let mut image = Media::base64(MediaKind::Image, "image/png", "AAAA");
    image.detail = Some("low".into());
    let mut file = Media::base64(MediaKind::File, "application/pdf", "BBBB");
    file.name = Some("a.pdf".into());
    let media = vec![
        image,
        Media::url(MediaKind::Image, "https://x/y.png"),
        Media::base64(MediaKind::Audio, "audio/mpeg", "CCCC"),
        file,
        Media::new(MediaKind::File, MediaSource::ProviderFile("f1".into())),
        Media::new(MediaKind::Image, MediaSource::Base64("/9j/AAA".into())),
    ];
    assert_eq!(
        messages(&request([with_media("look", media)]), &OPENAI),
        json!([{"role": "user", "content": [
            {"type": "text", "text": "look"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
            {"type": "input_audio", "input_audio": {"data": "CCCC", "format": "mp3"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,BBBB"}},
            {"type": "file", "file": {"file_id": "f1"}},
            {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/AAA"}},
        ]}])
    );
}

#[test]
fn media_that_a_server_can_not_take_is_an_error() {
    for media in [
        Media::url(MediaKind::Video, "https://x/y.mp4"),
        Media::url(MediaKind::Audio, "https://x/y.mp3"),
        Media::url(MediaKind::File, "https://x/y.pdf"),
    ] {
        let error =
            encode(&request([with_media("", vec![media])]), "m", &OPENAI, None).unwrap_err();
        assert_eq!(error.kind, ModelErrorKind::InvalidRequest);
        assert!(error.message.contains("openai"), "{error}");
    }
}

#[test]
fn media_of_tools_goes_where_the_server_reads_it() {
    let mut turn = turn_with_tool();
    if let Message::Tool(message) = &mut turn[2] {
        let image = Media::url(MediaKind::Image, "https://x/y.png");
        message.output.rich_mut().media.push(image);
    }
    let image = json!({"type": "image_url", "image_url": {"url": "https://x/y.png"}});
    let request = request(turn);
    let openai = messages(&request, &OPENAI);
    assert_eq!(openai[2]["content"], "2");
    assert_eq!(openai[3]["role"], "user");
    assert_eq!(
        openai[3]["content"][0]["text"],
        "Output of tool call c1 (add):"
    );
    assert_eq!(openai[3]["content"][1], image);
    let local = messages(&request, &LOCAL);
    assert_eq!(
        local[2]["content"],
        json!([{"type": "text", "text": "2"}, image])
    );
    assert_eq!(local.as_array().unwrap().len(), 3);
}

fn chunks(deltas: &[Value]) -> String {
    let mut text = String::new();
    for delta in deltas {
        text.push_str(&format!(
            "data: {}\n\n",
            json!({"choices": [{"delta": delta}]})
        ));
    }
    text
}

const FINISH: &str =
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

fn streamed(body: &str, dialect: &'static Dialect) -> Result<ModelReply, ModelError> {
    stream([body.as_bytes()], dialect).outcome.unwrap()
}

fn assistant(reply: &ModelReply) -> &AssistantMessage {
    match &*reply.message {
        Message::Assistant(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn tool_call_fragments_find_their_call() {
    let call = |value: Value| json!({"tool_calls": [value]});
    let cases = [
        // By index, interleaved.
        vec![
            call(json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"x\""}})),
            call(json!({"index": 1, "id": "b", "function": {"name": "g", "arguments": ""}})),
            call(json!({"index": 0, "function": {"arguments": ":1}"}})),
            call(json!({"index": 1, "function": {"arguments": "{}"}})),
        ],
        // The same wrong index for all, but ids.
        vec![
            call(
                json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"x\":1}"}}),
            ),
            call(json!({"index": 0, "id": "b", "function": {"name": "g", "arguments": "{}"}})),
        ],
        // No index at all.
        vec![
            call(json!({"id": "a", "function": {"name": "f", "arguments": "{\"x\":"}})),
            call(json!({"function": {"arguments": "1}"}})),
            call(json!({"id": "b", "function": {"name": "g", "arguments": {}}})),
        ],
        // Id and name repeated in every fragment; two calls in one delta.
        vec![
            json!({"tool_calls": [
                {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"x\":"}},
                {"index": 1, "id": "b", "function": {"name": "g", "arguments": "{}"}},
            ]}),
            call(json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": "1}"}})),
        ],
    ];
    for deltas in cases {
        let body = chunks(&deltas) + FINISH;
        let reply = streamed(&body, &OPENAI).unwrap();
        let calls: Vec<_> = assistant(&reply)
            .tool_calls
            .iter()
            .map(|call| (&*call.id, &*call.name, &*call.arguments))
            .collect();
        assert_eq!(calls, [("a", "f", "{\"x\":1}"), ("b", "g", "{}")], "{body}");
        assert_eq!(reply.finish.as_str(), "stop");
    }
}

#[test]
fn calls_without_an_id_get_one() {
    let call = json!({"index": 0, "function": {"name": "f", "arguments": "{}"}});
    let body = chunks(&[json!({"tool_calls": [call]})]) + FINISH;
    let first = streamed(&body, &OPENAI).unwrap();
    let second = streamed(&body, &OPENAI).unwrap();
    let id = |reply: &ModelReply| assistant(reply).tool_calls[0].id.to_string();
    assert!(id(&first).starts_with("call_"));
    assert_ne!(id(&first), id(&second));
}

#[test]
fn inline_reasoning_is_told_apart_where_the_dialect_says_so() {
    let body = chunks(&[
        json!({"content": "<thi"}),
        json!({"content": "nk>\nhm</th"}),
        json!({"content": "ink>\n\nyes"}),
    ]) + FINISH;
    let streamed = stream([body.as_bytes()], &LOCAL);
    assert_eq!((&*streamed.reasoning, &*streamed.text), ("hm", "yes"));
    let whole = json!({"choices": [{"message": {"content": "<think>hm</think>yes"}}]}).to_string();
    let reply = decode_whole(whole.as_bytes(), &LOCAL).unwrap();
    assert_eq!(&*assistant(&reply).content.text, "yes");
    assert_eq!(
        assistant(&reply).content.reasoning().unwrap().as_ref(),
        "hm"
    );
    let reply = decode_whole(whole.as_bytes(), &OPENAI).unwrap();
    assert_eq!(&*assistant(&reply).content.text, "<think>hm</think>yes");
}

#[test]
fn reasoning_goes_back_to_where_it_came_from_and_nowhere_else() {
    let details = json!([{"type": "reasoning.text", "text": "a", "signature": "s", "index": 0}]);
    let whole = json!({"choices": [{"message": {
        "content": "yes", "reasoning": "a", "reasoning_details": details,
    }}]});
    static OPENROUTER: Dialect = {
        let mut dialect = Dialect::COMPATIBLE;
        dialect.name = "openrouter";
        dialect
    };
    let reply = decode_whole(whole.to_string().as_bytes(), &OPENROUTER).unwrap();
    let mut again = request([]);
    again.thread.push(Arc::clone(&reply.message));
    assert_eq!(
        messages(&again, &OPENROUTER)[0]["reasoning_details"],
        details
    );
    for other in [&OPENAI, &LOCAL] {
        assert_eq!(
            messages(&again, other),
            json!([{"role": "assistant", "content": "yes"}])
        );
    }
}

#[test]
fn other_candidates_are_passed_over() {
    let body = "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"B\"}}]}\n\n\
                data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"A\"}}]}\n\n"
        .to_owned()
        + FINISH;
    let reply = streamed(&body, &OPENAI).unwrap();
    assert_eq!(&*assistant(&reply).content.text, "A");
}

#[test]
fn a_whole_answer_to_a_wish_for_a_stream_is_read() {
    let body = "\n{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}";
    let streamed = stream(body.as_bytes().chunks(5), &OPENAI);
    assert_eq!(streamed.text, "hi");
    assert!(streamed.outcome.unwrap().is_ok());
    let refused = stream(["{\"error\":{\"message\":\"no\"}}".as_bytes()], &OPENAI);
    assert!(refused.outcome.unwrap().unwrap_err().message.contains("no"));
}

#[test]
fn a_stream_that_is_no_whole_answer_is_an_error() {
    let begun = chunks(&[json!({"content": "partly"})]);
    let cases = [
        (begun.clone(), ModelErrorKind::Connection, Some("partly")),
        (
            begun.clone() + "data: {\"choi",
            ModelErrorKind::Connection,
            Some("partly"),
        ),
        (
            begun.clone() + "data: {oops}\n\n",
            ModelErrorKind::Malformed,
            Some("partly"),
        ),
        (String::new(), ModelErrorKind::Connection, None),
        (
            "data: [DONE]\n\n".to_owned(),
            ModelErrorKind::Malformed,
            None,
        ),
        (
            "<html>busy</html>".to_owned(),
            ModelErrorKind::Connection,
            None,
        ),
        (
            begun.clone()
                + "event: error\ndata: {\"error\":{\"message\":\"m\",\"status_code\":429}}\n\n",
            ModelErrorKind::RateLimited,
            Some("partly"),
        ),
        (
            begun.clone()
                + "data: {\"error\":{\"code\":502,\"message\":\"upstream\"},\"choices\":[]}\n\n",
            ModelErrorKind::Unavailable,
            Some("partly"),
        ),
        (
            begun + "data: {\"error\":\"overloaded\"}\n\ndata: [DONE]\n\n",
            ModelErrorKind::Unavailable,
            Some("partly"),
        ),
    ];
    for (body, kind, partial) in cases {
        let error = streamed(&body, &OPENAI).unwrap_err();
        assert_eq!(
            (error.kind, error.partial_text.as_deref()),
            (kind, partial),
            "{body}: {error}"
        );
    }
}

#[test]
fn a_stream_without_done_is_whole_once_it_says_why_it_ended() {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"eos\"}]}";
    let reply = streamed(body, &OPENAI).unwrap();
    assert_eq!(reply.finish.reason, FinishReason::Stop);
    assert_eq!(reply.finish.as_str(), "eos");
}

#[test]
fn errors_are_read_in_all_shapes() {
    use ModelErrorKind::{
        Authentication, ContentFiltered, ContextTooLong, InvalidRequest, RateLimited, Unavailable,
    };
    let cases = [
        (
            401,
            r#"{"error":{"message":"bad key","code":"invalid_api_key"}}"#,
            Authentication,
            "bad key",
        ),
        (
            403,
            r#"{"code":"x","error":"no access"}"#,
            Authentication,
            "no access",
        ),
        (
            402,
            r#"{"error":{"message":"pay","code":402}}"#,
            Authentication,
            "pay",
        ),
        (
            429,
            r#"{"error":{"message":"slow","code":"rate_limit"}}"#,
            RateLimited,
            "slow",
        ),
        (
            429,
            r#"{"error":{"message":"broke","code":"insufficient_quota"}}"#,
            Authentication,
            "broke",
        ),
        (
            400,
            r#"{"error":{"message":"long","code":"context_length_exceeded"}}"#,
            ContextTooLong,
            "long",
        ),
        (
            400,
            r#"{"message":"This model's maximum context length is 8","type":"x"}"#,
            ContextTooLong,
            "maximum",
        ),
        (
            400,
            r#"{"error":{"message":"no","code":"content_filter"}}"#,
            ContentFiltered,
            "no",
        ),
        (
            422,
            r#"{"detail":[{"msg":"field required","loc":[]}]}"#,
            InvalidRequest,
            "field required",
        ),
        (
            404,
            r#"{"detail":"Not Found"}"#,
            InvalidRequest,
            "Not Found",
        ),
        (
            400,
            r#"[{"error":{"message":"in a list"}}]"#,
            InvalidRequest,
            "in a list",
        ),
        (
            400,
            r#"{"error":{"message":"Provider returned error","metadata":{"raw":"inner","provider_name":"P"}}}"#,
            InvalidRequest,
            "P: inner",
        ),
        (500, "\"plain\"", Unavailable, "plain"),
        (
            502,
            "<!DOCTYPE html><html><head><title>502 Bad\nGateway</title>",
            Unavailable,
            "502 Bad Gateway",
        ),
        (
            503,
            "upstream\n connect error",
            Unavailable,
            "upstream connect error",
        ),
        (529, "", Unavailable, "no reason"),
        (400, "\u{1}{[", InvalidRequest, "{["),
    ];
    for (status, body, kind, part) in cases {
        let error = decode_error(status, &HeaderMap::new(), body.as_bytes(), "p");
        assert_eq!(
            (error.kind, error.status),
            (kind, Some(status)),
            "{body}: {error:?}"
        );
        assert!(error.message.contains(part), "{body}: {error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

#[test]
fn a_rate_limit_says_how_long() {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", "2".parse().unwrap());
    let error = decode_error(429, &headers, b"{}", "p");
    assert_eq!(error.retry_after_ms, Some(2000));
    let body = br#"{"error":{"message":"Please try again in 1.5s."}}"#;
    let error = decode_error(429, &HeaderMap::new(), body, "p");
    assert_eq!(error.retry_after_ms, Some(1500));
}

#[test]
fn answers_that_are_none_are_errors() {
    for body in [
        "",
        "  \n",
        "{}",
        "[]",
        "null",
        "{\"choices\":[]}",
        "<html>",
        "{\"choices\":",
    ] {
        let error = decode_whole(body.as_bytes(), &OPENAI).unwrap_err();
        assert_eq!(error.kind, ModelErrorKind::Malformed, "{body}: {error}");
    }
}

#[test]
fn a_request_in_openai_s_shape_is_read() {
    let request = parse_request(&json!({
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"name": "add", "parameters": {"type": "object"}}],
        "output_schema": {"title": "Sum", "type": "object"},
        "settings": {"temperature": 0.2, "max_tokens": 9},
        "top_p": 1,
        "logit_bias": {},
    }))
    .unwrap();
    assert_eq!(
        encoded(&request, &OPENAI),
        json!({
            "model": "m", "messages": [{"role": "user", "content": "hi"}],
            "tools": [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}],
            "response_format": {"type": "json_schema", "json_schema": {
                "name": "Sum", "schema": {"title": "Sum", "type": "object"}, "strict": true,
            }},
            "temperature": 0.2, "top_p": 1.0, "max_completion_tokens": 9, "logit_bias": {},
        })
    );
}

#[test]
fn a_request_in_another_shape_is_refused_with_the_place() {
    let user = json!({"role": "user", "content": "hi"});
    for (body, place) in [
        (json!([]), "request"),
        (json!({}), "messages"),
        (
            json!({"messages": [user, {"role": "robot"}]}),
            "messages[1].role",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "hologram"}]}]}),
            "messages[0].content[0]",
        ),
        (
            json!({"messages": [{"role": "tool", "content": ""}]}),
            "messages[0].tool_call_id",
        ),
        (
            json!({"messages": [user], "settings": {"temperature": "hot"}}),
            "settings.temperature",
        ),
        (
            json!({"messages": [user], "tool_choice": "maybe"}),
            "tool_choice",
        ),
        (
            json!({"messages": [user], "tools": [{"type": "web_search"}]}),
            "tools[0]",
        ),
        (
            json!({"messages": [user], "temperature": "hot"}),
            "temperature",
        ),
    ] {
        let error = parse_request(&body).unwrap_err();
        assert_eq!(error.place, place, "{error}");
    }
}
