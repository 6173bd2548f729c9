//! `CHANGELOG.md` has a place for what comes next.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

const PATH: &str = "CHANGELOG.md";

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let Some(file) = repository.file(PATH) else {
        return vec![Problem::new(
            PATH,
            1,
            "the file is missing: start it with `## [Unreleased]`",
        )];
    };
    if file
        .text
        .lines()
        .any(|line| line.trim_end() == "## [Unreleased]")
    {
        return Vec::new();
    }
    vec![Problem::new(
        PATH,
        1,
        "the section `## [Unreleased]` is missing",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_must_be_there() {
        assert_eq!(check(&Repository::of(&[])).len(), 1);
        assert_eq!(
            check(&Repository::of(&[(PATH, "# Changes\n## 0.1.0\n")])).len(),
            1
        );
        assert!(check(&Repository::of(&[(PATH, "# Changes\n\n## [Unreleased]\n")])).is_empty());
    }
}
