//! A reply while it is put together: the same for streams and whole answers.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use agno_core::{
    AssistantMessage, Content, Finish, FinishReason, Message, ModelChunk, ModelReply,
    ReplyMetadata, Usage,
};
use serde_json::Value;
use serde_json::value::RawValue;

use super::calls::Calls;
use super::dialect::Dialect;
use super::extras::Extras;
use super::lenient::Text;
use super::provider_data::merge_details;
use super::think::{Stretch, ThinkSplitter};
use super::wire::{Answer, Turn, TurnContent, WireUsage};

/// Where pieces go that are wanted as they arrive.
pub(super) type Pieces = VecDeque<ModelChunk>;

/// A reply while it is put together.
#[derive(Debug)]
pub(super) struct ReplyBuilder {
    dialect: &'static Dialect,
    pub(super) text: String,
    reasoning: String,
    calls: Calls,
    usage: Option<Usage>,
    finish: Option<Finish>,
    metadata: Arc<ReplyMetadata>,
    think: Option<Box<ThinkSplitter>>,
    /// What most replies lack.
    extras: Option<Box<Extras>>,
}

impl ReplyBuilder {
    pub(super) fn new(dialect: &'static Dialect) -> Self {
        Self {
            dialect,
            text: String::new(),
            reasoning: String::new(),
            calls: Calls::default(),
            usage: None,
            finish: None,
            metadata: Arc::default(),
            think: dialect.think_tags.then(Box::default),
            extras: None,
        }
    }

    fn extras(&mut self) -> &mut Extras {
        self.extras.get_or_insert_default()
    }

    /// Takes everything but the choice.
    pub(super) fn envelope<C>(&mut self, answer: &mut Answer<'_, C>) {
        self.keep_first(
            &answer.id,
            |metadata| &metadata.id,
            |metadata| &mut metadata.id,
        );
        self.keep_first(
            &answer.model,
            |metadata| &metadata.model,
            |metadata| &mut metadata.model,
        );
        self.keep_first(
            &answer.system_fingerprint,
            |metadata| &metadata.system_fingerprint,
            |metadata| &mut metadata.system_fingerprint,
        );
        let usage = answer.usage.take();
        let usage = usage.or_else(|| answer.x_groq.take()?.usage);
        // Some servers report several times, each time everything so far: the last one counts.
        if let Some(usage) = usage.map(WireUsage::into_usage) {
            self.usage = Some(usage);
        }
        if answer.citations.is_some() || answer.search_results.is_some() {
            self.extras()
                .sources(answer.citations, answer.search_results);
        }
    }

