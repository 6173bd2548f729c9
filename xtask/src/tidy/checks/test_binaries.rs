//! One integration-test binary per crate: `tests/it/main.rs`. Each further one is another link.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let is_binary = |path: &&String| {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["crates", _, "tests", file] => file.ends_with(".rs"),
            ["crates", _, "tests", folder, "main.rs"] => *folder != "it",
            _ => false,
        }
    };
    repository
        .paths
        .iter()
        .filter(is_binary)
        .map(|path| {
            let message =
                "a second integration-test binary: make it a module of `tests/it/main.rs`";
            Problem::new(path, 1, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_binary_is_allowed() {
        let repository = Repository::of(&[
            ("crates/a/tests/it/main.rs", ""),
            ("crates/a/tests/it/runs.rs", ""),
            ("crates/a/tests/ui/case.rs", ""),
            ("crates/a/tests/second.rs", ""),
            ("crates/a/tests/third/main.rs", ""),
        ]);
        let paths: Vec<String> = check(&repository)
            .into_iter()
            .map(|problem| problem.path)
            .collect();
        assert_eq!(
            paths,
            ["crates/a/tests/second.rs", "crates/a/tests/third/main.rs"]
        );
    }
}
