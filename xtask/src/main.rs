//! Repository checks that no compiler makes, run as `cargo xtask tidy`.
//!
//! Architecture rules hold only while something fails when they are broken, so each rule of the
//! design that can be checked by a program is one file under `tidy/checks` and one line in its
//! registry. The tool depends on `serde_json` alone: it is built first in every CI run.

mod tidy;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask tidy\n\n  tidy   check the rules of the repository\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["tidy"] => run_tidy(),
        ["help" | "--help" | "-h"] => print(USAGE, ExitCode::SUCCESS),
        _ => print(USAGE, ExitCode::from(2)),
    }
}

fn run_tidy() -> ExitCode {
    match tidy::repository::Repository::load(&root()) {
        Ok(repository) => {
            let report = tidy::check(&repository);
            let code = if report.is_clean() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            };
            print(&report.to_string(), code)
        }
        Err(error) => print(&format!("tidy could not run: {error}\n"), ExitCode::from(2)),
    }
}

/// The root of the repository: the folder above this package.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// Writes `text` and hands `code` back. A closed pipe is no reason to fail: nobody is reading.
fn print(text: &str, code: ExitCode) -> ExitCode {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    code
}