    pub(super) fn finish(&mut self, reason: &Text<'_>) {
        if let Some(reason) = reason.filled() {
            self.finish = Some(finish(reason));
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    pub(super) fn logprobs(&mut self, logprobs: Option<&RawValue>) {
        // Those of the answer; reasoning has lists of its own in some dialects.
        #[derive(serde::Deserialize)]
        struct Logprobs {
            #[serde(default)]
            content: Option<Vec<Value>>,
        }
        let Some(Ok(logprobs)) = logprobs.map(|raw| serde_json::from_str::<Logprobs>(raw.get()))
        else {
            return;
        };
        if let Some(tokens) = logprobs.content {
            self.extras().logprobs.extend(tokens);
        }
    }

    /// Takes a message or a piece of one. Pieces are handed out where they are wanted.
    pub(super) fn turn(&mut self, turn: Turn<'_>, mut pieces: Option<&mut Pieces>) {
        let had_reasoning_text = self.reasoning_fields(&turn, pieces.as_deref_mut());
        if let Some(details) = turn.reasoning_details {
            self.details(details, !had_reasoning_text, pieces.as_deref_mut());
        }
        match turn.content {
            TurnContent::None => {}
            TurnContent::Text(text) => self.text(text, pieces.as_deref_mut()),
            TurnContent::Parts(parts) => {
                for part in parts {
                    self.thinking(&part.thinking, pieces.as_deref_mut());
                    if let Some(text) = part.text.0 {
                        self.text(text, pieces.as_deref_mut());
                    }
                    if let Some(refusal) = part.refusal.filled() {
                        self.extras().refusal.push_str(refusal);
                    }
                }
            }
        }
        if let Some(refusal) = turn.refusal.filled() {
            self.extras().refusal.push_str(refusal);
        }
        for piece in turn.tool_calls.into_iter().flatten() {
            self.calls.push(piece, pieces.as_deref_mut());
        }
        if let Some(mut audio) = turn.audio {
            if let Some(transcript) = audio.transcript.take() {
                self.text(Cow::Owned(transcript), pieces);
            }
            self.extras().audio(audio);
        }
        for image in turn.images.into_iter().flatten() {
            self.extras().image(image);
        }
        for annotation in turn.annotations.into_iter().flatten() {
            self.extras().annotation(annotation);
        }
    }

    fn reasoning_fields(&mut self, turn: &Turn<'_>, pieces: Option<&mut Pieces>) -> bool {
        // Servers that fill both fields say the same in both.
        let (field, text) = match (turn.reasoning_content.filled(), turn.reasoning.filled()) {
            (Some(text), _) => ("reasoning_content", text),
            (None, Some(text)) => ("reasoning", text),
            (None, None) => return false,
        };
        self.extras().data.reasoning_field = Some(field);
        self.reason(text, pieces);
        true
    }

    fn details(&mut self, details: Vec<Value>, as_text: bool, mut pieces: Option<&mut Pieces>) {
        for detail in details {
            if as_text {
                let text = detail.get("text").or_else(|| detail.get("summary"));
                if let Some(text) = text.and_then(Value::as_str) {
                    self.reason(text, pieces.as_deref_mut());
                }
            }
            merge_details(&mut self.extras().data.reasoning_details, detail);
        }
    }

    fn thinking(&mut self, thinking: &TurnContent<'_>, mut pieces: Option<&mut Pieces>) {
        match thinking {
            TurnContent::None => {}
            TurnContent::Text(text) => {
                self.extras().data.reasoning_field = Some("thinking");
                self.reason(text, pieces);
            }
            TurnContent::Parts(parts) => {
                self.extras().data.reasoning_field = Some("thinking");
                for part in parts {
                    if let Some(text) = part.text.filled() {
                        self.reason(text, pieces.as_deref_mut());
                    }
                }
            }
        }
    }

    fn reason(&mut self, text: &str, pieces: Option<&mut Pieces>) {
        if text.is_empty() {
            return;
        }
        self.reasoning.push_str(text);
        if let Some(pieces) = pieces {
            pieces.push_back(ModelChunk::Reasoning(text.into()));
        }
    }

    fn text(&mut self, text: Cow<'_, str>, pieces: Option<&mut Pieces>) {
        if text.is_empty() {
            return;
        }
        if self.think.is_some() {
            self.split(&text, pieces);
            return;
        }
        if let Some(pieces) = pieces {
            pieces.push_back(ModelChunk::Text((&*text).into()));
        }
        if self.text.is_empty() {
            self.text = text.into_owned();
        } else {
            self.text.push_str(&text);
        }
    }

    fn split(&mut self, text: &str, mut pieces: Option<&mut Pieces>) {
        let Some(mut splitter) = self.think.take() else {
            return;
        };
        splitter.push(text, |stretch| self.stretch(stretch, pieces.as_deref_mut()));
        self.think = Some(splitter);
    }

    fn stretch(&mut self, stretch: Stretch<'_>, pieces: Option<&mut Pieces>) {
        match stretch {
            Stretch::Thinking(text) => self.reason(text, pieces),
            Stretch::Answer(text) => {
                self.text.push_str(text);
                if let Some(pieces) = pieces {
                    pieces.push_back(ModelChunk::Text(text.into()));
                }
            }
        }
    }

    /// Hands out what was held back. To be called at the end of the pieces.
    pub(super) fn flush(&mut self, mut pieces: Option<&mut Pieces>) {
        if let Some(mut splitter) = self.think.take() {
            splitter.end(|stretch| self.stretch(stretch, pieces.as_deref_mut()));
        }
    }

    /// The reply. [`Self::flush`] comes first.
    pub(super) fn build(mut self) -> ModelReply {
        let metadata = self.metadata();
        let finish = self.finish.unwrap_or_else(|| Finish {
            reason: if self.calls.is_empty() {
                FinishReason::Stop
            } else {
                FinishReason::ToolCalls
            },
            raw: Some(Arc::default()),
        });
        let tool_calls = self.calls.build();
        // An empty text needs no memory of its own, and tool turns have no other.
        let text = if self.text.is_empty() {
            Arc::default()
        } else {
            self.text.into()
        };
        let rich = if self.reasoning.is_empty() && self.extras.is_none() {
            None
        } else {
            let extras = self.extras.map(|extras| *extras).unwrap_or_default();
            extras.build(self.reasoning, self.dialect)
        };
        ModelReply {
            message: Arc::new(Message::Assistant(AssistantMessage {
                content: Content { text, rich },
                tool_calls,
            })),
            usage: self.usage.unwrap_or_default(),
            finish,
            metadata,
        }
    }

    fn metadata(&mut self) -> Option<Arc<ReplyMetadata>> {
        if let Some(extras) = &mut self.extras
            && !extras.logprobs.is_empty()
        {
            Arc::make_mut(&mut self.metadata).logprobs = std::mem::take(&mut extras.logprobs);
        }
        let metadata = std::mem::take(&mut self.metadata);
        (*metadata != ReplyMetadata::default()).then_some(metadata)
    }

    /// What the provider has said beside the answer so far.
    pub(super) fn known_metadata(&self) -> Option<&Arc<ReplyMetadata>> {
        self.metadata.id.is_some().then_some(&self.metadata)
    }

    /// Fills a field of the metadata that is not known yet.
    fn keep_first(
        &mut self,
        text: &Text<'_>,
        known: impl FnOnce(&ReplyMetadata) -> &Option<Arc<str>>,
        slot: impl FnOnce(&mut ReplyMetadata) -> &mut Option<Arc<str>>,
    ) {
        if known(&self.metadata).is_none()
            && let Some(text) = text.filled()
        {
            *slot(Arc::make_mut(&mut self.metadata)) = Some(text.into());
        }
    }
}

fn finish(word: &str) -> Finish {
    let (reason, is_ours) = match word {
        "stop" => (FinishReason::Stop, true),
        "tool_calls" => (FinishReason::ToolCalls, true),
        "length" => (FinishReason::Length, true),
        "content_filter" => (FinishReason::ContentFilter, true),
        "eos" | "end_turn" | "stop_sequence" => (FinishReason::Stop, false),
        "function_call" | "tool_use" => (FinishReason::ToolCalls, false),
        "max_tokens" | "model_length" => (FinishReason::Length, false),
        "sensitive" => (FinishReason::ContentFilter, false),
        _ => (FinishReason::Other, false),
    };
    Finish {
        reason,
        raw: (!is_ours).then(|| word.into()),
    }
}
