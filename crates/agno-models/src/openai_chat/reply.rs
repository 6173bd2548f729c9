//! A reply while it is put together: the same for streams and whole answers.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use agno_core::{
    AssistantMessage, Citation, Content, Finish, FinishReason, Media, MediaKind, Message,
    ModelChunk, ModelReply, RichContent, ToolCall, Usage,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::dialect::Dialect;
use super::lenient::Text;
use super::provider_data::{ReplyDataBuilder, merge_details};
use super::think::{Stretch, ThinkSplitter};
use super::wire::{
    Annotation, Answer, Audio, CallPiece, Image, Source, Turn, TurnContent, WireUsage,
};

/// Where pieces go that are wanted as they arrive.
pub(super) type Pieces = VecDeque<ModelChunk>;

/// A reply while it is put together.
#[derive(Debug)]
pub(super) struct ReplyBuilder {
    dialect: &'static Dialect,
    pub(super) text: String,
    reasoning: String,
    calls: Vec<Call>,
    usage: Option<Usage>,
    finish: Option<Finish>,
    id: Option<String>,
    model: Option<String>,
    system_fingerprint: Option<String>,
    think: Option<Box<ThinkSplitter>>,
    /// What most replies lack.
    rare: Option<Box<Rare>>,
}

#[derive(Debug, Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

#[derive(Debug, Default)]
struct Rare {
    refusal: String,
    data: ReplyDataBuilder,
    citations: Vec<Citation>,
    annotations: Vec<Citation>,
    media: Vec<Media>,
    audio_data: String,
    logprobs: Vec<Value>,
}

