//! The checks, the problems that they find and the report that a person reads.

mod checks;
pub(crate) mod repository;
mod rust_text;
mod workspace;

use std::fmt;

use repository::Repository;

/// One thing that breaks a rule, at a place that an editor can open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    /// Path from the root of the repository, with forward slashes.
    pub(crate) path: String,
    /// Line, counted from 1.
    pub(crate) line: usize,
    /// What is wrong and what to do about it.
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Everything that a run of the checks found.
#[derive(Debug)]
pub(crate) struct Report {
    problems: Vec<(&'static str, Problem)>,
    files: usize,
}

impl Report {
    /// Whether no check found a problem.
    pub(crate) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (check, problem) in &self.problems {
            writeln!(formatter, "{problem} [{check}]")?;
        }
        let (checks, files) = (checks::CHECKS.len(), self.files);
        match self.problems.len() {
            0 => writeln!(
                formatter,
                "tidy: {checks} checks over {files} files, no problems"
            ),
            found => writeln!(
                formatter,
                "tidy: {checks} checks over {files} files, {found} problem(s)"
            ),
        }
    }
}

/// Runs every check of the registry.
pub(crate) fn check(repository: &Repository) -> Report {
    let mut problems: Vec<(&'static str, Problem)> = checks::CHECKS
        .iter()
        .flat_map(|(name, check)| {
            check(repository)
                .into_iter()
                .map(|problem| (*name, problem))
        })
        .collect();
    problems.sort_by(|(_, left), (_, right)| left.cmp(right));
    Report {
        problems,
        files: repository.files.len(),
    }
}
