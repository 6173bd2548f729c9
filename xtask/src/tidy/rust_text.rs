//! Just enough Rust lexing to tell code from comments, strings and tests.
//!
//! A text search for a forbidden call would also find it in prose, and in the tables of these very
//! checks. Blanking comments and literals first keeps every check a plain search.

/// A Rust file, cut into what the checks ask for.
#[derive(Debug)]
pub(crate) struct RustText {
    /// The code, line by line: comments and the inside of literals are blanks.
    pub(crate) code: Vec<String>,
    /// For each line, whether it belongs to tests.
    is_test: Vec<bool>,
}

impl RustText {
    /// Reads the text of the file at `path`; files of tests are known by their path.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let blanked = blank(text);
        let is_test = if is_test_path(path) {
            vec![true; blanked.lines().count()]
        } else {
            test_lines(&blanked)
        };
        Self {
            code: blanked.lines().map(str::to_owned).collect(),
            is_test,
        }
    }

    /// The lines of code with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.code.iter().map(String::as_str))
    }

    /// Whether line `line`, counted from 1, belongs to tests.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        line.checked_sub(1)
            .and_then(|index| self.is_test.get(index))
            .is_some_and(|test| *test)
    }

    /// How many lines do not belong to tests.
    pub(crate) fn lines_outside_tests(&self) -> usize {
        self.is_test.iter().filter(|test| !**test).count()
    }
}

/// Whether everything in the file at `path` is test code.
fn is_test_path(path: &str) -> bool {
    let mut folders = path.split('/');
    let name = folders.next_back().unwrap_or_default();
    name == "tests.rs"
        || name.ends_with("_test.rs")
        || name.ends_with("_tests.rs")
        || folders.any(|folder| folder == "tests" || folder == "fuzz")
}

/// Marks the lines of items under `#[cfg(test)]`.
fn test_lines(code: &str) -> Vec<bool> {
    let mut marks = vec![false; code.lines().count()];
    let mut rest_start = 0;
    while let Some(found) = code
        .get(rest_start..)
        .and_then(|rest| rest.find("#[cfg(test)]"))
    {
        let start = rest_start + found;
        let end = item_end(code, start);
        let first = line_of(code, start);
        let last = line_of(code, end);
        for mark in marks.iter_mut().take(last + 1).skip(first) {
            *mark = true;
        }
        rest_start = end.max(start + 1);
    }
    marks
}

/// Where the item that starts at `start` ends: at its closing brace, or at a semicolon before any.
fn item_end(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, character) in code.get(start..).unwrap_or_default().char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth <= 1 => return start + offset,
            '}' => depth -= 1,
            ';' if depth == 0 => return start + offset,
            _ => {}
        }
    }
    code.len()
}

/// The index of the line that holds the byte at `position`.
fn line_of(code: &str, position: usize) -> usize {
    code.bytes()
        .take(position)
        .filter(|byte| *byte == b'\n')
        .count()
}

/// Replaces comments and the inside of literals by blanks; lines stay where they are.
fn blank(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut index = 0;
    while let Some(character) = characters.get(index).copied() {
        let length = literal_length(&characters, index, &code);
        if length == 0 {
            code.push(character);
            index += 1;
            continue;
        }
        for skipped in characters.iter().skip(index).take(length) {
            code.push(if *skipped == '\n' { '\n' } else { ' ' });
        }
        index += length;
    }
    code
}

/// How many characters the comment or literal at `index` takes; 0 if there is none.
fn literal_length(characters: &[char], index: usize, before: &str) -> usize {
    let at = |offset: usize| characters.get(index + offset).copied();
    match (at(0), at(1)) {
        (Some('/'), Some('/')) => characters
            .iter()
            .skip(index)
            .take_while(|character| **character != '\n')
            .count(),
        (Some('/'), Some('*')) => block_comment_length(characters, index),
        (Some('"'), _) => match raw_hashes(before) {
            Some(hashes) => raw_string_length(characters, index, hashes),
            None => quoted_length(characters, index, '"'),
        },
        (Some('\''), Some('\\')) => quoted_length(characters, index, '\''),
        // Anything else after a quote is the name of a lifetime.
        (Some('\''), Some(_)) if at(2) == Some('\'') => 3,
        _ => 0,
    }
}

fn block_comment_length(characters: &[char], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut index = start;
    while index < characters.len() {
        match (characters.get(index), characters.get(index + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                index += 2;
            }
            (Some('*'), Some('/')) => {
                depth = depth.saturating_sub(1);
                index += 2;
                if depth == 0 {
                    return index - start;
                }
            }
            _ => index += 1,
        }
    }
    characters.len() - start
}

/// How many `#` open the raw string whose quote comes next; `None` if it is not a raw string.
fn raw_hashes(before: &str) -> Option<usize> {
    let without_hashes = before.trim_end_matches('#');
    without_hashes
        .ends_with('r')
        .then(|| before.len() - without_hashes.len())
}

fn raw_string_length(characters: &[char], start: usize, hashes: usize) -> usize {
    let mut index = start + 1;
    while index < characters.len() {
        let closes = characters.get(index) == Some(&'"')
            && (1..=hashes).all(|offset| characters.get(index + offset) == Some(&'#'));
        if closes {
            return index + 1 + hashes - start;
        }
        index += 1;
    }
    characters.len() - start
}

fn quoted_length(characters: &[char], start: usize, quote: char) -> usize {
    let mut index = start + 1;
    while let Some(character) = characters.get(index) {
        match character {
            '\\' => index += 2,
            character if *character == quote => return index + 1 - start,
            _ => index += 1,
        }
    }
    characters.len() - start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank() {
        let text =
            "a // one\nb /* two /* three */ four */ c\n\"fi\\\"ve\" r#\"si\"x\"# 'a' '\\'' &'b d\n";
        let code = blank(text);
        let words: Vec<&str> = code.split_whitespace().collect();
        assert_eq!(words, ["a", "b", "c", "r#", "&'b", "d"]);
        assert_eq!(code.lines().count(), 3);
    }

    #[test]
    fn a_string_over_several_lines_keeps_them() {
        assert_eq!(blank("let a = \"x\ny\";\nb").lines().count(), 3);
    }

    #[test]
    fn test_modules_are_marked() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { c() }\n}\nfn d() {}\n";
        let rust = RustText::new("src/lib.rs", text);
        let marked: Vec<usize> = (1..=6).filter(|line| rust.is_test(*line)).collect();
        assert_eq!(marked, [2, 3, 4, 5]);
        assert_eq!(rust.lines_outside_tests(), 2);
    }

    #[test]
    fn a_test_module_in_another_file_marks_only_its_declaration() {
        let rust = RustText::new("src/lib.rs", "#[cfg(test)]\nmod tests;\nfn a() { b() }\n");
        let marked: Vec<usize> = (1..=3).filter(|line| rust.is_test(*line)).collect();
        assert_eq!(marked, [1, 2]);
    }

    #[test]
    fn test_files_are_known_by_their_path() {
        for path in [
            "crates/a/tests/it/main.rs",
            "crates/a/src/b/tests.rs",
            "src/b_tests.rs",
        ] {
            assert!(RustText::new(path, "fn a() {}").is_test(1), "{path}");
        }
        assert!(!RustText::new("src/test_model.rs", "fn a() {}").is_test(1));
    }
}
