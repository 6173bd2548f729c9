//! No file names a path of the machine that it was written on.

use crate::tidy::Problem;
use crate::tidy::repository::{File, Repository};

/// Folders at the root of a file system that hold what one machine has.
const ROOTS: &[&str] = &["home", "root", "tmp", "Users", "work"];
/// Files that may name such paths, with the text that must be on the line.
const HARMLESS: &[(&str, &str)] = &[];

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in repository
        .files
        .iter()
        .filter(|file| file.path != "Cargo.lock")
    {
        for (line, text) in file.lines() {
            let Some(found) = ROOTS.iter().find(|root| names_root(text, root)) else {
                continue;
            };
            if !is_harmless(file, line, text) {
                let message = format!(
                    "a path of one machine (`/{found}/…`): build it from an argument, a relative path or \
                     a temporary folder, or say `tidy: path because …`"
                );
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    problems
}

fn is_harmless(file: &File, line: usize, text: &str) -> bool {
    file.excuses(line, "path")
        || HARMLESS
            .iter()
            .any(|(path, part)| file.path == *path && text.contains(part))
}

/// Whether `text` has an absolute path below `root`. Behind a name it is part of a longer relative
/// path or of an address.
fn names_root(text: &str, root: &str) -> bool {
    let needle = format!("/{root}/");
    text.match_indices(&needle).any(|(position, _)| {
        let before = text
            .get(..position)
            .and_then(|before| before.chars().next_back());
        before.is_none_or(|before| !before.is_alphanumeric() && !"._-~$}>)*/".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_are_found_and_parts_of_others_are_not() {
        let [home, tmp] = ["home", "tmp"].map(|root| format!("/{root}/x"));
        let text = format!(
            "open(\"{home}\")\ncd target{tmp}\nhttps://example.com{home}\n{tmp} # tidy: path because of it\n\n{tmp}\n"
        );
        let repository = Repository::of(&[("a.py", &text)]);
        let lines: Vec<usize> = check(&repository)
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(lines, [1, 6]);
    }
}
