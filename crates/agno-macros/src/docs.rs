//! What a doc comment says about the tool and about its arguments.

use syn::{Attribute, Error, Expr, ExprLit, Lit, Meta, Result};

use crate::nearest::hint;

/// A doc comment, taken apart.
#[derive(Default)]
pub(crate) struct Docs {
    /// What the tool does; empty if the comment doesn't say.
    pub(crate) description: String,
    /// Arguments and what is said about them.
    pub(crate) arguments: Vec<(String, String)>,
}

/// Sections for readers of the code, not for the model.
const FOR_READERS: [&str; 6] = ["errors", "error", "panics", "examples", "example", "safety"];

#[derive(Clone, Copy, PartialEq)]
enum Section {
    Description,
    Arguments,
    ForReaders,
}

impl Docs {
    /// Reads the comment of a function with the given parameters.
    pub(crate) fn of(attributes: &[Attribute], parameters: &[String]) -> Result<Self> {
        let mut docs = Self::default();
        let mut text = Text::default();
        let mut section = Section::Description;
        let mut item_is_open = false;
        for (line, attribute) in lines(attributes) {
            let trimmed = line.trim();
            if text.is_code {
                text.line(&line);
                continue;
            }
            if let Some(heading) = heading(trimmed) {
                section = section_of(heading);
                item_is_open = false;
                if section != Section::Description {
                    continue;
                }
            } else if section == Section::ForReaders {
                continue;
            } else if let Some((name, said)) = item(trimmed, section) {
                if parameters.iter().any(|parameter| parameter == name) {
                    docs.arguments.push((name.to_owned(), said.to_owned()));
                    item_is_open = true;
                    continue;
                }
                if section == Section::Arguments {
                    let known: Vec<_> = parameters.iter().map(String::as_str).collect();
                    let hint = hint(name, &known);
                    return Err(Error::new_spanned(
                        attribute,
                        format_args!("there is no parameter `{name}`{hint}"),
                    ));
                }
                item_is_open = false;
            } else if item_is_open && !trimmed.is_empty() && line.starts_with("  ") {
                if let Some((_, said)) = docs.arguments.last_mut() {
                    said.push(' ');
                    said.push_str(trimmed);
                }
                continue;
            } else {
                item_is_open = false;
            }
            text.line(&line);
        }
        docs.description = text.done();
        Ok(docs)
    }
}

/// The lines of a doc comment, without the blank after the slashes.
fn lines(attributes: &[Attribute]) -> Vec<(String, &Attribute)> {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(meta) = &attribute.meta
            && meta.path.is_ident("doc")
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &meta.value
        {
            for line in text.value().split('\n') {
                let line = line.strip_prefix(' ').unwrap_or(line);
                lines.push((line.to_owned(), attribute));
            }
        }
    }
    lines
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    (rest.len() < line.len() && rest.starts_with(' ')).then(|| rest.trim())
}

fn section_of(heading: &str) -> Section {
    let heading = heading.trim_end_matches(':').to_ascii_lowercase();
    match heading.as_str() {
        "arguments" | "parameters" | "args" => Section::Arguments,
        other if FOR_READERS.contains(&other) => Section::ForReaders,
        _ => Section::Description,
    }
}

/// A list item about a name: `` * `name` - text `` or `- name: text`. Outside of the section on
/// arguments the caller decides by the name whether it is one.
fn item(line: &str, section: Section) -> Option<(&str, &str)> {
    let rest = line
        .strip_prefix("* ")
        .or_else(|| line.strip_prefix("- "))?
        .trim_start();
    let (name, rest) = match rest.strip_prefix('`') {
        Some(quoted) => quoted.split_once('`')?,
        None => {
            let end = rest
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            rest.split_at_checked(end)?
        }
    };
    let rest = rest.trim_start();
    let said = ["- ", "– ", "— ", ": ", "="]
        .iter()
        .find_map(|separator| rest.strip_prefix(separator));
    match said {
        Some(said) => Some((name, said.trim())),
        None if section == Section::Arguments && !name.is_empty() => Some((name, rest)),
        None => None,
    }
}

/// Text whose lines are joined to paragraphs again, as the width of a source file means nothing to
/// a model. Lists and code keep their lines.
#[derive(Default)]
struct Text {
    text: String,
    blank: bool,
    is_code: bool,
}

impl Text {
    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        let is_fence = trimmed.starts_with("```");
        if trimmed.is_empty() && !self.is_code {
            self.blank = true;
            return;
        }
        let begins = self.is_code
            || is_fence
            || trimmed.starts_with(['*', '-', '+', '#', '|', '>'])
            || trimmed.starts_with(|letter: char| letter.is_ascii_digit());
        if !self.text.is_empty() {
            self.text.push_str(match (self.blank, begins) {
                (true, _) => "\n\n",
                (false, true) => "\n",
                (false, false) => " ",
            });
        }
        self.blank = false;
        self.text
            .push_str(if self.is_code { line } else { trimmed });
        if is_fence {
            self.is_code = !self.is_code;
        }
    }

    fn done(self) -> String {
        self.text
    }
}
