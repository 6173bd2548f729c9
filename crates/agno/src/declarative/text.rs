//! The text of a file, by line and column: what a diagnostic points at.

use std::fmt;
use std::path::{Path, PathBuf};

/// A stretch of one line. Lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// How many characters of the line are meant; at least 1.
    pub length: usize,
}

/// A file's name and text.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct SourceText {
    /// As the user named it.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl SourceText {
    pub(super) fn new(path: &Path, text: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            text: text.into(),
        }
    }

    /// The line of the given number, from 1, without its end.
    pub(super) fn line(&self, number: usize) -> Option<&str> {
        self.text.lines().nth(number.checked_sub(1)?)
    }
}

/// The text is left out: people write keys into it in spite of all advice.
impl fmt::Debug for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}
