//! Nothing that is merged says of itself that it is unfinished.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

/// Macros that stand for code that nobody has written.
const MACROS: &[&str] = &["todo", "unimplemented"];
/// Words by which comments say the same. They are spelled in two parts for the sake of this file.
const WORDS: &[&str] = &[
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
    concat!("TO", "DO"),
];

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, rust) in repository.rust_files() {
        for ((line, text), (_, code)) in file.lines().zip(rust.lines()) {
            let found = MACROS
                .iter()
                .find(|name| calls(code, name))
                .or_else(|| WORDS.iter().find(|word| has_word(text, word)));
            if let Some(found) = found {
                let message =
                    format!("`{found}`: finish it, or open an issue and say here what holds today");
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    problems
}

fn calls(code: &str, name: &str) -> bool {
    has_word(code, name) && code.contains(&format!("{name}!("))
}

/// Whether `word` stands in `text` by itself.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|character: char| !character.is_alphanumeric() && character != '_')
        .any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_and_words_are_found() {
        let [fix, hack] = [WORDS[0], WORDS[2]];
        let text = format!(
            "fn a() {{ {}!() }}\n// {fix}: later\nlet x = \"todo!()\";\n// {hack}ATHON\n/// {hack}\n",
            MACROS[0]
        );
        let repository = Repository::of(&[("src/lib.rs", &text)]);
        let lines: Vec<usize> = check(&repository)
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(lines, [1, 2, 5]);
    }
}
