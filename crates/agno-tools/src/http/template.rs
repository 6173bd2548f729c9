//! Text with places for arguments and environment variables.
//!
//! A template is taken apart once, when the tool is built, and variables are looked up then: what a
//! variable or an argument contains is never taken for a place again.

use serde_json::{Map, Value};

use super::secrets::Secrets;

/// A text with places for arguments.
#[derive(Clone)]
pub(super) struct Template {
    pub(super) parts: Vec<Part>,
}

/// A part of a template.
#[derive(Clone)]
pub(super) enum Part {
    /// As it is written.
    Text(String),
    /// The value of an environment variable.
    Variable(String),
    /// The place of an argument.
    Argument(String),
}

/// A mistake in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TemplateError {
    /// The variable is not set.
    Unset(String),
    /// `${` without a name and `}`.
    Unclosed,
}

impl Template {
    pub(super) fn parse(
        text: &str,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, TemplateError> {
        let mut template = Self { parts: Vec::new() };
        let mut rest = text;
        while let Some(start) = rest.find(['{', '$']) {
            let (before, from) = rest.split_at(start);
            template.text(before);
            rest = if let Some(after) = from.strip_prefix("$${") {
                template.text("${");
                after
            } else if let Some(after) = from.strip_prefix("${") {
                let (name, after) = name_in(after).ok_or(TemplateError::Unclosed)?;
                let value = lookup(name).ok_or_else(|| TemplateError::Unset(name.to_owned()))?;
                template.parts.push(Part::Variable(value));
                after
            } else if let Some((name, after)) = from
                .strip_prefix("{{")
                .and_then(name_in)
                .and_then(|(name, after)| Some((name, after.strip_prefix('}')?)))
            {
                template.text(&format!("{{{name}}}"));
                after
            } else if let Some((name, after)) = from.strip_prefix('{').and_then(name_in) {
                template.parts.push(Part::Argument(name.to_owned()));
                after
            } else {
                // A brace or a dollar sign that means nothing here, as in a query language.
                let mut letters = from.chars();
                template.text(letters.next().map_or("", |letter| match letter {
                    '{' => "{",
                    _ => "$",
                }));
                letters.as_str()
            };
        }
        template.text(rest);
        Ok(template)
    }

    fn text(&mut self, text: &str) {
        if let Some(Part::Text(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            self.parts.push(Part::Text(text.to_owned()));
        }
    }

    /// The names of its arguments.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Argument(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The argument that the whole template stands for, if it is nothing else.
    pub(super) fn only_argument(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Argument(name)] => Some(name),
            _ => None,
        }
    }

    /// Notes the variables as secrets.
    pub(super) fn note_secrets(&self, secrets: &mut Secrets) {
        for part in &self.parts {
            if let Part::Variable(value) = part {
                secrets.add(value);
            }
        }
    }

    /// Whether it holds the value of a variable.
    pub(super) fn has_variable(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Variable(_)))
    }

    /// The text with the arguments filled in; nothing if one of them is missing.
    pub(super) fn fill(&self, arguments: &Map<String, Value>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) | Part::Variable(part) => text.push_str(part),
                Part::Argument(name) => push_plain(&mut text, present(arguments, name)?),
            }
        }
        Some(text)
    }
}

/// The argument of the given name, unless it is left out. `null` counts as left out.
pub(super) fn present<'a>(arguments: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    arguments.get(name).filter(|value| !value.is_null())
}

/// Appends a value as plain text: texts without quotes, the rest as JSON.
pub(super) fn push_plain(text: &mut String, value: &Value) {
    match value {
        Value::String(value) => text.push_str(value),
        other => text.push_str(&other.to_string()),
    }
}

/// A name up to the closing brace, and what follows.
fn name_in(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('}')?;
    let mut letters = name.chars();
    let first = letters.next()?;
    let is_name = (first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-');
    is_name.then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::{Template, TemplateError};
    use serde_json::json;

    fn fill(template: &str) -> Option<String> {
        let lookup = |name: &str| (name == "KEY").then(|| "{id}${KEY}".to_owned());
        let arguments = json!({ "id": "a{n}${KEY}", "n": 2, "none": null, "list": [1] });
        Template::parse(template, &lookup)
            .unwrap()
            .fill(arguments.as_object().unwrap())
    }

    #[test]
    fn places_are_filled_once() {
        for (template, expected) in [
            ("/{id}/{n}", Some("/a{n}${KEY}/2")),
            ("Bearer ${KEY}!", Some("Bearer {id}${KEY}!")),
            ("{list}", Some("[1]")),
            ("{none}", None),
            ("{unknown}", None),
            ("{{id}} $${KEY} ${KEY}", Some("{id} ${KEY} {id}${KEY}")),
            ("query { a(x: 1) {b}} $5 {", None),
            (
                "query { a(x: 1) {{b}} } $5 {",
                Some("query { a(x: 1) {b} } $5 {"),
            ),
            ("", Some("")),
        ] {
            assert_eq!(fill(template).as_deref(), expected, "{template}");
        }
    }

    #[test]
    fn mistakes_are_found() {
        let parse = |text| Template::parse(text, &|_| None).map(|_| ()).unwrap_err();
        assert_eq!(parse("${TOKEN}"), TemplateError::Unset("TOKEN".to_owned()));
        assert_eq!(parse("${TOKEN"), TemplateError::Unclosed);
        assert_eq!(parse("${a b}"), TemplateError::Unclosed);
    }
}
