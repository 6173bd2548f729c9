//! What the checks look at: the text files of the repository and its packages.
//!
//! Checks get this value and nothing else, so each can be tested with a few lines in memory.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::process::Command;

use super::rust_text::RustText;
use super::workspace::Workspace;

/// Endings of the files that are read as text. Others are only known by their path.
const TEXT_ENDINGS: &[&str] = &["json", "md", "py", "rs", "sh", "toml", "txt", "yaml", "yml"];
/// Text files without an ending.
const TEXT_NAMES: &[&str] = &[
    ".ci/e2e",
    ".ci/run",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    "Cargo.lock",
    "NOTICE",
];

/// The repository as the checks see it.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    /// Text files that are tracked, or would be if they were added.
    pub(crate) files: Vec<File>,
    /// Paths of all such files, also those that are not text.
    pub(crate) paths: BTreeSet<String>,
    /// What `cargo metadata` says.
    pub(crate) workspace: Workspace,
}

/// A text file.
#[derive(Debug)]
pub(crate) struct File {
    /// Path from the root of the repository, with forward slashes.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: String,
    /// The parts of a Rust file; `None` for other files.
    pub(crate) rust: Option<RustText>,
}

/// Why the repository could not be read.
#[derive(Debug)]
pub(crate) enum LoadError {
    /// A program could not be run or refused.
    Command { command: String, detail: String },
    /// A program answered something unexpected.
    Output { command: String, detail: String },
    /// A file could not be read.
    Read {
        path: String,
        source: std::io::Error,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { command, detail } => {
                write!(
                    formatter,
                    "`{command}` failed, run it by hand to see why: {detail}"
                )
            }
            Self::Output { command, detail } => {
                write!(
                    formatter,
                    "`{command}` answered something unexpected: {detail}"
                )
            }
            Self::Read { path, source } => write!(formatter, "{path} cannot be read: {source}"),
        }
    }
}

impl std::error::Error for LoadError {}

impl File {
    /// A file from its path and text.
    pub(crate) fn new(path: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        let rust = path.ends_with(".rs").then(|| RustText::new(path, &text));
        Self {
            path: path.to_owned(),
            text,
            rust,
        }
    }

    /// The lines with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// Whether this line, or the one above it, carries `tidy: <word> because <reason>`.
    pub(crate) fn excuses(&self, line: usize, word: &str) -> bool {
        let first = line.saturating_sub(2);
        self.text
            .lines()
            .skip(first)
            .take(line - first)
            .any(|text| has_excuse(text, word))
    }

    /// Whether any line of the file carries `tidy: <word> because <reason>`.
    pub(crate) fn is_excused(&self, word: &str) -> bool {
        self.text.lines().any(|text| has_excuse(text, word))
    }
}

fn has_excuse(line: &str, word: &str) -> bool {
    let opening = format!("tidy: {word} because ");
    line.split_once(&opening)
        .is_some_and(|(_, reason)| !reason.trim().is_empty())
}

impl Repository {
    /// Reads the repository at `root` with the help of `git` and `cargo`.
    pub(crate) fn load(root: &Path) -> Result<Self, LoadError> {
        // CI may check the repository out as another user; that says nothing about its content.
        let listed = run(
            root,
            "git",
            &[
                "-c",
                "safe.directory=*",
                "ls-files",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
        )?;
        let mut files = Vec::new();
        let mut paths = BTreeSet::new();
        for path in listed.lines().filter(|path| root.join(path).is_file()) {
            paths.insert(path.to_owned());
            if is_text(path) {
                let text =
                    std::fs::read_to_string(root.join(path)).map_err(|source| LoadError::Read {
                        path: path.to_owned(),
                        source,
                    })?;
                files.push(File::new(path, text));
            }
        }
        Ok(Self {
            files,
            paths,
            workspace: Workspace::load(root)?,
        })
    }

    /// The Rust files with their parts.
    pub(crate) fn rust_files(&self) -> impl Iterator<Item = (&File, &RustText)> {
        self.files
            .iter()
            .filter_map(|file| file.rust.as_ref().map(|rust| (file, rust)))
    }

    /// The file at `path`, if it is a text file.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// A repository of these files and no packages, for tests.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self {
            files: files
                .iter()
                .map(|(path, text)| File::new(path, *text))
                .collect(),
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
            workspace: Workspace::default(),
        }
    }
}

fn is_text(path: &str) -> bool {
    let ending = path
        .rsplit('/')
        .next()
        .and_then(|name| name.rsplit_once('.'));
    TEXT_NAMES.contains(&path) || ending.is_some_and(|(_, ending)| TEXT_ENDINGS.contains(&ending))
}

/// Runs a program in `root` and returns what it prints.
pub(crate) fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<String, LoadError> {
    let command = || format!("{program} {}", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| LoadError::Command {
            command: command(),
            detail: error.to_string(),
        })?;
    if !output.status.success() {
        let detail = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(LoadError::Command {
            command: command(),
            detail,
        });
    }
    String::from_utf8(output.stdout).map_err(|error| LoadError::Output {
        command: command(),
        detail: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excuse_needs_a_reason_and_covers_its_line_and_the_next() {
        let file = File::new(
            "a.py",
            "x\n# tidy: path because it is a fixture\ny\nz\n# tidy: path because\n",
        );
        let excused: Vec<usize> = (1..=5).filter(|line| file.excuses(*line, "path")).collect();
        assert_eq!(excused, [2, 3]);
        assert!(!file.excuses(2, "long"));
    }

    #[test]
    fn text_files_are_known_by_their_name() {
        assert!(is_text("crates/a/src/lib.rs"));
        assert!(is_text(".ci/run"));
        assert!(!is_text("docs/picture.png"));
        assert!(!is_text("LICENSE"));
    }
}
