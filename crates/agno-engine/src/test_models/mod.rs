//! Models without a network: for tests, and to try agno-rs without a key.

mod function;
mod offline;
mod scripted;
mod test;

pub use function::FunctionModel;
pub use offline::OfflineModel;
pub use scripted::{ScriptedModel, Turn, UnusedTurns};
pub use test::TestModel;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use agno_core::{
    AssistantMessage, Message, ModelChunk, ModelError, ModelInfo, ModelReply, ModelRequest,
    ModelStream, ReplyStream, StructuredOutput, Usage,
};

/// A reply that is there at once.
#[derive(Debug)]
struct Ready {
    chunks: VecDeque<Result<ModelChunk, ModelError>>,
}

impl ModelStream for Ready {
    fn poll_next(
        &mut self,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<ModelChunk, ModelError>>> {
        Poll::Ready(self.chunks.pop_front())
    }
}

/// A stream that yields the reply, its text word by word if deltas are wanted.
pub fn reply_stream(request: &ModelRequest, reply: ModelReply) -> ReplyStream {
    let mut chunks = VecDeque::new();
    if let (true, Message::Assistant(answer)) = (request.deltas, &*reply.message) {
        if let Some(reasoning) = answer.content.reasoning() {
            chunks.push_back(Ok(ModelChunk::Reasoning(Arc::clone(reasoning))));
        }
        let words = answer.content.text.split_inclusive(' ');
        chunks.extend(words.map(|word| Ok(ModelChunk::Text(word.into()))));
    }
    chunks.push_back(Ok(ModelChunk::Done(Box::new(reply))));
    Box::new(Ready { chunks })
}

/// A stream that fails.
pub fn error_stream(error: ModelError) -> ReplyStream {
    Box::new(Ready {
        chunks: VecDeque::from([Err(error)]),
    })
}

fn info(name: &str) -> ModelInfo {
    ModelInfo {
        id: name.into(),
        name: name.into(),
        provider: "agno".into(),
        structured_output: StructuredOutput::Native,
    }
}

/// A reply with tokens estimated as words, so that metrics and budgets have something to count.
fn reply_to(request: &ModelRequest, message: AssistantMessage) -> ModelReply {
    let words = |text: &str| text.split_whitespace().count() as u64;
    let input_tokens = request
        .thread
        .messages()
        .iter()
        .map(|known| words(known.text()))
        .sum();
    let calls: u64 = message
        .tool_calls
        .iter()
        .map(|call| 1 + words(&call.arguments))
        .sum();
    let output_tokens = words(&message.content.text) + calls;
    let usage = Usage {
        input_tokens,
        output_tokens,
        total_tokens: input_tokens + output_tokens,
        ..Usage::default()
    };
    ModelReply::new(message, usage)
}

/// How many replies with tool calls follow the last user message.
fn tool_rounds(request: &ModelRequest) -> usize {
    let messages = request.thread.messages().iter().rev();
    messages
        .take_while(|message| !matches!(***message, Message::User(_)))
        .filter(|message| {
            matches!(&***message, Message::Assistant(answer) if !answer.tool_calls.is_empty())
        })
        .count()
}

/// The tool results after the last user message, oldest first.
fn tool_results(request: &ModelRequest) -> Vec<&Message> {
    let mut results: Vec<&Message> = request
        .thread
        .messages()
        .iter()
        .rev()
        .take_while(|message| !matches!(***message, Message::User(_)))
        .map(|message| &**message)
        .filter(|message| matches!(message, Message::Tool(_)))
        .collect();
    results.reverse();
    results
}

/// The text of the last user message.
fn last_user_text(request: &ModelRequest) -> &str {
    let messages = request.thread.messages().iter().rev();
    messages
        .filter_map(|message| match &**message {
            Message::User(user) => Some(&*user.content.text),
            _ => None,
        })
        .next()
        .unwrap_or_default()
}
