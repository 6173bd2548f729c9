//! Writing JSON straight into a buffer. A request is mostly text that is already there; a tree of
//! values in between would copy all of it once more.

use agno_core::{ModelError, ModelErrorKind};
use serde_json::{Map, Value};

/// An object that is being written.
pub(super) struct Object<'b> {
    buffer: &'b mut Vec<u8>,
    first: bool,
}

impl<'b> Object<'b> {
    pub(super) fn begin(buffer: &'b mut Vec<u8>) -> Self {
        buffer.push(b'{');
        Self {
            buffer,
            first: true,
        }
    }

    /// Writes a key, which must need no escapes; the value goes into the buffer that is returned.
    pub(super) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !std::mem::replace(&mut self.first, false) {
            self.buffer.push(b',');
        }
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(key.as_bytes());
        self.buffer.extend_from_slice(b"\":");
        self.buffer
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        text(self.key(key), value);
    }

    /// Writes a value that is JSON already.
    pub(super) fn raw(&mut self, key: &str, json: &str) {
        self.key(key).extend_from_slice(json.as_bytes());
    }

    pub(super) fn object(&mut self, key: &str) -> Object<'_> {
        Object::begin(self.key(key))
    }

    pub(super) fn array(&mut self, key: &str) -> Array<'_> {
        Array::begin(self.key(key))
    }

    pub(super) fn value(&mut self, key: &str, json: &Value) {
        // The alternate form would add white space; the plain one is compact.
        let text = json.to_string();
        self.raw(key, &text);
    }

    pub(super) fn members(&mut self, members: &Map<String, Value>) {
        for (key, json) in members {
            if !std::mem::replace(&mut self.first, false) {
                self.buffer.push(b',');
            }
            text(self.buffer, key);
            self.buffer.push(b':');
            self.buffer.extend_from_slice(json.to_string().as_bytes());
        }
    }

    /// Writes a number, which JSON requires to be finite.
    pub(super) fn float(&mut self, key: &str, number: f64) -> Result<(), ModelError> {
        let Some(number) = serde_json::Number::from_f64(number) else {
            return Err(ModelError::new(
                ModelErrorKind::InvalidRequest,
                format!("`{key}` is {number}: set it to a finite number"),
            ));
        };
        let text = number.to_string();
        self.raw(key, &text);
        Ok(())
    }

    pub(super) fn end(self) {
        self.buffer.push(b'}');
    }
}

/// An array that is being written.
pub(super) struct Array<'b> {
    buffer: &'b mut Vec<u8>,
    first: bool,
}

impl<'b> Array<'b> {
    pub(super) fn begin(buffer: &'b mut Vec<u8>) -> Self {
        buffer.push(b'[');
        Self {
            buffer,
            first: true,
        }
    }

    pub(super) fn item(&mut self) -> &mut Vec<u8> {
        if !std::mem::replace(&mut self.first, false) {
            self.buffer.push(b',');
        }
        self.buffer
    }

    pub(super) fn object(&mut self) -> Object<'_> {
        Object::begin(self.item())
    }

    pub(super) fn end(self) {
        self.buffer.push(b']');
    }
}

/// Writes a string with its quotes.
pub(super) fn text(buffer: &mut Vec<u8>, value: &str) {
    buffer.push(b'"');
    escaped(buffer, value);
    buffer.push(b'"');
}

/// Writes the inside of a string.
pub(super) fn escaped(buffer: &mut Vec<u8>, value: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut rest = value.as_bytes();
    while let Some(position) = rest.iter().position(|byte| needs_escape(*byte)) {
        let (plain, special) = rest.split_at(position);
        buffer.extend_from_slice(plain);
        let Some((byte, after)) = special.split_first() else {
            return;
        };
        match byte {
            b'"' => buffer.extend_from_slice(b"\\\""),
            b'\\' => buffer.extend_from_slice(b"\\\\"),
            b'\n' => buffer.extend_from_slice(b"\\n"),
            b'\r' => buffer.extend_from_slice(b"\\r"),
            b'\t' => buffer.extend_from_slice(b"\\t"),
            control => {
                buffer.extend_from_slice(b"\\u00");
                for nibble in [control >> 4, control & 15] {
                    buffer.extend(HEX.get(usize::from(nibble)));
                }
            }
        }
        rest = after;
    }
    buffer.extend_from_slice(rest);
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::text;

    proptest! {
        #[test]
        fn a_string_reads_back(value in any::<String>()) {
            let mut buffer = Vec::new();
            text(&mut buffer, &value);
            prop_assert_eq!(serde_json::from_slice::<String>(&buffer).unwrap(), value);
        }
    }
}
