//! What servers send, as it is borrowed from the bytes that were received.

use std::borrow::Cow;
use std::fmt;

use agno_core::Usage;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient::{Arguments, Candidate, Count, First, Money, Text, pass_over, take_text};

/// An answer, or a chunk of a streamed one: they differ in the choice.
#[derive(Deserialize)]
#[serde(bound(deserialize = "C: Deserialize<'de> + Candidate, 'de: 'a"))]
pub(super) struct Answer<'a, C> {
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) model: Text<'a>,
    #[serde(borrow, default)]
    pub(super) system_fingerprint: Text<'a>,
    #[serde(default)]
    pub(super) choices: First<C>,
    #[serde(default)]
    pub(super) usage: Option<WireUsage>,
    #[serde(default)]
    pub(super) x_groq: Option<GroqExtra>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) citations: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) search_results: Option<&'a RawValue>,
}

/// The candidate answer of a stream. The cumulative `message` that Perplexity adds is not read.
#[derive(Deserialize)]
pub(super) struct StreamChoice<'a> {
    #[serde(default)]
    pub(super) index: Count,
    #[serde(borrow, default)]
    pub(super) delta: Option<Turn<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Text<'a>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
}

/// The candidate answer of a whole reply.
#[derive(Deserialize)]
pub(super) struct WholeChoice<'a> {
    #[serde(default)]
    pub(super) index: Count,
    #[serde(borrow, default)]
    pub(super) message: Option<Turn<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Text<'a>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
}

impl Candidate for StreamChoice<'_> {
    fn index(&self) -> u64 {
        self.index.0
    }
}

impl Candidate for WholeChoice<'_> {
    fn index(&self) -> u64 {
        self.index.0
    }
}

/// A message of the assistant, or a piece of one.
#[derive(Default, Deserialize)]
pub(super) struct Turn<'a> {
    #[serde(borrow, default)]
    pub(super) content: TurnContent<'a>,
    #[serde(borrow, default)]
    pub(super) refusal: Text<'a>,
    #[serde(borrow, default)]
    pub(super) reasoning_content: Text<'a>,
    #[serde(borrow, default)]
    pub(super) reasoning: Text<'a>,
    #[serde(default)]
    pub(super) reasoning_details: Option<Vec<Value>>,
    #[serde(borrow, default)]
    pub(super) tool_calls: Option<Vec<CallPiece<'a>>>,
    #[serde(default)]
    pub(super) audio: Option<Audio>,
    #[serde(default)]
    pub(super) images: Option<Vec<Image>>,
    #[serde(default)]
    pub(super) annotations: Option<Vec<Annotation>>,
}

/// A tool call, or a piece of one.
#[derive(Deserialize)]
pub(super) struct CallPiece<'a> {
    #[serde(default)]
    pub(super) index: Option<Count>,
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) function: Option<FunctionPiece<'a>>,
}

#[derive(Default, Deserialize)]
pub(super) struct FunctionPiece<'a> {
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
    #[serde(borrow, default)]
    pub(super) arguments: Arguments<'a>,
}

/// Content: a text or a list of parts.
#[derive(Default)]
pub(super) enum TurnContent<'a> {
    #[default]
    None,
    Text(Cow<'a, str>),
    Parts(Vec<Part<'a>>),
}

/// One part of a content list.
#[derive(Default)]
pub(super) struct Part<'a> {
    pub(super) text: Text<'a>,
    pub(super) thinking: TurnContent<'a>,
    pub(super) refusal: Text<'a>,
}

#[derive(Deserialize)]
struct PartFields<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    thinking: TurnContent<'a>,
    #[serde(borrow, default)]
    refusal: Text<'a>,
}

/// Spoken output: its bytes in base64 and what is said.
#[derive(Deserialize)]
pub(super) struct Audio {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) data: Option<String>,
    #[serde(default)]
    pub(super) transcript: Option<String>,
}

/// A generated image.
#[derive(Deserialize)]
pub(super) struct Image {
    #[serde(default)]
    pub(super) image_url: Option<ImageAddress>,
}

#[derive(Deserialize)]
pub(super) struct ImageAddress {
    #[serde(default)]
    pub(super) url: Option<String>,
}

/// A source named for a stretch of the answer.
#[derive(Deserialize)]
pub(super) struct Annotation {
    #[serde(default)]
    pub(super) url_citation: Option<Source>,
}

/// A source.
#[derive(Deserialize)]
pub(super) struct Source {
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) title: Option<String>,
}

/// Groq's second place for usage.
#[derive(Deserialize)]
pub(super) struct GroqExtra {
    #[serde(default)]
    pub(super) usage: Option<WireUsage>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
    /// DeepSeek's word for cached tokens.
    prompt_cache_hit_tokens: Count,
    /// Mistral's word for them.
    num_cached_tokens: Count,
    /// The word of some routers for them.
    cached_tokens: Count,
    /// Written to the cache, by servers in front of Anthropic's models.
    cache_creation_input_tokens: Count,
    reasoning_tokens: Count,
    cost: Money,
    /// xAI's cost, in units of which 10 billion are a dollar.
    cost_in_usd_ticks: Count,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Count,
    cache_write_tokens: Count,
    audio_tokens: Count,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CompletionDetails {
    reasoning_tokens: Count,
    audio_tokens: Count,
}

impl WireUsage {
    pub(super) fn into_usage(self) -> Usage {
        let prompt = self.prompt_tokens_details.unwrap_or_default();
        let completion = self.completion_tokens_details.unwrap_or_default();
        let first = |counts: &[Count]| {
            counts
                .iter()
                .map(|count| count.0)
                .find(|count| *count > 0)
                .unwrap_or(0)
        };
        let input_tokens = self.prompt_tokens.0;
        let output_tokens = self.completion_tokens.0;
        let sum = Count(input_tokens.saturating_add(output_tokens));
        let cost_nano_usd = if self.cost.0 > 0.0 {
            (self.cost.0 * 1e9).round() as u64
        } else {
            self.cost_in_usd_ticks.0 / 10
        };
        Usage {
            input_tokens,
            output_tokens,
            total_tokens: first(&[self.total_tokens, sum]),
            cache_read_tokens: first(&[
                prompt.cached_tokens,
                self.prompt_cache_hit_tokens,
                self.num_cached_tokens,
                self.cached_tokens,
            ]),
            cache_write_tokens: first(&[
                prompt.cache_write_tokens,
                self.cache_creation_input_tokens,
            ]),
            reasoning_tokens: first(&[completion.reasoning_tokens, self.reasoning_tokens]),
            audio_input_tokens: prompt.audio_tokens.0,
            audio_output_tokens: completion.audio_tokens.0,
            cost_nano_usd,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for TurnContent<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ContentVisitor;
        impl<'de> Visitor<'de> for ContentVisitor {
            type Value = TurnContent<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("content")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(TurnContent::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(TurnContent::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = list.next_element()? {
                    parts.push(part);
                }
                Ok(TurnContent::Parts(parts))
            }
            pass_over!(unit, bool, number, map);
        }
        deserializer.deserialize_any(ContentVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Part<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartVisitor;
        fn plain(text: Option<Cow<'_, str>>) -> Part<'_> {
            Part {
                text: Text(text),
                ..Part::default()
            }
        }
        impl<'de> Visitor<'de> for PartVisitor {
            type Value = Part<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a content part")
            }
            take_text!(plain);
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let fields = PartFields::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Part {
                    text: fields.text,
                    thinking: fields.thinking,
                    refusal: fields.refusal,
                })
            }
            pass_over!(unit, bool, number, seq);
        }
        deserializer.deserialize_any(PartVisitor)
    }
}
