//! The ids of tool calls, as the conversation needs them.

use std::sync::Arc;

use agno_core::{AssistantMessage, Message, ToolCall};

/// The message with an id of its own for each tool call.
///
/// Results are matched to calls by id, and providers refuse a conversation in which two calls of
/// one reply share theirs. Some models number all their calls alike or leave the id out. What is
/// recorded stays as the model sent it; everything derived from it goes through this function.
pub(crate) fn with_unique_call_ids(message: &Arc<Message>) -> Arc<Message> {
    match &**message {
        Message::Assistant(answer) if has_doubled_ids(&answer.tool_calls) => {
            Arc::new(Message::Assistant(AssistantMessage {
                content: answer.content.clone(),
                tool_calls: renamed(&answer.tool_calls),
            }))
        }
        _ => Arc::clone(message),
    }
}

fn has_doubled_ids(calls: &[ToolCall]) -> bool {
    let mut rest = calls;
    while let Some((call, later)) = rest.split_first() {
        if call.id.is_empty() || later.iter().any(|other| other.id == call.id) {
            return true;
        }
        rest = later;
    }
    false
}

fn renamed(calls: &[ToolCall]) -> Vec<ToolCall> {
    let mut unique: Vec<ToolCall> = Vec::with_capacity(calls.len());
    for (index, call) in calls.iter().enumerate() {
        let mut id = Arc::clone(&call.id);
        if id.is_empty() || unique.iter().any(|earlier| earlier.id == id) {
            let base = if id.is_empty() { "call" } else { &*call.id };
            let mut numbered = (index + 1..).map(|number| format!("{base}_{number}"));
            let free = numbered.find(|new| {
                let mut taken = unique.iter().chain(calls);
                !taken.any(|other| *other.id == **new)
            });
            id = free.unwrap_or_default().into();
        }
        unique.push(ToolCall { id, ..call.clone() });
    }
    unique
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids_of(ids: &[&str]) -> Vec<String> {
        let calls = ids.iter().map(|id| ToolCall {
            id: (*id).into(),
            name: "tool".into(),
            arguments: "{}".into(),
        });
        let message = Arc::new(Message::Assistant(AssistantMessage {
            tool_calls: calls.collect(),
            ..AssistantMessage::default()
        }));
        let Message::Assistant(answer) = &*with_unique_call_ids(&message) else {
            panic!("another kind of message");
        };
        answer
            .tool_calls
            .iter()
            .map(|call| call.id.to_string())
            .collect()
    }

    #[test]
    fn calls_that_share_an_id_get_ids_of_their_own() {
        assert_eq!(ids_of(&["a", "b"]), ["a", "b"]);
        assert_eq!(ids_of(&["a", "a", "a"]), ["a", "a_2", "a_3"]);
        assert_eq!(ids_of(&["", ""]), ["call_1", "call_2"]);
        assert_eq!(ids_of(&["a", "a", "a_2"]), ["a", "a_3", "a_2"]);
    }
}
