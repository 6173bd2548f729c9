//! What of a reply must go back unchanged, in a [`ProviderData`].

use agno_core::ProviderData;
use serde_json::{Map, Value};

use super::dialect::Dialect;

/// Marks data that comes from a request in OpenAI's shape and belongs to no server in particular.
pub(super) const ANY_DIALECT: &str = "openai_chat";

const REASONING_FIELD: &str = "reasoning_field";
const REASONING_DETAILS: &str = "reasoning_details";
const AUDIO_ID: &str = "audio_id";

/// A view of the data.
#[derive(Clone, Copy)]
pub(super) struct ReplyData<'d>(&'d Value);

impl<'d> ReplyData<'d> {
    /// The data, if it comes from this dialect.
    pub(super) fn of(data: &'d ProviderData, dialect: &Dialect) -> Option<Self> {
        (*data.dialect == *dialect.name || *data.dialect == *ANY_DIALECT)
            .then_some(Self(&data.data))
    }

    /// Whether the caller wrote it into the request, instead of a server into a reply.
    pub(super) fn is_of_caller(self, data: &ProviderData) -> bool {
        *data.dialect == *ANY_DIALECT
    }

    /// The field that the reasoning came in.
    pub(super) fn reasoning_field(self) -> Option<&'d str> {
        self.0.get(REASONING_FIELD)?.as_str()
    }

    /// Blocks of reasoning, some with signatures, as OpenRouter sends them.
    pub(super) fn reasoning_details(self) -> Option<&'d Value> {
        self.0.get(REASONING_DETAILS)
    }

    /// The id under which the server keeps the audio of its answer.
    pub(super) fn audio_id(self) -> Option<&'d str> {
        self.0.get(AUDIO_ID)?.as_str()
    }
}

/// The data while it is gathered.
#[derive(Debug, Default)]
pub(super) struct ReplyDataBuilder {
    pub(super) reasoning_field: Option<&'static str>,
    pub(super) reasoning_details: Vec<Value>,
    pub(super) audio_id: Option<String>,
}

impl ReplyDataBuilder {
    pub(super) fn build(self, dialect: &str) -> Option<ProviderData> {
        let mut data = Map::new();
        if let Some(field) = self.reasoning_field {
            data.insert(REASONING_FIELD.to_owned(), field.into());
        }
        if !self.reasoning_details.is_empty() {
            data.insert(REASONING_DETAILS.to_owned(), self.reasoning_details.into());
        }
        if let Some(id) = self.audio_id {
            data.insert(AUDIO_ID.to_owned(), id.into());
        }
        (!data.is_empty()).then(|| ProviderData {
            dialect: dialect.into(),
            data: data.into(),
        })
    }
}

/// Merges fragments of reasoning blocks: those with the same index are one block, whose texts are
/// joined and whose other members are taken from the latest that has them.
pub(super) fn merge_details(blocks: &mut Vec<Value>, fragment: Value) {
    let index = fragment.get("index").and_then(Value::as_u64);
    let same = |block: &&mut Value| {
        index.is_some()
            && block.get("index").and_then(Value::as_u64) == index
            && block.get("type") == fragment.get("type")
    };
    let Some(block) = blocks.iter_mut().rev().find(same) else {
        blocks.push(fragment);
        return;
    };
    let (Value::Object(block), Value::Object(fragment)) = (block, fragment) else {
        return;
    };
    for (key, value) in fragment {
        match (block.get_mut(&key), value) {
            (Some(Value::String(text)), Value::String(more))
                if matches!(key.as_str(), "text" | "summary" | "data") =>
            {
                text.push_str(&more);
            }
            (Some(_), Value::Null) => {}
            (_, value) => {
                block.insert(key, value);
            }
        }
    }
}
