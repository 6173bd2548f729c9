//! The code of the pure crates opens no file or socket and reads no clock.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

/// Folders of the pure crates.
const PURE: &[&str] = &[
    "crates/agno-core/src/",
    "crates/agno-engine/src/",
    "crates/agno-headroom/src/",
];
/// What their code may not name, with what to do instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("std::env", "take the value as an argument"),
    ("std::fs", "take the content as an argument"),
    ("std::net", "issue a command and let the driver do it"),
    ("std::process", "issue a command and let the driver do it"),
    ("Instant::now", "take the time as a fact"),
    ("SystemTime::now", "take the time as a fact"),
    ("thread::sleep", "issue a command that waits"),
    ("thread::spawn", "issue a command and let the driver do it"),
];

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, rust) in repository.rust_files() {
        if !PURE.iter().any(|folder| file.path.starts_with(folder)) {
            continue;
        }
        for (line, code) in rust.lines().filter(|(line, _)| !rust.is_test(*line)) {
            let found = FORBIDDEN.iter().find(|(name, _)| names(code, name));
            if let Some((name, instead)) = found.filter(|_| !file.excuses(line, "impure")) {
                let message = format!("`{name}` in a pure crate: {instead}");
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    problems
}

/// Whether `code` names `path`, also as part of `use std::{fs, …}`.
fn names(code: &str, path: &str) -> bool {
    let grouped = path.strip_prefix("std::").is_some_and(|module| {
        code.split_once("use std::{").is_some_and(|(_, group)| {
            group.split([',', '}']).any(|item| {
                let item = item.trim();
                item == module || item.starts_with(&format!("{module}::"))
            })
        })
    });
    let direct = code.match_indices(path).any(|(position, _)| {
        let behind = code
            .get(position + path.len()..)
            .and_then(|rest| rest.chars().next());
        behind.is_none_or(|behind| !behind.is_alphanumeric() && behind != '_')
    });
    grouped || direct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn io_and_clocks_are_found_in_code_alone() {
        let text = "// std::fs is not used here\nuse std::fs::File;\nuse std::{collections::BTreeMap, fs};\n\
                    let now = std::time::Instant::now();\nlet text = \"std::net\";\nuse std::fsx;\n\
                    #[cfg(test)]\nmod tests { use std::fs; }\n";
        let repository = Repository::of(&[
            ("crates/agno-core/src/lib.rs", text),
            ("crates/agno-net/src/lib.rs", text),
        ]);
        let lines: Vec<usize> = check(&repository)
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(lines, [2, 3, 4]);
    }
}
