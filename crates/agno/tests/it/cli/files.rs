//! Files: the example, the schema, mistakes.

use super::Desk;

#[test]
fn init_writes_a_file_that_works_and_overwrites_nothing() {
    let desk = Desk::new();
    desk.agno(&["init"]).ok();
    let written = std::fs::read_to_string(desk.path("agents.yaml")).unwrap();
    assert!(written.contains("agents:\n  assistant:"));
    let told = desk.agno(&["run", "What is 6 times 7?"]).ok();
    assert!(told.out.contains("42"));

    let told = desk.agno(&["init"]);
    assert_eq!(told.code, 1);
    assert!(told.err.contains("is there already"), "{}", told.err);
    assert_eq!(
        std::fs::read_to_string(desk.path("agents.yaml")).unwrap(),
        written
    );
    desk.agno(&["init", "--path", "other.yaml"]).ok();
    desk.agno(&["run", "other.yaml", "What is 6 times 7?"]).ok();
}

#[test]
fn the_published_schema_is_the_one_that_is_checked() {
    let desk = Desk::new();
    let printed = desk.agno(&["schema"]).ok().out;
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let path = format!("{root}/docs/agents.schema.json");
    if std::env::var_os("AGNO_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert!(
        published == printed,
        "docs/agents.schema.json is stale: write it with `agno schema > docs/agents.schema.json`"
    );
}

#[test]
fn mistakes_are_shown_like_a_compiler_shows_them() {
    let desk =
        Desk::with("agents:\n  support:\n    model: offline\n    instruction: |\n      Hi\n");
    let told = desk.agno(&["run", "hi"]);
    assert_eq!(told.code, 3);
    insta::assert_snapshot!(told.err, @r"
    agents.yaml:4:5: unknown key `instruction` in agent `support`
        4 |     instruction: |
          |     ^^^^^^^^^^^ did you mean `instructions`?
    error: 1 mistake in agents.yaml
    ");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let desk = Desk::new();
    let told = desk.agno(&["run", "nowhere.yaml", "hi"]);
    assert_eq!(told.code, 3);
    assert!(
        told.err.starts_with("nowhere.yaml: the file can't be read"),
        "{}",
        told.err
    );
}
