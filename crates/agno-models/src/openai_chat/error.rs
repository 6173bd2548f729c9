//! What servers say when they refuse, in all their shapes.

use std::sync::Arc;
use std::time::SystemTime;

use agno_core::{ModelError, ModelErrorKind};
use agno_net::{HeaderMap, NetError, retry_after};
use serde_json::Value;

/// How much of an answer an error keeps.
const KEPT_BODY: usize = 64 * 1024;

/// How much of a message an error shows.
const SHOWN_MESSAGE: usize = 600;

/// The error for an answer with an error status.
pub fn decode_error(status: u16, headers: &HeaderMap, body: &[u8], provider: &str) -> ModelError {
    let said = Said::read(body);
    let kind = said.kind(Some(status));
    let mut error = said.error(kind, provider, body);
    error.status = Some(status);
    if matches!(
        kind,
        ModelErrorKind::RateLimited | ModelErrorKind::Unavailable
    ) {
        error.retry_after_ms = retry_after(headers, body, SystemTime::now())
            .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
    }
    error
}

/// The error for an error object inside an answer that began well.
pub(super) fn decode_inner_error(body: &[u8], provider: &str) -> ModelError {
    let said = Said::read(body);
    let kind = said.kind(None);
    let mut error = said.error(kind, provider, body);
    error.retry_after_ms = retry_after(&HeaderMap::new(), body, SystemTime::now())
        .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
    error
}

/// The error for an answer that is not what the protocol says.
pub(super) fn malformed(provider: &str, what: &str, body: &[u8]) -> ModelError {
    let mut error = ModelError::new(
        ModelErrorKind::Malformed,
        format!("{provider}: {what}; check that the base URL is that of an OpenAI-compatible API"),
    );
    error.body = kept(body);
    error
}

/// The error for a failure below HTTP.
pub fn net_error(error: &NetError, provider: &str) -> ModelError {
    let kind = match error {
        NetError::LiveRequestsDisabled { .. } => ModelErrorKind::LiveRequestsDisabled,
        NetError::InvalidUrl { .. } | NetError::InvalidRequest(_) => ModelErrorKind::InvalidRequest,
        NetError::TooLarge { .. } => ModelErrorKind::Malformed,
        _ => ModelErrorKind::Connection,
    };
    ModelError::new(kind, format!("{provider}: {error}"))
}

