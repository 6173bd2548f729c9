//! Asking, and what the command says about itself.

use super::{Desk, normalised};

#[test]
fn the_built_in_example_answers_without_a_key() {
    let desk = Desk::new();
    let told = desk.agno(&["run", "What is 6 times 7?"]).ok();
    insta::assert_snapshot!(told.story(), @r"
    › multiply(a: 6, b: 7) TIME
    42
    run ID · 2 model calls · 1 tool · 46 tokens · TIME
    ");
    assert!(told.err.contains("answering with the offline model"));
    assert!(
        desk.path("agno.db").exists(),
        "kept in the default database"
    );
}

#[test]
fn each_tool_of_the_example_is_found_by_its_words() {
    let desk = Desk::new();
    for (question, call, answer) in [
        ("What is 5 plus 3?", "add(a: 5, b: 3)", "\n8\n"),
        ("What is 5 minus 3?", "subtract(a: 5, b: 3)", "\n2\n"),
        ("What is 10 divided by 4?", "divide(a: 10, b: 4)", "\n2.5\n"),
        (
            "What is 2 to the power of 10?",
            "exponentiate(a: 2, b: 10)",
            "\n1024\n",
        ),
        (
            "The factorial of 20?",
            "factorial(n: 20)",
            "\n2432902008176640000\n",
        ),
        ("Is 97 a prime?", "is_prime(n: 97)", "\ntrue\n"),
        (
            "What is the square root of 2.25?",
            "square_root(n: 2.25)",
            "\n1.5\n",
        ),
        ("What time is it?", "current_time()", "(UTC)\n"),
    ] {
        let told = desk.agno(&["run", question, "--db", "memory"]).ok();
        assert!(told.out.contains(call), "{question}: {}", told.out);
        assert!(told.out.contains(answer), "{question}: {}", told.out);
        assert_eq!(told.out.matches('›').count(), 1, "{question}: {}", told.out);
    }
}

#[test]
fn a_failed_tool_is_told() {
    let desk = Desk::new();
    let told = desk.agno(&["run", "What is 1 divided by 0?"]).ok();
    assert!(told.out.contains("  division by zero"), "{}", told.out);
}

#[test]
fn json_is_the_run_and_streamed_json_its_events() {
    let desk = Desk::new();
    let question = "What is 6 times 7?";
    let run = desk
        .agno(&["run", question, "--json", "--session", "s", "--user", "ada"])
        .ok()
        .json();
    assert_eq!(run["status"], "COMPLETED");
    assert_eq!(run["content"], "42");
    assert_eq!(run["session_id"], "s");
    assert_eq!(run["user_id"], "ada");
    assert_eq!(run["tools"][0]["name"], "multiply");
    assert_eq!(run["tools"][0]["arguments"]["a"], 6);
    assert_eq!(run["tools"][0]["result"], "42");
    assert_eq!(run["usage"]["total_tokens"], 46);

    let told = desk.agno(&["run", question, "--json", "--stream"]).ok();
    let lines: Vec<serde_json::Value> = told
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<&str> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap_or("the run"))
        .collect();
    assert_eq!(
        names,
        [
            "run_started",
            "model_request_started",
            "model_request_completed",
            "tool_call_started",
            "tool_call_completed",
            "model_request_started",
            "content",
            "model_request_completed",
            "content_completed",
            "run_completed",
            "the run"
        ]
    );
}

#[test]
fn the_prompt_can_come_from_a_pipe() {
    let desk = Desk::new();
    let told = desk.agno_with_input(&["run", "-", "--no-stream"], "What is 6 times 7?\n");
    assert!(told.ok().out.contains("42"));
}

#[test]
fn strictness_refuses_the_offline_model() {
    let desk = Desk::new();
    let told = desk.agno(&["run", "hi", "--strict"]);
    assert_eq!(told.code, 3);
    assert!(told.err.contains("no model is chosen"), "{}", told.err);
    let told = desk
        .command(&["run", "hi"])
        .env("AGNO_OFFLINE", "never")
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(3));

    desk.write("agents.yaml", "agents: { a: { model: 'openai:gpt-4o' } }");
    let told = desk.agno(&["run", "hi"]).ok();
    assert!(
        told.err
            .contains("set the environment variable OPENAI_API_KEY"),
        "{}",
        told.err
    );
    let told = desk.agno(&["run", "hi", "--strict"]);
    assert_eq!(told.code, 3);
    assert!(told.err.contains("agents.yaml:1:23"), "{}", told.err);
}

#[test]
fn wrong_usage_has_its_own_code() {
    let desk = Desk::new();
    for arguments in [
        &["run"][..],
        &["walk"],
        &["run", "hi", "--agent", "nobody"],
        &["replay", "not-a-run"],
        &["runs", "fork", "x", "--edit-output", "y"],
    ] {
        assert_eq!(desk.agno(arguments).code, 2, "{arguments:?}");
    }
    let told = desk.agno(&["run", "hi", "--agent", "asistant"]);
    assert!(
        told.err.contains("did you mean `assistant`?"),
        "{}",
        told.err
    );
}

#[test]
fn no_colours_where_nobody_looks() {
    let desk = Desk::new();
    let told = desk.agno(&["run", "What is 6 times 7?"]).ok();
    assert!(!told.out.contains('\u{1b}') && !told.err.contains('\u{1b}'));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let desk = Desk::new();
    let mut child = desk.command(&["schema"]).spawn().unwrap();
    drop(child.stdout.take());
    let told = child.wait_with_output().unwrap();
    assert_eq!(told.status.code(), Some(0));
    assert_eq!(String::from_utf8(told.stderr).unwrap(), "");
}

#[test]
fn providers_and_their_keys_are_listed() {
    let desk = Desk::new();
    let mut command = desk.command(&["models"]);
    let output = command
        .env("GROQ_API_KEY", "secret-value")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |id: &str| {
        let found = text.lines().find(|line| line.starts_with(id)).unwrap();
        normalised(found)
    };
    assert!(line("groq").ends_with("GROQ_API_KEY set"));
    assert!(line("openai ").ends_with("OPENAI_API_KEY not set"));
    assert!(line("ollama").ends_with("not needed"));
    assert!(!text.contains("secret-value"));
}

#[test]
fn the_doctor_looks_at_everything() {
    let desk = Desk::new();
    let told = desk.agno(&["doctor", "--db", "memory"]).ok();
    for part in ["1 agent", "10 tools", "offline model", "memory: 0 sessions"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    desk.write("agents.yaml", "agents: { a: { modle: x } }");
    let told = desk.agno(&["doctor"]);
    assert_eq!(told.code, 3);
    assert!(told.err.contains("did you mean `model`?"), "{}", told.err);
}
