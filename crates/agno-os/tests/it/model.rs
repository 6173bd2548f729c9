//! A model that does what the last message of the user says.
//!
//! Lines `call NAME {json}` are tool calls, one a turn; `say TEXT` is the answer, which comes word by
//! word. With a gate, each word waits until it is let through.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use agno_core::{
    AssistantMessage, Content, Message, Model, ModelChunk, ModelError, ModelInfo, ModelReply,
    ModelRequest, ModelStream, ReplyStream, StructuredOutput, ToolCall, Usage,
};

/// Lets words through one by one.
#[derive(Debug, Default)]
pub struct Gate(Mutex<(usize, Vec<Waker>)>);

impl Gate {
    pub fn open(&self, words: usize) {
        let mut state = self.0.lock().unwrap();
        state.0 = state.0.saturating_add(words);
        state.1.drain(..).for_each(Waker::wake);
    }

    fn pass(&self, context: &Context<'_>) -> bool {
        let mut state = self.0.lock().unwrap();
        if state.0 == 0 {
            state.1.push(context.waker().clone());
            return false;
        }
        state.0 -= 1;
        true
    }
}

#[derive(Debug)]
pub struct ObedientModel {
    info: ModelInfo,
    gate: Option<Arc<Gate>>,
}

impl ObedientModel {
    pub fn new(gate: Option<Arc<Gate>>) -> Self {
        Self {
            info: ModelInfo {
                id: "obedient".into(),
                name: "TestChat".into(),
                provider: "Test".into(),
                structured_output: StructuredOutput::Native,
            },
            gate,
        }
    }
}

impl Model for ObedientModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn stream(&self, request: ModelRequest) -> ReplyStream {
        let messages = request.thread.messages();
        let user = messages
            .iter()
            .rposition(|message| matches!(**message, Message::User(_)))
            .unwrap();
        let turn = messages[user..]
            .iter()
            .filter(
                |message| matches!(&***message, Message::Assistant(a) if !a.tool_calls.is_empty()),
            )
            .count();
        let text = messages[user].text();
        let call = text
            .lines()
            .filter_map(|line| line.strip_prefix("call "))
            .nth(turn);
        let mut answer = AssistantMessage::default();
        let mut words = VecDeque::new();
        if let Some(call) = call {
            let (name, arguments) = call.split_once(' ').unwrap_or((call, "{}"));
            answer.tool_calls.push(ToolCall {
                id: format!("call-{user}-{turn}").into(),
                name: name.into(),
                arguments: arguments.into(),
            });
        } else {
            let say = text.lines().find_map(|line| line.strip_prefix("say "));
            let say = say.unwrap_or("done");
            words = say.split_inclusive(' ').map(Arc::from).collect();
            answer.content = Content::text(say);
        }
        let usage = Usage {
            input_tokens: 10,
            output_tokens: 5,
            total_tokens: 15,
            ..Usage::default()
        };
        Box::new(Words {
            deltas: request.deltas,
            words,
            told: String::new(),
            reply: Some(ModelReply::new(answer, usage)),
            gate: self.gate.clone(),
        })
    }
}

struct Words {
    deltas: bool,
    words: VecDeque<Arc<str>>,
    told: String,
    reply: Option<ModelReply>,
    gate: Option<Arc<Gate>>,
}

impl ModelStream for Words {
    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<ModelChunk, ModelError>>> {
        if self.words.is_empty() {
            let reply = self.reply.take();
            return Poll::Ready(reply.map(|reply| Ok(ModelChunk::Done(Box::new(reply)))));
        }
        if self.gate.as_ref().is_some_and(|gate| !gate.pass(context)) {
            return Poll::Pending;
        }
        let word = self.words.pop_front().unwrap();
        if !self.deltas {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.told.push_str(&word);
        Poll::Ready(Some(Ok(ModelChunk::Text(word))))
    }

    fn partial_text(&self) -> &str {
        &self.told
    }
}
