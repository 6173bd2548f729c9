//! A lint that is switched off says why: `#[allow(…, reason = "…")]`.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    let files = repository
        .rust_files()
        .filter(|(file, _)| !is_compiler_case(&file.path));
    for (file, rust) in files {
        for (line, code) in rust.lines() {
            let opens = ["allow(", "expect("]
                .iter()
                .any(|name| opens_attribute(code, name));
            if opens && !attribute_from(&rust.code, line).contains("reason") {
                let message = "a lint is switched off without saying why: add `reason = \"…\"`";
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    problems
}

/// Programs that are compiled to see the compiler's message: each is as short as its point allows.
fn is_compiler_case(path: &str) -> bool {
    path.contains("/tests/ui/")
}

fn opens_attribute(code: &str, name: &str) -> bool {
    let compact: String = code
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    ["#[", "#!["]
        .iter()
        .any(|opening| compact.contains(&format!("{opening}{name}")))
}

/// The text from line `line` on, up to the bracket that closes the attribute.
fn attribute_from(code: &[String], line: usize) -> String {
    let mut attribute = String::new();
    for text in code.iter().skip(line - 1) {
        attribute.push_str(text);
        if text.contains(")]") {
            break;
        }
    }
    attribute
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_stand_on_another_line() {
        let text = "#[allow(dead_code)]\n#![allow(\n    dead_code,\n    reason = \"tests\"\n)]\n\
                    #[expect(dead_code, reason = \"later\")]\n";
        let repository = Repository::of(&[("src/lib.rs", text), ("a/tests/ui/case.rs", text)]);
        let lines: Vec<usize> = check(&repository)
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(lines, [1]);
    }
}
