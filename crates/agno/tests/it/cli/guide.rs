//! README and guide say what is true: their files are read, their commands run. Their Rust is
//! compiled and run by the documentation tests.

use agno::declarative::{BuildOptions, Config, Environment};
use agno::prelude::*;

use super::Desk;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn documents() -> Vec<(String, String)> {
    let mut paths = vec![format!("{ROOT}/README.md")];
    for entry in std::fs::read_dir(format!("{ROOT}/docs/guide")).unwrap() {
        paths.push(entry.unwrap().path().to_str().unwrap().to_owned());
    }
    paths.sort();
    let read = |path: String| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(name)) => open = Some((name == language, String::new())),
            (Some((wanted, block)), Some(_)) => {
                if *wanted {
                    blocks.push(std::mem::take(block));
                }
                open = None;
            }
            (Some((_, block)), None) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

#[test]
fn every_file_that_is_shown_is_one_that_works() {
    let mut checked = 0;
    for (path, text) in documents() {
        for block in blocks(&text, "yaml") {
            let config = Config::parse(&path, &block).unwrap_or_else(|error| panic!("{error}"));
            let environment = Environment::empty()
                .with("SHOP_TOKEN", "x")
                .with("MY_KEY", "x")
                .with("OPENAI_API_KEY", "x");
            let options = BuildOptions::default()
                .environment(environment)
                .db(MemoryDb::new());
            config
                .build(&options)
                .unwrap_or_else(|error| panic!("{error}"));
            checked += 1;
        }
    }
    assert!(checked >= 4, "{checked}");
}

#[test]
fn every_command_that_is_shown_works() {
    let mut run = 0;
    for (path, text) in documents() {
        let desk = Desk::new();
        for block in blocks(&text, "console") {
            let commands = block
                .lines()
                .filter_map(|line| line.strip_prefix("$ agno "));
            for command in commands.filter(|command| !command.starts_with("serve")) {
                let words: Vec<&str> = command
                    .split('"')
                    .enumerate()
                    .flat_map(|(index, part)| match index % 2 {
                        0 => part.split_whitespace().collect(),
                        _ => vec![part],
                    })
                    .collect();
                let told = desk.agno(&words);
                assert_eq!(told.code, 0, "{path}: agno {command}\n{}", told.err);
                run += 1;
            }
        }
    }
    assert!(run >= 10, "{run}");
}

#[test]
fn the_first_two_commands_of_the_readme_are_the_ones_that_matter() {
    let text = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let first = blocks(&text, "console").remove(0);
    let commands: Vec<&str> = first
        .lines()
        .map(|line| line.split('#').next().unwrap().trim())
        .collect();
    assert_eq!(
        commands,
        [
            "cargo run --release -p agno -- serve",
            "cargo test --workspace"
        ]
    );
}
