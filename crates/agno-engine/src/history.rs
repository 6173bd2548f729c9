//! Which messages of earlier runs are shown to the model.

use std::sync::Arc;

use agno_core::{AssistantMessage, Message};
use serde::{Deserialize, Serialize};

/// Which messages of earlier runs are shown to the model.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryPolicy {
    /// How many of the session's last completed runs are shown. 0: none.
    pub last_runs: u32,
    /// At most this many messages, the newest; no limit if not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_messages: Option<u32>,
    /// At most this many tool results, the newest; no limit if not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<u32>,
}

impl HistoryPolicy {
    /// Nothing is shown.
    pub const fn off() -> Self {
        Self {
            last_runs: 0,
            last_messages: None,
            tool_calls: None,
        }
    }

    /// The session's last `runs` completed runs are shown.
    pub const fn last_runs(runs: u32) -> Self {
        Self {
            last_runs: runs,
            last_messages: None,
            tool_calls: None,
        }
    }

    /// At most the newest `messages` are shown.
    #[must_use]
    pub const fn last_messages(mut self, messages: u32) -> Self {
        self.last_messages = Some(messages);
        self
    }

    /// At most the newest `calls` tool results are shown.
    #[must_use]
    pub const fn tool_calls(mut self, calls: u32) -> Self {
        self.tool_calls = Some(calls);
        self
    }

    /// Whether nothing is shown.
    pub const fn is_off(&self) -> bool {
        self.last_runs == 0
    }

    /// Selects from the messages of the earlier runs, oldest first. System messages are left out,
    /// and a tool call never stays without its result or the other way round.
    pub fn select(&self, mut messages: Vec<Arc<Message>>) -> Vec<Arc<Message>> {
        messages.retain(|message| !matches!(**message, Message::System(_)));
        if let Some(limit) = self.tool_calls {
            messages = limit_tool_calls(messages, limit as usize);
        }
        if let Some(limit) = self.last_messages {
            let surplus = messages.len().saturating_sub(limit as usize);
            messages.drain(..surplus);
            let orphans = messages
                .iter()
                .take_while(|message| matches!(***message, Message::Tool(_)))
                .count();
            messages.drain(..orphans);
        }
        messages
    }
}

/// Keeps the newest `limit` tool results and takes the calls of the others out of their messages.
///
/// Ids of calls are unique within one reply only, so results are counted against the reply that
/// they follow.
fn limit_tool_calls(messages: Vec<Arc<Message>>, limit: usize) -> Vec<Arc<Message>> {
    let is_result = |message: &Arc<Message>| matches!(**message, Message::Tool(_));
    let results = messages.iter().filter(|message| is_result(message)).count();
    let mut surplus = results.saturating_sub(limit);
    let mut kept = Vec::with_capacity(messages.len());
    let mut rest = messages.as_slice();
    while let Some((message, later)) = rest.split_first() {
        let batch = later.iter().take_while(|later| is_result(later)).count();
        let (results, next) = later.split_at_checked(batch).unwrap_or((&[], later));
        rest = next;
        let dropped = results
            .split_at_checked(surplus)
            .map_or(results, |(old, _)| old);
        surplus -= dropped.len();
        kept.extend(without_calls(message, dropped));
        kept.extend(results.iter().skip(dropped.len()).map(Arc::clone));
    }
    kept
}

/// The message without the calls that the given results answer; none if nothing is left of it.
fn without_calls(message: &Arc<Message>, dropped: &[Arc<Message>]) -> Option<Arc<Message>> {
    let Message::Assistant(answer) = &**message else {
        return Some(Arc::clone(message));
    };
    if dropped.is_empty() {
        return Some(Arc::clone(message));
    }
    let is_dropped = |id: &str| {
        let mut results = dropped.iter();
        results.any(|result| matches!(&**result, Message::Tool(result) if *result.call_id == *id))
    };
    let kept = AssistantMessage {
        content: answer.content.clone(),
        tool_calls: answer
            .tool_calls
            .iter()
            .filter(|call| !is_dropped(&call.id))
            .cloned()
            .collect(),
    };
    let empty = kept.tool_calls.is_empty() && kept.content.text.is_empty();
    (!empty).then(|| Arc::new(Message::Assistant(kept)))
}