/// What a server said about an error.
#[derive(Default)]
struct Said {
    message: Option<String>,
    code: Option<String>,
    class: Option<String>,
    status: Option<u16>,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::from_value(&value),
            Err(_) if is_html(&text) => Self {
                message: Some(match title(&text) {
                    Some(title) => format!("it answered with a web page titled \"{title}\""),
                    None => "it answered with a web page".to_owned(),
                }),
                ..Self::default()
            },
            Err(_) => Self {
                message: Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
                ..Self::default()
            },
        }
    }

    /// Reads `{error: {…}}`, `{error: "…"}`, `{message}`, `{detail}`, `[{error}]` and plain texts.
    fn from_value(value: &Value) -> Self {
        let outer = match value {
            Value::Array(list) => list.first().unwrap_or(value),
            _ => value,
        };
        let inner = match outer.get("error") {
            Some(Value::Null) | None => outer,
            Some(inner) => inner,
        };
        let member = |name: &str| inner.get(name).or_else(|| outer.get(name));
        let message = inner
            .as_str()
            .or_else(|| member("message").and_then(Value::as_str))
            .or_else(|| inner.get("error").and_then(Value::as_str))
            .map(str::to_owned)
            .or_else(|| member("detail").map(detail));
        // Routers wrap what the provider behind them said.
        let behind = inner.get("metadata").and_then(|metadata| {
            let raw = metadata.get("raw")?.as_str()?;
            let name = metadata.get("provider_name").and_then(Value::as_str);
            Some(match name {
                Some(name) => format!("{name}: {raw}"),
                None => raw.to_owned(),
            })
        });
        let message = match (message, behind) {
            (Some(message), Some(behind)) => Some(format!("{message} ({behind})")),
            (message, behind) => message.or(behind),
        };
        let number = |name: &str| {
            let number = member(name)?.as_u64()?;
            u16::try_from(number)
                .ok()
                .filter(|number| (400..600).contains(number))
        };
        Self {
            message,
            code: member("code").and_then(scalar),
            class: member("type").and_then(scalar),
            status: number("code")
                .or_else(|| number("status_code"))
                .or_else(|| number("status"))
                .or_else(|| number("raw_status_code")),
        }
    }

    fn kind(&self, status: Option<u16>) -> ModelErrorKind {
        let status = status.or(self.status);
        let words = [&self.code, &self.class];
        let said = |word: &str| words.iter().any(|own| own.as_deref() == Some(word));
        let message = self
            .message
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let mentions = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
        let is_refusal = status.is_none_or(|status| (400..600).contains(&status) && status != 401);
        let is_too_long = ["context_length_exceeded", "exceed_context_size_error"]
            .into_iter()
            .any(said)
            || mentions(&[
                "maximum context length",
                "context length exceeded",
                "context window",
                "available context size",
                "maximum prompt length",
                "prompt is too long",
                "too many tokens",
                "reduce the length of the messages",
            ]);
        let is_filtered = [
            "content_filter",
            "content_policy_violation",
            "ResponsibleAIPolicyViolation",
            "sensitive_words_detected",
        ]
        .into_iter()
        .any(said)
            || mentions(&["content management policy"]);
        if is_refusal && is_too_long && status != Some(429) {
            return ModelErrorKind::ContextTooLong;
        }
        if is_refusal && is_filtered {
            return ModelErrorKind::ContentFiltered;
        }
        // Waiting does not help against an empty account.
        if said("insufficient_quota") {
            return ModelErrorKind::Authentication;
        }
        match status {
            Some(401..=403) => ModelErrorKind::Authentication,
            Some(413) => ModelErrorKind::ContextTooLong,
            Some(425 | 429) => ModelErrorKind::RateLimited,
            Some(408 | 409 | 500..=599) => ModelErrorKind::Unavailable,
            Some(_) => ModelErrorKind::InvalidRequest,
            None if said("rate_limit_exceeded") || said("rate_limit_error") => {
                ModelErrorKind::RateLimited
            }
            None if said("invalid_request_error") => ModelErrorKind::InvalidRequest,
            None => ModelErrorKind::Unavailable,
        }
    }

    fn error(self, kind: ModelErrorKind, provider: &str, body: &[u8]) -> ModelError {
        let message = match &self.message {
            Some(message) => one_line(message),
            None if body.is_empty() => "it gave no reason".to_owned(),
            None => "it gave no readable reason".to_owned(),
        };
        let mut error = ModelError::new(kind, format!("{provider}: {message}"));
        error.code = self.code.or(self.class).map(Arc::from);
        error.body = kept(body);
        error
    }
}

/// The messages of a list of validation errors, or a text.
fn detail(detail: &Value) -> String {
    match detail {
        Value::String(text) => text.clone(),
        Value::Array(list) => list
            .iter()
            .map(|item| match item.get("msg").and_then(Value::as_str) {
                Some(message) => message.to_owned(),
                None => item.to_string(),
            })
            .collect::<Vec<_>>()
            .join("; "),
        other => other.to_string(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_html(text: &str) -> bool {
    let start = text.trim_start();
    ["<!doctype html", "<html", "<head", "<body"]
        .into_iter()
        .any(|tag| {
            start
                .get(..tag.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(tag))
        })
}

fn title(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("<title>")?;
    let (title, _) = rest.split_once('<')?;
    Some(one_line(title)).filter(|title| !title.is_empty())
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(SHOWN_MESSAGE));
    for word in text.split_whitespace() {
        if line.len() + word.len() > SHOWN_MESSAGE {
            line.push('…');
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

fn kept(body: &[u8]) -> Option<Arc<str>> {
    if body.is_empty() {
        return None;
    }
    let start = body.get(..KEPT_BODY).unwrap_or(body);
    Some(String::from_utf8_lossy(start).into())
}
