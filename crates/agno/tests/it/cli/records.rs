//! What is recorded, and what can be done with it: pauses, replay, fork, sessions.

use std::str::FromStr;

use agno::RunId;
use agno::storage::open_database;
use agno_core::db::Write;

use super::Desk;

const SHOP: &str = "
agents:
  shop: { model: offline, tools: [refund, calculator], history: 5 }
tools:
  refund:
    description: Refund an order.
    parameters: { order_id: string, amount: number }
    external: true
";

#[test]
fn a_paused_run_goes_on_in_another_process() {
    let desk = Desk::with(SHOP);
    let told = desk.agno(&["run", "Refund \"A-17\" for 5"]);
    assert_eq!(told.code, 4);
    insta::assert_snapshot!(told.story(), @r#"
    run ID · 1 model call · 1 tool · 6 tokens · TIME · paused
    paused: refund(order_id: "A-17", amount: 5) is carried out elsewhere
    go on with: agno resume ID --result TEXT
    "#);

    let run = desk.newest_run();
    let told = desk.agno(&["resume", &run, "--call", "nothing", "--result", "x"]);
    assert_eq!(told.code, 2, "{}", told.err);
    let told = desk.agno(&["resume", &run]);
    assert_eq!(told.code, 4, "nobody is there to be asked");
    let told = desk
        .agno(&["resume", &run, "--result", "Refunded 5 euros."])
        .ok();
    assert!(told.out.starts_with("Refunded 5 euros."), "{}", told.out);
    let told = desk.agno(&["resume", &run, "--result", "again"]);
    assert_eq!(told.code, 1);
    assert!(
        told.err.contains("only a paused run can be resumed"),
        "{}",
        told.err
    );

    let told = desk.agno(&["runs", "show", &run]).ok();
    insta::assert_snapshot!(without_tail(&told.story()), @r#"
    run ID · agent shop · session ID
    0 TIME someone asked: Refund "A-17" for 5
    1 TIME the model asks for refund(order_id: "A-17", amount: 5) [TIME, 6 tokens]
    2 TIME the run waits for the result of refund(order_id: "A-17", amount: 5)
    3 TIME the run goes on
    4 TIME someone handed in: Refunded 5 euros.
    5 TIME the model said: Refunded 5 euros. [TIME, 10 tokens]
    6 TIME ended
    "#);
}

/// All but the summary line.
fn without_tail(story: &str) -> String {
    let mut lines: Vec<&str> = story.lines().collect();
    lines.pop();
    lines.join("\n")
}

#[test]
fn a_pause_in_memory_says_that_it_is_lost() {
    let desk = Desk::with(SHOP);
    let told = desk.agno(&["run", "Refund \"A-17\" for 5", "--db", "memory"]);
    assert_eq!(told.code, 4);
    assert!(
        told.err.contains("the run ends with this command"),
        "{}",
        told.err
    );
}

#[test]
fn replay_finds_nothing_in_what_was_recorded_and_the_edit_in_what_was_edited() {
    let desk = Desk::with(SHOP);
    desk.agno(&["run", "What is 6 times 7?"]).ok();
    let run = desk.newest_run();
    let told = desk.agno(&["replay", &run]).ok();
    assert_eq!(told.out, "no divergence: 5 records replayed, completed\n");

    // Another operand in what the model asked for: the recorded tool call is no longer what follows.
    edit_journal(&desk, &run, |text| {
        text.replacen("\\\"b\\\":7", "\\\"b\\\":8", 1)
    });
    let told = desk.agno(&["replay", &run]);
    assert_eq!(told.code, 1);
    assert!(
        told.out.starts_with("diverged at record 2:"),
        "{}",
        told.out
    );
}

fn edit_journal(desk: &Desk, run: &str, edit: impl Fn(&str) -> String) {
    let run = RunId::from_str(run).unwrap();
    let address = format!("sqlite:{}", desk.path("agno.db").display());
    let db = open_database(&address).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let entries = db.journals(vec![run], 0).await.unwrap().remove(0);
        let before: String = entries.iter().map(|entry| &*entry.body).collect();
        let mut batch = vec![Write::DeleteJournal { run }];
        for entry in &entries {
            batch.push(Write::Append {
                run,
                sequence: entry.sequence,
                entries: entry.entries,
                body: edit(&entry.body).into(),
            });
        }
        db.write(batch).done().await.unwrap();
        let entries = db.journals(vec![run], 0).await.unwrap().remove(0);
        let after: String = entries.iter().map(|entry| &*entry.body).collect();
        assert_ne!(before, after, "the edit must meet something: {before}");
    });
}

#[test]
fn a_fork_goes_another_way_under_an_id_of_its_own() {
    let desk = Desk::with(SHOP);
    desk.agno(&["run", "What is 6 times 7?"]).ok();
    let run = desk.newest_run();

    let told = desk.agno(&[
        "runs",
        "fork",
        &run,
        "--at",
        "2",
        "--edit-output",
        "forty-two",
    ]);
    assert!(told.ok().out.starts_with("forty-two\n"));
    let told = desk.agno(&[
        "runs",
        "fork",
        &run,
        "--input",
        "What is 2 plus 2?",
        "--json",
    ]);
    let fork = told.ok().json();
    assert_eq!(fork["content"], "4");
    assert_eq!(fork["forked_from"], run);
    let told = desk.agno(&["runs", "fork", &run, "--at", "1", "--edit-output", "x"]);
    assert_eq!(told.code, 1);
    assert!(
        told.err.contains("can't be edited like that"),
        "{}",
        told.err
    );
    let told = desk.agno(&["runs", "fork", &run, "--at", "99"]);
    assert!(told.err.contains("the run has 5 records"), "{}", told.err);

    let original = desk.agno(&["runs", "show", &run, "--json"]).ok().json();
    assert_eq!(original["content"], "42", "the original stays as it was");
}

#[test]
fn sessions_are_listed_and_deleted_with_their_runs() {
    let desk = Desk::with(SHOP);
    for (session, user) in [("one", "ada"), ("two", "bob")] {
        let question = "What is 6 times 7?";
        desk.agno(&["run", question, "--session", session, "--user", user])
            .ok();
    }
    let told = desk.agno(&["sessions", "list"]).ok();
    assert!(
        told.out.starts_with("two  shop  What is 6 times 7?"),
        "{}",
        told.out
    );
    let told = desk
        .agno(&["sessions", "list", "--user", "ada", "--json"])
        .ok();
    assert_eq!(told.json()["session_id"], "one");

    desk.agno(&["sessions", "delete", "one"]).ok();
    let told = desk.agno(&["sessions", "delete", "one"]);
    assert_eq!(told.code, 1);
    let told = desk.agno(&["runs", "list", "--json"]).ok();
    assert_eq!(told.out.lines().count(), 1);
    let told = desk.agno(&["runs", "list", "--session", "one"]).ok();
    assert!(told.out.starts_with("No runs yet"));
}
