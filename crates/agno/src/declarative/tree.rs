//! YAML as a tree whose every key and value knows where it stands.
//!
//! Built from the parser's events without recursion, so that no text can exhaust the stack, and
//! with limits for depth and size, so that aliases can't multiply without end.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};
use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::scalar;
use super::text::Position;

/// How deep values may be nested.
const MAX_DEPTH: usize = 64;
/// How many values a file may have, those of aliases counted each time.
const MAX_NODES: usize = 20_000;

/// A value with its position.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) position: Position,
    pub(super) content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    /// Text, a number, a boolean or nothing.
    Scalar(Value),
    List(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_position: Position,
    pub(super) value: Node,
}

impl Node {
    /// The entry of a key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.content {
            Content::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The value at the end of a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter()
            .try_fold(self, |node, key| node.entry(key).map(|entry| &entry.value))
    }

    /// The value as JSON.
    pub(super) fn to_value(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => items.iter().map(Self::to_value).collect(),
            Content::Mapping(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar(Value::Null) => "nothing",
            Content::Scalar(Value::Bool(_)) => "true or false",
            Content::Scalar(Value::Number(_)) => "a number",
            Content::Scalar(_) => "text",
            Content::List(_) => "a list",
            Content::Mapping(_) => "a mapping",
        }
    }

    fn size(&self) -> usize {
        1 + match &self.content {
            Content::Scalar(_) => 0,
            Content::List(items) => items.iter().map(Self::size).sum(),
            Content::Mapping(entries) => entries.iter().map(|entry| entry.value.size()).sum(),
        }
    }

    fn depth(&self) -> usize {
        1 + match &self.content {
            Content::Scalar(_) => 0,
            Content::List(items) => items.iter().map(Self::depth).max().unwrap_or(0),
            Content::Mapping(entries) => {
                let depths = entries.iter().map(|entry| entry.value.depth());
                depths.max().unwrap_or(0)
            }
        }
    }
}

/// Reads one YAML document. An empty text is an empty mapping.
pub(super) fn parse(text: &str) -> Result<Node, Vec<Diagnostic>> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.event(event, span)?,
            Err(error) => {
                let position = place_of(error.marker(), text);
                let message = format!("this is not YAML: {}", error.info());
                builder.mistakes.push(Diagnostic::new(position, message));
                break;
            }
        }
    }
    if !builder.mistakes.is_empty() {
        return Err(builder.mistakes);
    }
    Ok(builder.root.unwrap_or(Node {
        position: Position {
            line: 1,
            column: 1,
            length: 1,
        },
        content: Content::Mapping(Vec::new()),
    }))
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    documents: usize,
    mistakes: Vec<Diagnostic>,
}

/// A collection whose end has not come yet.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<(String, Position)>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Vec<Diagnostic>> {
        let position = position(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain
                    || tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                let value = if is_text {
                    Value::String(text.into_owned())
                } else {
                    scalar::plain(&text)
                };
                let content = Content::Scalar(value);
                self.close(Node { position, content }, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                self.begin(position, Content::List(Vec::new()), anchor)
            }
            Event::MappingStart(anchor, _) => {
                self.begin(position, Content::Mapping(Vec::new()), anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.close(open.node, open.anchor),
                None => Ok(()),
            },
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(mut node) => {
                    node.position = position;
                    if self.open.len() + node.depth() > MAX_DEPTH {
                        return Err(self.too_deep(position));
                    }
                    self.nodes += node.size();
                    self.close(node, 0)
                }
                None => {
                    let message = "an alias can't stand inside of what it refers to";
                    Err(self.fatal(position, message))
                }
            },
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "a second document begins here: use one file for each";
                    return Err(self.fatal(position, message));
                }
                Ok(())
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(
        &mut self,
        position: Position,
        content: Content,
        anchor: usize,
    ) -> Result<(), Vec<Diagnostic>> {
        if self.open.len() >= MAX_DEPTH {
            return Err(self.too_deep(position));
        }
        self.open.push(Open {
            node: Node { position, content },
            anchor,
            key: None,
        });
        Ok(())
    }

    /// Puts a finished node where it belongs.
    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Vec<Diagnostic>> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values: use fewer aliases");
            return Err(self.fatal(node.position, message));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut parent.node.content {
            Content::List(items) => items.push(node),
            Content::Mapping(entries) => match parent.key.take() {
                None => parent.key = Some(key_of(&node, &mut self.mistakes)),
                Some((key, key_position)) => {
                    if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                        let line = first.key_position.line;
                        let message = format!("the key `{key}` is there twice");
                        let help = format!("it is on line {line} already: remove one of them");
                        self.mistakes
                            .push(Diagnostic::new(key_position, message).help(help));
                    } else {
                        entries.push(Entry {
                            key,
                            key_position,
                            value: node,
                        });
                    }
                }
            },
            Content::Scalar(_) => {}
        }
        Ok(())
    }

    fn too_deep(&mut self, position: Position) -> Vec<Diagnostic> {
        self.fatal(position, format!("nested more than {MAX_DEPTH} deep"))
    }

    fn fatal(&mut self, position: Position, message: impl Into<String>) -> Vec<Diagnostic> {
        self.mistakes.push(Diagnostic::new(position, message));
        std::mem::take(&mut self.mistakes)
    }
}

/// A key as text: `1:` and `true:` are keys as they are written.
fn key_of(node: &Node, mistakes: &mut Vec<Diagnostic>) -> (String, Position) {
    let key = match &node.content {
        Content::Scalar(Value::String(text)) => text.clone(),
        Content::Scalar(value) => value.to_string(),
        Content::List(_) | Content::Mapping(_) => {
            let message = "a key must be text, not a list or a mapping";
            mistakes.push(Diagnostic::new(node.position, message));
            String::new()
        }
    };
    (key, node.position)
}

/// Where a mistake in the YAML itself is. What is missing at the end is shown behind the last line
/// rather than on one that is not there.
fn place_of(marker: &Marker, text: &str) -> Position {
    let lines = text.lines().count().max(1);
    let (line, column) = if marker.line() > lines {
        let last = text.lines().last().unwrap_or_default();
        (lines, last.chars().count() + 1)
    } else {
        (marker.line().max(1), marker.col() + 1)
    };
    Position {
        line,
        column,
        length: 1,
    }
}

fn position(span: Span) -> Position {
    let one_line = span.start.line() == span.end.line();
    Position {
        line: span.start.line().max(1),
        column: span.start.col() + 1,
        length: if one_line {
            span.end.col().saturating_sub(span.start.col()).max(1)
        } else {
            1
        },
    }
}
