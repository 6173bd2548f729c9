//! Which messages of earlier runs are shown.

use std::sync::Arc;

use agno_core::{AssistantMessage, Content, Message, ToolMessage, ToolOutput};
use agno_engine::HistoryPolicy;
use proptest::prelude::*;

use crate::plan;

fn assistant(text: &str, calls: &[&str]) -> Arc<Message> {
    Arc::new(Message::Assistant(AssistantMessage {
        content: Content::text(text),
        tool_calls: calls.iter().map(|id| plan::call(id, "tool_0")).collect(),
    }))
}

fn result(id: &str, text: &str) -> Arc<Message> {
    Arc::new(Message::Tool(ToolMessage {
        call_id: id.into(),
        name: "tool_0".into(),
        output: ToolOutput::text(text),
        is_error: false,
    }))
}

fn user(text: &str) -> Arc<Message> {
    Arc::new(Message::user(text))
}

fn shown(messages: &[Arc<Message>]) -> Vec<String> {
    let shown = messages.iter().map(|message| match &**message {
        Message::Assistant(answer) if !answer.tool_calls.is_empty() => {
            let ids: Vec<&str> = answer.tool_calls.iter().map(|call| &*call.id).collect();
            format!("{} calls {}", answer.content.text, ids.join(","))
        }
        message => message.text().to_string(),
    });
    shown.collect()
}

/// Two runs of a model that numbers its calls alike in every reply.
fn two_runs() -> Vec<Arc<Message>> {
    vec![
        Arc::new(Message::system("Be brief.")),
        user("first"),
        assistant("", &["call_0", "call_1"]),
        result("call_0", "one"),
        result("call_1", "two"),
        assistant("answer one", &[]),
        user("second"),
        assistant("wait", &["call_0"]),
        result("call_0", "three"),
        assistant("answer two", &[]),
    ]
}

#[test]
fn the_newest_tool_results_stay_with_their_own_calls() {
    let policy = HistoryPolicy::last_runs(2).tool_calls(2);
    assert_eq!(
        shown(&policy.select(two_runs())),
        [
            "first",
            " calls call_1",
            "two",
            "answer one",
            "second",
            "wait calls call_0",
            "three",
            "answer two"
        ]
    );
    let none = HistoryPolicy::last_runs(2).tool_calls(0);
    assert_eq!(
        shown(&none.select(two_runs())),
        ["first", "answer one", "second", "wait", "answer two"]
    );
}

#[test]
fn a_cut_never_leaves_a_result_without_its_call() {
    let policy = HistoryPolicy::last_runs(2).last_messages(2);
    assert_eq!(shown(&policy.select(two_runs())), ["answer two"]);
}

proptest! {
    #[test]
    fn calls_and_results_stay_together(
        batches in prop::collection::vec(0..4_usize, 0..6),
        tool_calls in prop::option::of(0..6_u32),
        last_messages in prop::option::of(0..12_u32),
    ) {
        let mut messages = Vec::new();
        for count in &batches {
            messages.push(user("question"));
            let ids: Vec<String> = (0..*count).map(|index| format!("call_{index}")).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            messages.push(assistant("text", &ids));
            messages.extend(ids.iter().map(|id| result(id, "result")));
        }
        let policy = HistoryPolicy { last_runs: 9, last_messages, tool_calls };
        let selected = policy.select(messages);
        let mut rest = selected.iter().peekable();
        let mut results = 0;
        while let Some(message) = rest.next() {
            prop_assert!(!matches!(**message, Message::Tool(_)), "a result without its call");
            let Message::Assistant(answer) = &**message else { continue };
            for call in &answer.tool_calls {
                results += 1;
                let next = rest.next();
                prop_assert!(
                    matches!(next.map(|next| &**next), Some(Message::Tool(done)) if done.call_id == call.id)
                );
            }
        }
        prop_assert!(tool_calls.is_none_or(|limit| results <= limit));
        prop_assert!(last_messages.is_none_or(|limit| selected.len() <= limit as usize));
    }
}
