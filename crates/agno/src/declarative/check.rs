//! Checks a file against the schema of the format, in words for the person who wrote it.
//!
//! The general checker of `agno_core::schema` speaks to models and knows nothing of lines. This one
//! knows only the keywords that the generated schema uses, and tells each mistake where it is.

use agno_core::nearest;
use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::place::Place;
use super::planned;
use super::text::Position;
use super::tree::{Content, Entry, Node};

/// The mistakes of a file.
pub(super) fn check(root: &Node, schema: &Value) -> Vec<Diagnostic> {
    let mut checker = Checker {
        schema,
        mistakes: Vec::new(),
    };
    checker.node(root, schema, &Place::root(), root.position);
    checker.mistakes
}

struct Checker<'s> {
    schema: &'s Value,
    mistakes: Vec<Diagnostic>,
}

impl<'s> Checker<'s> {
    fn tell(&mut self, position: Position, message: String, help: Option<String>) {
        self.mistakes
            .push(Diagnostic::new(position, message).help(help));
    }

    /// Follows references within the schema.
    fn resolve(&self, schema: &'s Value) -> &'s Value {
        let mut schema = schema;
        // A chain of references is as long as the types are nested; a cycle would be endless.
        for _ in 0..16 {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
                return schema;
            };
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| self.schema.pointer(pointer));
            let Some(target) = target else { return schema };
            schema = target;
        }
        schema
    }

    /// Checks a value. `key` is where its key stands: what is marked for missing keys.
    fn node(&mut self, node: &Node, schema: &'s Value, place: &Place<'_>, key: Position) {
        let schema = self.resolve(schema);
        for keyword in ["anyOf", "oneOf"] {
            if let Some(branches) = schema.get(keyword).and_then(Value::as_array) {
                return self.branches(node, branches, place, key);
            }
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
            let words: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
            if !allowed.contains(&node.to_value()) {
                self.not_one_of(node, &words, place);
            }
            return;
        }
        if !accepts(schema, node) {
            let message = format!(
                "{} must be {}, not {}",
                place.subject(),
                expected(schema),
                node.kind()
            );
            return self.tell(node.position, message, None);
        }
        self.range(node, schema, place);
        match (&node.content, schema) {
            (Content::Mapping(entries), Value::Object(keywords)) => {
                self.mapping(entries, keywords, place, key);
            }
            (Content::List(items), Value::Object(keywords)) => {
                if let Some(schema) = keywords.get("items") {
                    for item in items {
                        self.item(item, schema, place);
                    }
                }
            }
            _ => {}
        }
    }

    fn item(&mut self, item: &Node, schema: &'s Value, place: &Place<'_>) {
        if let Content::Mapping(entries) = &item.content
            && let [only] = entries.as_slice()
            && planned::is_planned(&only.key)
        {
            let message = format!("`{}` {} is not supported yet", only.key, place.within());
            return self.tell(only.key_position, message, None);
        }
        self.node(item, schema, &place.item(), item.position);
    }

    fn mapping(
        &mut self,
        entries: &[Entry],
        keywords: &'s Map<String, Value>,
        place: &Place<'_>,
        key: Position,
    ) {
        let known = keywords.get("properties").and_then(Value::as_object);
        let others = keywords.get("additionalProperties");
        for entry in entries {
            let place = place.key(&entry.key);
            if let Some(schema) = known.and_then(|known| known.get(&entry.key)) {
                self.node(&entry.value, schema, &place, entry.key_position);
                continue;
            }
            match others {
                Some(Value::Bool(false)) => {
                    let names = known.map(|known| known.keys().map(String::as_str));
                    let names: Vec<&str> = names.into_iter().flatten().collect();
                    self.unknown_key(entry, &names, &place);
                }
                Some(schema @ Value::Object(_)) => {
                    self.node(&entry.value, schema, &place, entry.key_position);
                }
                _ => {}
            }
        }
        let required = keywords.get("required").and_then(Value::as_array);
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        for name in required.filter(|name| entries.iter().all(|entry| entry.key != *name)) {
            let message = format!("{} has no `{name}`", place.owner());
            let about = known
                .and_then(|known| known.get(name))
                .map(|schema| first_sentence(self.resolve(schema), schema));
            let help = match about {
                Some(Some(about)) => format!("add `{name}: …`: {about}"),
                _ => format!("add `{name}: …`"),
            };
            self.tell(key, message, Some(help));
        }
    }

    fn unknown_key(&mut self, entry: &Entry, names: &[&str], place: &Place<'_>) {
        if planned::is_planned(&entry.key) {
            let message = format!("`{}` {} is not supported yet", entry.key, place.within());
            return self.tell(entry.key_position, message, None);
        }
        let message = format!("unknown key `{}` {}", entry.key, place.within());
        let help = match nearest(&entry.key, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", listed(names)),
        };
        self.tell(entry.key_position, message, Some(help));
    }

    /// Short and long forms: the branch is chosen by what the value is, so that its mistakes are
    /// told and not that it fits none.
    fn branches(&mut self, node: &Node, branches: &'s [Value], place: &Place<'_>, key: Position) {
        let resolved: Vec<&'s Value> = branches.iter().map(|one| self.resolve(one)).collect();
        let words: Vec<&str> = resolved.iter().flat_map(|one| words_of(one)).collect();
        let text = matches!(&node.content, Content::Scalar(Value::String(_)));
        let fitting = resolved
            .iter()
            .find(|one| words_of(one).is_empty() && accepts(one, node));
        match fitting {
            Some(schema) => self.node(node, schema, place, key),
            None if text && !words.is_empty() => {
                if !words.iter().any(|word| node.to_value() == **word) {
                    self.not_one_of(node, &words, place);
                }
            }
            None => {
                let mut kinds: Vec<String> = Vec::new();
                for one in resolved {
                    let kind = expected(one);
                    if kind != "nothing" && !kinds.contains(&kind) {
                        kinds.push(kind);
                    }
                }
                let message = format!(
                    "{} must be {}, not {}",
                    place.subject(),
                    kinds.join(" or "),
                    node.kind()
                );
                self.tell(node.position, message, None);
            }
        }
    }

    fn not_one_of(&mut self, node: &Node, words: &[&str], place: &Place<'_>) {
        let given = match node.to_value() {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let message = format!("{} can't be `{given}`", place.subject());
        let help = match nearest(&given, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", listed(words)),
        };
        self.tell(node.position, message, Some(help));
    }

    fn range(&mut self, node: &Node, schema: &Value, place: &Place<'_>) {
        let Content::Scalar(Value::Number(number)) = &node.content else {
            return;
        };
        let Some(number) = number.as_f64() else {
            return;
        };
        let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
        let message = match (limit("minimum"), limit("maximum")) {
            (Some(least), _) if number < least => format!("at least {least}"),
            (_, Some(most)) if number > most => format!("at most {most}"),
            _ => return,
        };
        let message = format!("{} must be {message}", place.subject());
        self.tell(node.position, message, None);
    }
}