impl ReplyBuilder {
    pub(super) fn new(dialect: &'static Dialect) -> Self {
        Self {
            dialect,
            text: String::new(),
            reasoning: String::new(),
            calls: Vec::new(),
            usage: None,
            finish: None,
            id: None,
            model: None,
            system_fingerprint: None,
            think: dialect.think_tags.then(Box::default),
            rare: None,
        }
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Takes everything but the choice.
    pub(super) fn envelope<C>(&mut self, answer: &mut Answer<'_, C>) {
        keep_first(&mut self.id, &answer.id);
        keep_first(&mut self.model, &answer.model);
        keep_first(&mut self.system_fingerprint, &answer.system_fingerprint);
        let usage = answer.usage.take();
        let usage = usage.or_else(|| answer.x_groq.take()?.usage);
        // Some servers report several times, each time everything so far: the last one counts.
        if let Some(usage) = usage.map(WireUsage::into_usage) {
            self.usage = Some(usage);
        }
        if answer.citations.is_some() || answer.search_results.is_some() {
            self.sources(answer.citations, answer.search_results);
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
            self.rare().logprobs.extend(tokens);
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
                        self.rare().refusal.push_str(refusal);
                    }
                }
            }
        }
        if let Some(refusal) = turn.refusal.filled() {
            self.rare().refusal.push_str(refusal);
        }
        for piece in turn.tool_calls.into_iter().flatten() {
            self.call(piece, pieces.as_deref_mut());
        }
        if let Some(audio) = turn.audio {
            self.audio(audio, pieces);
        }
        for image in turn.images.into_iter().flatten() {
            self.image(image);
        }
        for annotation in turn.annotations.into_iter().flatten() {
            self.annotation(annotation);
        }
    }

    fn reasoning_fields(&mut self, turn: &Turn<'_>, pieces: Option<&mut Pieces>) -> bool {
        // Servers that fill both fields say the same in both.
        let (field, text) = match (turn.reasoning_content.filled(), turn.reasoning.filled()) {
            (Some(text), _) => ("reasoning_content", text),
            (None, Some(text)) => ("reasoning", text),
            (None, None) => return false,
        };
        self.rare().data.reasoning_field = Some(field);
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
            merge_details(&mut self.rare().data.reasoning_details, detail);
        }
    }

    fn thinking(&mut self, thinking: &TurnContent<'_>, mut pieces: Option<&mut Pieces>) {
        match thinking {
            TurnContent::None => {}
            TurnContent::Text(text) => {
                self.rare().data.reasoning_field = Some("thinking");
                self.reason(text, pieces);
            }
            TurnContent::Parts(parts) => {
                self.rare().data.reasoning_field = Some("thinking");
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

    fn call(&mut self, piece: CallPiece<'_>, pieces: Option<&mut Pieces>) {
        let position = self.call_position(&piece);
        let Some(call) = self.calls.get_mut(position) else {
            return;
        };
        if let Some(id) = piece.id.filled()
            && call.id.is_empty()
        {
            id.clone_into(&mut call.id);
        }
        let function = piece.function.unwrap_or_default();
        // Some servers repeat the name in every fragment.
        if let Some(name) = function.name.filled()
            && call.name.is_empty()
        {
            name.clone_into(&mut call.name);
        }
        let Some(arguments) = function.arguments.0.filter(|text| !text.is_empty()) else {
            return;
        };
        if let Some(pieces) = pieces {
            pieces.push_back(ModelChunk::Arguments {
                index: u32::try_from(position).unwrap_or(u32::MAX),
                text: (&*arguments).into(),
            });
        }
        if call.arguments.is_empty() {
            call.arguments = arguments.into_owned();
        } else {
            call.arguments.push_str(&arguments);
        }
    }

    /// Which call a fragment belongs to; a new one where it belongs to none.
    fn call_position(&mut self, piece: &CallPiece<'_>) -> usize {
        let id = piece.id.filled();
        let index = piece.index.map(|index| index.0);
        // An id of its own makes a call of its own, also where a server counts wrongly.
        let found = match (index, id) {
            (Some(_), _) => self.calls.iter().rposition(|call| {
                call.index == index && id.is_none_or(|id| call.id.is_empty() || call.id == id)
            }),
            (None, Some(id)) => self.calls.iter().rposition(|call| call.id == id),
            (None, None) => {
                // Without either, a fragment with a name begins a call, others go on with the last.
                let names = piece.function.as_ref();
                let named = names.is_some_and(|function| function.name.filled().is_some());
                self.calls.len().checked_sub(1).filter(|_| !named)
            }
        };
        found.unwrap_or_else(|| {
            self.calls.push(Call {
                index,
                ..Call::default()
            });
            self.calls.len() - 1
        })
    }

    fn audio(&mut self, audio: Audio, pieces: Option<&mut Pieces>) {
        if let Some(transcript) = audio.transcript {
            self.text(Cow::Owned(transcript), pieces);
        }
        let rare = self.rare();
        if audio.id.is_some() {
            rare.data.audio_id = audio.id;
        }
        if let Some(data) = audio.data {
            rare.audio_data.push_str(&data);
        }
    }

    fn image(&mut self, image: Image) {
        let Some(url) = image.image_url.and_then(|address| address.url) else {
            return;
        };
        let inline = url
            .strip_prefix("data:")
            .and_then(|rest| rest.split_once(";base64,"));
        let media = match inline {
            Some((mime_type, data)) => Media::base64(MediaKind::Image, mime_type, data),
            None => Media::url(MediaKind::Image, url),
        };
        self.rare().media.push(media);
    }

    fn annotation(&mut self, annotation: Annotation) {
        if let Some(citation) = annotation.url_citation.and_then(citation) {
            self.rare().annotations.push(citation);
        }
    }

    /// Takes lists of sources, which some servers repeat in every chunk.
    fn sources(&mut self, citations: Option<&RawValue>, results: Option<&RawValue>) {
        let rare = self.rare();
        if !rare.citations.is_empty() {
            return;
        }
        // The second list has titles but may lack what the first one has.
        let results: Vec<Source> = results
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let urls: Vec<String> = citations
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        if urls.is_empty() {
            rare.citations
                .extend(results.into_iter().filter_map(citation));
            return;
        }
        for url in urls {
            let title = results
                .iter()
                .find(|result| result.url.as_deref() == Some(&url))
                .and_then(|result| result.title.as_deref());
            rare.citations.push(Citation {
                title: title.map(Into::into),
                url: url.into(),
            });
        }
    }

    /// Hands out what was held back. To be called at the end of the pieces.
    pub(super) fn flush(&mut self, mut pieces: Option<&mut Pieces>) {
        if let Some(mut splitter) = self.think.take() {
            splitter.end(|stretch| self.stretch(stretch, pieces.as_deref_mut()));
        }
    }

    /// The reply. [`Self::flush`] comes first.
    pub(super) fn build(self) -> ModelReply {
        let metadata = self.metadata();
        let finish = self.finish.unwrap_or_else(|| {
            Finish::from(if self.calls.is_empty() {
                FinishReason::Stop
            } else {
                FinishReason::ToolCalls
            })
        });
        let tool_calls = tool_calls(self.calls);
        let rich = rich(self.reasoning, self.rare, self.dialect);
        ModelReply {
            message: Arc::new(Message::Assistant(AssistantMessage {
                content: Content {
                    text: self.text.into(),
                    rich,
                },
                tool_calls,
            })),
            usage: self.usage.unwrap_or_default(),
            finish,
            metadata,
        }
    }

    fn metadata(&self) -> Option<Arc<Value>> {
        let mut metadata = Map::new();
        for (key, value) in [
            ("id", &self.id),
            ("model", &self.model),
            ("system_fingerprint", &self.system_fingerprint),
        ] {
            if let Some(value) = value {
                metadata.insert(key.to_owned(), value.as_str().into());
            }
        }
        if let Some(rare) = &self.rare
            && !rare.logprobs.is_empty()
        {
            metadata.insert("logprobs".to_owned(), rare.logprobs.clone().into());
        }
        (!metadata.is_empty()).then(|| Arc::new(metadata.into()))
    }
}

fn keep_first(slot: &mut Option<String>, text: &Text<'_>) {
    if slot.is_none()
        && let Some(text) = text.filled()
    {
        *slot = Some(text.to_owned());
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

fn tool_calls(calls: Vec<Call>) -> Vec<ToolCall> {
    calls
        .into_iter()
        .map(|call| ToolCall {
            id: if call.id.is_empty() {
                new_call_id()
            } else {
                call.id.into()
            },
            name: call.name.into(),
            arguments: call.arguments.into(),
        })
        .collect()
}

/// An id for a call of a server that gives none. Results are matched by it, so it must differ from
/// all others of the conversation.
fn new_call_id() -> Arc<str> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("call_{:016x}", RandomState::new().hash_one(count)).into()
}

fn rich(reasoning: String, rare: Option<Box<Rare>>, dialect: &Dialect) -> Option<Box<RichContent>> {
    if reasoning.is_empty() && rare.is_none() {
        return None;
    }
    let mut rare = rare.map(|rare| *rare).unwrap_or_default();
    if !rare.audio_data.is_empty() {
        rare.media.push(Media::base64(
            MediaKind::Audio,
            "audio/wav",
            rare.audio_data,
        ));
    }
    rare.citations.append(&mut rare.annotations);
    let rich = RichContent {
        media: rare.media,
        reasoning: (!reasoning.is_empty()).then(|| reasoning.into()),
        refusal: (!rare.refusal.is_empty()).then(|| rare.refusal.into()),
        citations: rare.citations,
        provider: rare.data.build(dialect.name),
    };
    (rich != RichContent::default()).then(|| Box::new(rich))
}

fn citation(source: Source) -> Option<Citation> {
    Some(Citation {
        url: source.url?.into(),
        title: source.title.map(Into::into),
    })
}
