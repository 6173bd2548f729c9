//! Files stay small: 400 lines, 800 with a reason in the file, tests not counted.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

/// From here on a file has to say why it is long.
const TARGET: usize = 400;
/// No reason is good enough for more.
const STOP: usize = 800;

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    repository
        .rust_files()
        .filter_map(|(file, rust)| {
            let lines = rust.lines_outside_tests();
            let message = if lines > STOP {
                format!("{lines} lines without tests: split it by concern, {STOP} is the end")
            } else if lines > TARGET && !file.is_excused("long") {
                format!("{lines} lines without tests: split it by concern, or say `// tidy: long because …`")
            } else {
                return None;
            };
            Some(Problem::new(&file.path, 1, message))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_need_a_reason_and_end_somewhere() {
        let plain = "x\n".repeat(401);
        let excused = format!("// tidy: long because it is one table\n{plain}");
        let endless = format!(
            "// tidy: long because it is one table\n{}",
            "x\n".repeat(800)
        );
        let repository = Repository::of(&[
            ("src/fits.rs", &"x\n".repeat(400)),
            ("src/plain.rs", &plain),
            ("src/excused.rs", &excused),
            ("src/endless.rs", &endless),
            ("tests/it/main.rs", &plain),
        ]);
        let paths: Vec<String> = check(&repository)
            .into_iter()
            .map(|problem| problem.path)
            .collect();
        assert_eq!(paths, ["src/plain.rs", "src/endless.rs"]);
    }
}
