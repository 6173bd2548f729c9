//! The model that answers when there is no other: no network, no key, no randomness.

use std::sync::Arc;

use agno_core::{
    AssistantMessage, Content, Message, Model, ModelInfo, ModelRequest, ReplyStream, ToolCall,
    ToolSpec,
};
use serde_json::{Map, Value};

use super::{info, last_user_text, reply_stream, reply_to, tool_results, tool_rounds};

/// Lets everything be tried without a key.
///
/// It calls each tool whose name or description shares a word with the question, fills arguments
/// from the question (quoted text, numbers, capitalised words) or from the schema, and answers
/// with the results. It understands nothing, and says so when it has nothing to say.
#[derive(Debug)]
pub struct OfflineModel {
    info: ModelInfo,
}

impl OfflineModel {
    /// The offline model.
    pub fn new() -> Self {
        Self {
            info: info("offline"),
        }
    }
}

impl Default for OfflineModel {
    fn default() -> Self {
        Self::new()
    }
}

impl Model for OfflineModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn stream(&self, request: ModelRequest) -> ReplyStream {
        let question = last_user_text(&request);
        let mut message = AssistantMessage::default();
        if tool_rounds(&request) == 0 {
            message.tool_calls = calls_for(question, &request);
        }
        if message.tool_calls.is_empty() {
            message.content = Content::text(answer(question, &request));
        }
        let reply = reply_to(&request, message);
        reply_stream(&request, reply)
    }
}

fn calls_for(question: &str, request: &ModelRequest) -> Vec<ToolCall> {
    let words = words_of(question);
    let known: Vec<Vec<String>> = request
        .tools
        .iter()
        .map(|tool| {
            let spec = tool.spec();
            let name = spec.name.replace(['_', '-'], " ");
            words_of(&format!("{name} {}", spec.description))
        })
        .collect();
    // A word that some tool has exactly says nothing about tools that have only a similar one.
    let matches = |tool: &[String]| {
        words.iter().any(|word| {
            if known.iter().any(|other| other.contains(word)) {
                tool.contains(word)
            } else {
                tool.iter().any(|other| same_stem(word, other))
            }
        })
    };
    let matching = request
        .tools
        .iter()
        .zip(&known)
        .filter(|(_, words)| matches(words))
        .map(|(tool, _)| tool);
    matching
        .enumerate()
        .map(|(index, tool)| ToolCall {
            id: format!("call_{}_{index}", request.thread.messages().len()).into(),
            name: Arc::clone(&tool.spec().name),
            arguments: arguments_for(tool.spec(), question).to_string().into(),
        })
        .collect()
}

fn answer(question: &str, request: &ModelRequest) -> String {
    let output = request
        .options
        .as_ref()
        .and_then(|options| options.output.as_ref());
    if let Some(output) = output {
        return output.schema.sample().to_string();
    }
    let results: Vec<String> = tool_results(request)
        .iter()
        .map(|message| match message {
            Message::Tool(result) if result.is_error => {
                format!("`{}` failed: {}", result.name, result.output.text)
            }
            message => message.text().to_string(),
        })
        .collect();
    if results.is_empty() {
        format!(
            "I am the offline model and can only call tools. You said: {question}\nFor real \
             answers set OPENAI_API_KEY, or point `--base-url` at a local server."
        )
    } else {
        results.join("\n")
    }
}

/// Words of four letters or more, in lower case.
fn words_of(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() > 3)
        .map(str::to_lowercase)
        .filter(|word| !COMMON.contains(&&**word))
        .collect()
}

/// Words that say nothing about a topic.
const COMMON: &[&str] = &[
    "about", "from", "have", "into", "that", "their", "there", "this", "what", "when", "where",
    "which", "will", "with", "would", "your", "please", "tell", "give",
];

/// Whether two words begin alike: `rain`, `raining`, `rains`.
fn same_stem(left: &str, right: &str) -> bool {
    let (short, long) = if left.len() <= right.len() {
        (left, right)
    } else {
        (right, left)
    };
    long.starts_with(short)
}

fn arguments_for(spec: &ToolSpec, question: &str) -> Value {
    let mut arguments = match spec.parameters.sample() {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    };
    let properties = spec
        .parameters
        .value()
        .get("properties")
        .and_then(Value::as_object);
    let mut candidates = candidates(question);
    for (name, value) in &mut arguments {
        let property = properties.and_then(|properties| properties.get(name));
        let closed = property.is_some_and(|property| property.get("enum").is_some());
        let whole = property
            .and_then(|property| property.get("type"))
            .is_some_and(|kind| kind == "integer");
        let position = candidates.iter().position(|candidate| {
            std::mem::discriminant(candidate) == std::mem::discriminant(value)
        });
        if let (false, Some(position)) = (closed, position) {
            let candidate = candidates.remove(position);
            if !whole || candidate.is_i64() {
                *value = candidate;
            }
        }
    }
    Value::Object(arguments)
}

/// What in a question looks like a value: quoted text, then capitalised words, and numbers.
fn candidates(question: &str) -> Vec<Value> {
    let quoted = question.split('"').skip(1).step_by(2).map(Value::from);
    let mut found: Vec<Value> = quoted.collect();
    for (index, word) in question.split_whitespace().enumerate() {
        let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        if let Ok(number) = word.parse::<i64>() {
            found.push(number.into());
        } else if let Ok(number) = word.parse::<f64>() {
            found.push(number.into());
        } else if index > 0 && word.chars().next().is_some_and(char::is_uppercase) {
            found.push(word.into());
        }
    }
    found
}
