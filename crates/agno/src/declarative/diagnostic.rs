//! Mistakes in a file, told the way a compiler tells them.

use std::fmt;
use std::path::Path;

use super::text::{Position, SourceText};

/// One mistake: what is wrong, where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong.
    pub message: String,
    /// Where; nothing if it concerns the file as a whole.
    pub position: Option<Position>,
    /// What would be right, shown under the marked text.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(super) fn new(position: impl Into<Option<Position>>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            position: position.into(),
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into();
        self
    }
}

/// All mistakes of one file, in the order of its lines. Its `Display` shows each with the line it
/// is in; values of environment variables never appear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    source: SourceText,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(super) fn new(source: SourceText, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by_key(|diagnostic| diagnostic.position);
        list.dedup();
        Self { source, list }
    }

    /// One mistake that concerns the file as a whole, such as that it can't be read.
    pub(super) fn of_file(path: &Path, message: String) -> Self {
        let source = SourceText::new(path, "");
        Self::new(source, vec![Diagnostic::new(None, message)])
    }

    /// The file that has the mistakes.
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// The mistakes; at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, diagnostic: &Diagnostic) -> fmt::Result {
        let path = self.source.path.display();
        let Some(position) = diagnostic.position else {
            write!(f, "{path}: {}", diagnostic.message)?;
            return match &diagnostic.help {
                Some(help) => write!(f, "\n   = {help}"),
                None => Ok(()),
            };
        };
        let Position { line, column, .. } = position;
        write!(f, "{path}:{line}:{column}: {}", diagnostic.message)?;
        let Some(text) = self.source.line(line) else {
            return Ok(());
        };
        let number = format!("{line:>5}");
        let gutter = " ".repeat(number.len());
        let (shown, before) = window(text.trim_end(), column.saturating_sub(1));
        // Tabs are kept in front of the carets, so that these stand under what they mark.
        let indent: String = shown
            .chars()
            .take(before)
            .map(|letter| if letter == '\t' { '\t' } else { ' ' })
            .collect();
        let room = shown.chars().count().saturating_sub(before);
        let carets = "^".repeat(position.length.clamp(1, room.max(1)));
        write!(f, "\n{number} | {shown}")?;
        write!(f, "\n{gutter} | {indent}{carets}")?;
        match &diagnostic.help {
            Some(help) => write!(f, " {help}"),
            None => Ok(()),
        }
    }
}

/// The part of a line around a column that fits on a screen, and the column within it.
fn window(line: &str, column: usize) -> (String, usize) {
    const WIDTH: usize = 140;
    const BEFORE: usize = 60;
    if line.chars().count() <= WIDTH {
        return (line.to_owned(), column);
    }
    let skipped = if column < WIDTH - BEFORE {
        0
    } else {
        column - BEFORE
    };
    let mut shown: String = line.chars().skip(skipped).take(WIDTH).collect();
    if line.chars().count() > skipped + WIDTH {
        shown.push('…');
    }
    if skipped == 0 {
        return (shown, column);
    }
    (format!("…{shown}"), column - skipped + 1)
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            self.write(f, diagnostic)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
