//! Messages between a person, a model and tools.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Digest, Media, ToolOutput};

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Message {
    /// Instructions by the developer of the agent.
    System(SystemMessage),
    /// Input of a person.
    User(UserMessage),
    /// An answer of the model.
    Assistant(AssistantMessage),
    /// The result of a tool call.
    Tool(ToolMessage),
}

/// Instructions by the developer of the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SystemMessage {
    /// The instructions.
    pub text: Arc<str>,
}

/// Input of a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserMessage {
    /// What was said.
    pub content: Content,
}

/// An answer of the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AssistantMessage {
    /// What was said.
    pub content: Content,
    /// Tools the model wants to be called, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
}

/// The result of one tool call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolMessage {
    /// The call that this answers.
    pub call_id: Arc<str>,
    /// The name of the tool.
    pub name: Arc<str>,
    /// What it returned, or what went wrong.
    pub output: ToolOutput,
    /// Whether the output describes an error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
}

/// A tool call as a model asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's id of the call.
    pub id: Arc<str>,
    /// The tool's name.
    pub name: Arc<str>,
    /// The arguments exactly as the model wrote them. Meant to be a JSON object; models also send
    /// broken JSON, and what they sent must be kept.
    pub arguments: Arc<str>,
}

/// Text and, rarely, more than text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The text; empty where there is none.
    #[serde(default, skip_serializing_if = "str_is_empty")]
    pub text: Arc<str>,
    /// Media, reasoning, citations: kept out of the way of the common case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rich: Option<Box<RichContent>>,
}

fn str_is_empty(text: &str) -> bool {
    text.is_empty()
}

/// The parts of a message that most messages lack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RichContent {
    /// Images, audio, video and files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// The model's reasoning in plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Arc<str>>,
    /// Why the model declined to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Arc<str>>,
    /// Sources of the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<Citation>,
    /// What only the provider understands and must get back unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderData>,
}

/// A source that a model named for its answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// Its address.
    pub url: Arc<str>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Arc<str>>,
}

/// Opaque data of one provider: signatures, encrypted reasoning, response ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderData {
    /// The dialect that wrote the data and can read it. Others leave it out.
    pub dialect: Arc<str>,
    /// The data, verbatim.
    pub data: Value,
}

impl Content {
    /// Content that is only text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            rich: None,
        }
    }

    /// The media, if there is any.
    pub fn media(&self) -> &[Media] {
        self.rich.as_deref().map_or(&[], |rich| &rich.media)
    }

    /// The reasoning, if there is any.
    pub fn reasoning(&self) -> Option<&Arc<str>> {
        self.rich.as_deref()?.reasoning.as_ref()
    }

    /// The rarer parts, created when missing.
    pub fn rich_mut(&mut self) -> &mut RichContent {
        self.rich.get_or_insert_default()
    }

    fn digest(&self, digest: &mut Digest) {
        digest.text(&self.text);
        if let Some(rich) = &self.rich {
            // Rare enough that its JSON is the simplest thing that can't be forgotten to extend.
            digest.text(&serde_json::to_string(rich).unwrap_or_default());
        }
    }
}

impl Message {
    /// A system message.
    pub fn system(text: impl Into<Arc<str>>) -> Self {
        Self::System(SystemMessage { text: text.into() })
    }

    /// A user message of plain text.
    pub fn user(text: impl Into<Arc<str>>) -> Self {
        Self::User(UserMessage {
            content: Content::text(text),
        })
    }

    /// A model's answer of plain text.
    pub fn assistant(text: impl Into<Arc<str>>) -> Self {
        Self::Assistant(AssistantMessage {
            content: Content::text(text),
            tool_calls: Vec::new(),
        })
    }

    /// The message's text.
    pub fn text(&self) -> &Arc<str> {
        match self {
            Self::System(message) => &message.text,
            Self::User(message) => &message.content.text,
            Self::Assistant(message) => &message.content.text,
            Self::Tool(message) => &message.output.text,
        }
    }

    /// Feeds all that a model would see of the message into `digest`.
    pub fn digest(&self, digest: &mut Digest) {
        match self {
            Self::System(message) => {
                digest.number(1);
                digest.text(&message.text);
            }
            Self::User(message) => {
                digest.number(2);
                message.content.digest(digest);
            }
            Self::Assistant(message) => {
                digest.number(3);
                message.content.digest(digest);
                for call in &message.tool_calls {
                    digest.text(&call.id);
                    digest.text(&call.name);
                    digest.text(&call.arguments);
                }
            }
            Self::Tool(message) => {
                digest.number(4);
                digest.text(&message.call_id);
                digest.text(&message.output.text);
                digest.number(u64::from(message.is_error));
                for media in message.output.media() {
                    digest.text(&serde_json::to_string(media).unwrap_or_default());
                }
            }
        }
    }
}
