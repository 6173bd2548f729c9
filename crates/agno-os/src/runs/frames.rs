//! The frames of a run, as they go to observers.

use agno_core::Event;
use bytes::BytesMut;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::wire::event::EventEncoder;

/// Frames one after another, and where each ends.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    bytes: BytesMut,
    ends: Vec<usize>,
}

/// What separates frames. It is never part of one: JSON escapes line breaks.
const SEPARATOR: &[u8] = b"\n\n";

impl Frames {
    /// Adds the frames of an event.
    pub(crate) fn push(
        &mut self,
        encoder: &mut EventEncoder,
        event: &Event,
        state: impl FnOnce() -> Map<String, Value>,
    ) {
        let mut position = self.bytes.len();
        encoder.encode(event, state, &mut self.bytes);
        while let Some(length) = self
            .bytes
            .get(position..)
            .and_then(|rest| rest.windows(2).position(|pair| pair == SEPARATOR))
        {
            position += length + SEPARATOR.len();
            self.ends.push(position);
        }
    }

    /// How many frames there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The frames from number `from` on.
    pub(crate) fn after(&self, from: usize) -> &[u8] {
        let start = match from.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).copied().unwrap_or(self.bytes.len()),
        };
        self.bytes.get(start..).unwrap_or_default()
    }

    /// Forgets all frames.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// The data of all frames but the pieces of the answer, as a JSON array.
    pub(crate) fn to_json(&self) -> Option<Box<RawValue>> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let data: Vec<&str> = text
            .split("\n\n")
            .filter(|frame| !frame.starts_with("event: RunContent\n"))
            .filter_map(|frame| frame.split_once("\ndata: "))
            .map(|(_, data)| data)
            .collect();
        RawValue::from_string(format!("[{}]", data.join(","))).ok()
    }
}
