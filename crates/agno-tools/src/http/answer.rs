//! What the model gets to read of an answer.

use agno_core::nearest;
use agno_net::WebResponse;
use serde_json::Value;

use super::HttpToolErrorKind;

/// How much of an answer an error shows.
const SHOWN: usize = 500;

/// How many keys an error lists.
const LISTED: usize = 20;

/// A path into a JSON answer.
#[derive(Clone, Debug)]
pub(super) struct ResultPath {
    steps: Vec<String>,
}

impl ResultPath {
    /// A JSON pointer if it begins with a slash; otherwise names with dots between.
    pub(super) fn parse(text: &str) -> Result<Self, HttpToolErrorKind> {
        let steps: Vec<String> = match text.strip_prefix('/') {
            Some(pointer) => pointer
                .split('/')
                .map(|token| token.replace("~1", "/").replace("~0", "~"))
                .collect(),
            None => text.split('.').map(|step| step.trim().to_owned()).collect(),
        };
        if !text.starts_with('/') && steps.iter().any(String::is_empty) {
            return Err(HttpToolErrorKind::EmptyResult);
        }
        Ok(Self { steps })
    }

    fn get<'v>(&self, answer: &'v Value) -> Result<&'v Value, String> {
        let mut current = answer;
        for (index, step) in self.steps.iter().enumerate() {
            let next = match current {
                Value::Object(members) => members.get(step),
                Value::Array(items) => step.parse().ok().and_then(|at: usize| items.get(at)),
                _ => None,
            };
            current = next.ok_or_else(|| {
                let before = self.steps.get(..index).unwrap_or_default().join(".");
                missing(step, &before, current)
            })?;
        }
        Ok(current)
    }
}

/// Says what is there instead.
fn missing(step: &str, before: &str, value: &Value) -> String {
    let place = if before.is_empty() {
        "the answer".to_owned()
    } else {
        format!("`{before}` of the answer")
    };
    match value {
        Value::Object(members) => {
            if let Some(near) = nearest(step, members.keys().map(String::as_str)) {
                return format!("{place} has no `{step}`; did you mean `{near}`?");
            }
            let mut names: Vec<_> = members.keys().take(LISTED).map(String::as_str).collect();
            if members.len() > LISTED {
                names.push("…");
            }
            format!("{place} has no `{step}`; it has: {}", names.join(", "))
        }
        Value::Array(items) => format!("{place} is a list of {}: it has no `{step}`", items.len()),
        _ => format!("{place} is neither an object nor a list: it has no `{step}`"),
    }
}

/// What the model gets to read: a result, or why there is none.
pub(super) fn result(response: &WebResponse, path: Option<&ResultPath>) -> Result<String, String> {
    if !response.status.is_success() {
        let body = response.text();
        return Err(match cut(body.trim()) {
            "" => format!("HTTP {}", response.status),
            body => format!("HTTP {}: {body}", response.status),
        });
    }
    let text = text_of(response)?;
    let Some(path) = path else {
        return Ok(match text.trim() {
            "" => format!("HTTP {}", response.status),
            _ => text,
        });
    };
    let answer: Value = serde_json::from_str(&text).map_err(|_| {
        format!(
            "the answer is not JSON, so the tool's `result` can't be taken from it: {}",
            cut(text.trim())
        )
    })?;
    Ok(match path.get(&answer)? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// The body, if it is text of some kind.
fn text_of(response: &WebResponse) -> Result<String, String> {
    let kind = response
        .headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if std::str::from_utf8(&response.body).is_ok() || kind.contains("charset") {
        return Ok(response.text());
    }
    if kind.starts_with("text/") || kind.contains("json") || kind.contains("xml") {
        return Ok(response.text());
    }
    Err(format!(
        "the answer is not text but {} bytes of {}",
        response.body.len(),
        if kind.is_empty() {
            "unknown kind"
        } else {
            kind
        },
    ))
}

fn cut(text: &str) -> &str {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}
