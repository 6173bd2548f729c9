//! The `agno` command, run as people run it.

mod basics;
mod chat;
mod files;
mod guide;
mod loopback;
mod model_call;
mod records;
mod serve;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder of its own, without keys in the environment.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// A folder with an agents file.
    fn with(agents: &str) -> Self {
        let desk = Self::new();
        desk.write("agents.yaml", agents);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agno"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn agno(&self, arguments: &[&str]) -> Told {
        Told::from(self.command(arguments).output().unwrap())
    }

    fn agno_with_input(&self, arguments: &[&str], input: &str) -> Told {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        Told::from(child.wait_with_output().unwrap())
    }

    /// The id of the newest run.
    fn newest_run(&self) -> String {
        let told = self.agno(&["runs", "list", "--limit", "1", "--json"]);
        let row: serde_json::Value = serde_json::from_str(told.out.trim()).unwrap();
        row["run_id"].as_str().unwrap().to_owned()
    }
}

/// What a command said, with ids and durations replaced: `RUN`, `TIME`.
#[derive(Debug)]
struct Told {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Told {
    #[track_caller]
    fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// Standard output without what differs between runs.
    fn story(&self) -> String {
        normalised(&self.out)
    }
}

/// Ids become `ID`, durations `TIME`, and the gap before a duration one space.
fn normalised(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        let mut shown: Vec<String> = Vec::new();
        for word in words {
            let bare = word.trim_matches(['[', ']', ',', ':', '(', ')']);
            let is_unit = ["µs", "ms", "s"].contains(&bare);
            let number = shown.last().is_some_and(|last| {
                last.trim_start_matches('[')
                    .chars()
                    .all(|letter| letter.is_ascii_digit() || letter == '.')
            });
            if is_unit && number {
                let opened = shown.pop().unwrap().starts_with('[');
                let open = if opened { "[" } else { "" };
                shown.push(format!("{open}TIME{}", word.replacen(bare, "", 1)));
            } else if bare.len() == 36 && bare.matches('-').count() == 4 {
                shown.push(word.replace(bare, "ID"));
            } else {
                shown.push(word.to_owned());
            }
        }
        shown.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