/// The words that a schema allows, if it allows only words.
fn words_of(schema: &Value) -> Vec<&str> {
    if let Some(word) = schema.get("const").and_then(Value::as_str) {
        return vec![word];
    }
    let words = schema.get("enum").and_then(Value::as_array);
    words
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// The types that a schema names; none if it takes anything.
fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn accepts(schema: &Value, node: &Node) -> bool {
    let types = types(schema);
    types.is_empty() || types.iter().any(|name| is_a(node, name))
}

fn is_a(node: &Node, name: &str) -> bool {
    match (&node.content, name) {
        (Content::Scalar(Value::Null), "null")
        | (Content::Scalar(Value::Bool(_)), "boolean")
        | (Content::Scalar(Value::Number(_)), "number")
        | (Content::Scalar(Value::String(_)), "string")
        | (Content::List(_), "array")
        | (Content::Mapping(_), "object") => true,
        (Content::Scalar(Value::Number(number)), "integer") => number.is_i64() || number.is_u64(),
        _ => false,
    }
}

/// What a schema takes, for people.
fn expected(schema: &Value) -> String {
    let names: Vec<&str> = types(schema)
        .into_iter()
        .filter(|name| *name != "null")
        .map(|name| match name {
            "boolean" => "true or false",
            "integer" => "a whole number",
            "number" => "a number",
            "string" => "text",
            "array" => "a list",
            "object" => "a mapping",
            other => other,
        })
        .collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        names => names.join(" or "),
    }
}

fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// What the schema says about itself, shortened to its first sentence.
fn first_sentence(resolved: &Value, schema: &Value) -> Option<String> {
    let own = schema.get("description").and_then(Value::as_str);
    let text = own.or_else(|| resolved.get("description").and_then(Value::as_str))?;
    let sentence = text.split(". ").next()?.replace('\n', " ");
    let sentence = sentence.trim_end_matches('.');
    let mut letters = sentence.chars();
    let first = letters.next()?.to_lowercase();
    Some(first.chain(letters).collect())
}
