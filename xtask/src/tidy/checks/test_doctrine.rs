//! No test is ignored, and no test sleeps: a test waits for an event or steps a clock.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, rust) in repository.rust_files() {
        for (line, code) in rust.lines() {
            let message = if code.contains("#[ignore") {
                "an ignored test proves nothing: run it, or print why it is skipped and return"
            } else if rust.is_test(line) && code.contains("sleep(") {
                "a test that sleeps is slow or flaky: wait for an event, or step a clock"
            } else {
                continue;
            };
            problems.push(Problem::new(&file.path, line, message));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_are_found_in_tests_alone() {
        let text = "fn a() { sleep(b) }\n#[cfg(test)]\nmod tests {\n    #[ignore]\n    fn c() { sleep(d) }\n}\n";
        let repository = Repository::of(&[("src/lib.rs", text)]);
        let lines: Vec<usize> = check(&repository)
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(lines, [4, 5]);
    }
}
