//! `${NAME}` in texts: finding the names, and putting the values in.

use super::diagnostic::Diagnostic;
use super::environment::Environment;
use super::tree::{Content, Node};
use serde_json::Value;

/// A text taken apart at `${NAME}`. `$${` stands for a plain `${`.
enum Part<'t> {
    Text(&'t str),
    Escaped,
    Variable(&'t str),
    /// `${` without a name and a closing brace.
    Unclosed,
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            parts.extend([Part::Text(before), Part::Escaped]);
            rest = after;
            continue;
        }
        parts.push(Part::Text(before));
        let name = after.split_once('}').filter(|(name, _)| is_name(name));
        match name {
            Some((name, after)) => {
                parts.push(Part::Variable(name));
                rest = after;
            }
            None => {
                parts.push(Part::Unclosed);
                rest = after;
            }
        }
    }
    parts.push(Part::Text(rest));
    parts
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
}

/// The text with the values in place, if all variables are set.
pub(super) fn expand(text: &str, environment: &Environment) -> Option<String> {
    let mut expanded = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) => expanded.push_str(text),
            Part::Escaped => expanded.push_str("${"),
            Part::Variable(name) => expanded.push_str(&environment.get(name)?),
            Part::Unclosed => return None,
        }
    }
    Some(expanded)
}

/// Tells each variable below a node that is not set.
pub(super) fn check(node: &Node, environment: &Environment, mistakes: &mut Vec<Diagnostic>) {
    match &node.content {
        Content::Scalar(Value::String(text)) => {
            for part in parts(text) {
                let (message, help) = match part {
                    Part::Variable(name) if environment.get(name).is_none() => (
                        format!("the environment variable `{name}` is not set"),
                        format!("set {name}, or write `$${{{name}}}` for the plain text"),
                    ),
                    Part::Unclosed => (
                        "`${` without a name and `}`".to_owned(),
                        "write `${NAME}`, or `$${` for the plain text".to_owned(),
                    ),
                    _ => continue,
                };
                mistakes.push(Diagnostic::new(node.position, message).help(help));
            }
        }
        Content::Scalar(_) => {}
        Content::List(items) => {
            for item in items {
                check(item, environment, mistakes);
            }
        }
        Content::Mapping(entries) => {
            for entry in entries {
                check(&entry.value, environment, mistakes);
            }
        }
    }
}
