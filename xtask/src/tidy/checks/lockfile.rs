//! Compile time is a feature: the number of packages has a budget, and C cryptography stays out.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

/// How many packages the default features may resolve to on one platform, tests included.
const BUDGET: usize = 300;
/// Packages that may not appear in the lock file, with the reason.
const BANNED: &[(&str, &str)] = &[
    (
        "aws-lc-sys",
        "it costs a minute of C; choose the `ring` feature of what pulls it in",
    ),
    (
        "openssl-sys",
        "it ties the binary to a system library; choose `rustls`",
    ),
    (
        "native-tls",
        "it ties the binary to a system library; choose `rustls`",
    ),
];

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(file) = repository.file("Cargo.lock") {
        for (line, text) in file.lines() {
            let banned = BANNED
                .iter()
                .find(|(name, _)| text == format!("name = \"{name}\""));
            if let Some((name, reason)) = banned {
                let message =
                    format!("`{name}` must stay out: {reason} (`cargo tree -i {name}` shows what)");
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    let resolved = repository.workspace.resolved;
    if resolved > BUDGET {
        let message = format!(
            "the default features resolve to {resolved} packages, the budget is {BUDGET}: \
             move what is heavy behind a feature"
        );
        problems.push(Problem::new("Cargo.lock", 1, message));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banned_packages_and_too_many_packages_are_problems() {
        let text = "[[package]]\nname = \"serde\"\n\n[[package]]\nname = \"aws-lc-sys\"\n";
        let mut repository = Repository::of(&[("Cargo.lock", text)]);
        repository.workspace.resolved = BUDGET + 1;
        let lines: Vec<usize> = check(&repository)
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(lines, [5, 1]);
        repository.workspace.resolved = BUDGET;
        assert_eq!(check(&repository).len(), 1);
    }
}
