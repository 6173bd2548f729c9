//! `agno chat` over a pipe.

use super::Desk;

#[test]
fn a_conversation_over_a_pipe() {
    let desk = Desk::with(
        "
agents:
  shop: { model: offline, tools: [refund], history: 5 }
  sums: { model: offline, tools: [calculator], history: 5 }
tools:
  refund:
    description: Refund an order.
    parameters: { order_id: string }
    external: true
",
    );
    let input = "\
Refund \"A-17\"
It is done.
/agent sums
What is 6 times 7?
/session mine
/agent
/sum
/quit
never read
";
    let told = desk.agno_with_input(&["chat"], input).ok();
    insta::assert_snapshot!(told.story(), @r#"
    run ID · 1 model call · 1 tool · 4 tokens · TIME · paused
    ? refund(order_id: "A-17")
    its result: It is done.
    run ID · 2 model calls · 1 tool · 12 tokens · TIME
    agent sums
    › multiply(a: 6, b: 7) TIME
    42
    run ID · 2 model calls · 1 tool · 14 tokens · TIME
    session mine
    shop
    * sums
    there is no command /sum: /help shows them
    "#);
}

#[test]
fn a_conversation_goes_on_where_it_was() {
    let desk = Desk::with("agents: { a: { model: offline, history: 5 } }");
    let session = ["chat", "--session", "s"];
    desk.agno_with_input(&session, "hello\n").ok();
    desk.agno_with_input(&session, "hello again\n").ok();
    let told = desk.agno(&["runs", "show", &desk.newest_run()]).ok();
    assert!(
        told.out.contains("hello again (with 2 earlier messages)"),
        "{}",
        told.out
    );
}

#[test]
fn a_question_that_nobody_answers_leaves_the_run_paused() {
    let desk = Desk::with(
        "
agents: { shop: { model: offline, tools: [refund] } }
tools: { refund: { description: Refund an order., external: true } }
",
    );
    let told = desk.agno_with_input(&["chat"], "Refund the order\n");
    assert_eq!(told.code, 4, "{}", told.err);
    assert!(told.out.contains("go on with: agno resume"), "{}", told.out);
}
