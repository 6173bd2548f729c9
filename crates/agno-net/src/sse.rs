//! Server-sent events out of a stream of bytes.
//!
//! Events are handed out as slices of what was received: a piece that holds whole events is never
//! copied, only what a boundary cuts in two is kept. Values stay bytes, because the JSON parser
//! that comes next checks its strings anyway. The fields `id` and `retry` serve reconnecting, which
//! no model API offers; they are skipped like comments and unknown fields, as the standard says.

use bytes::Bytes;
use memchr::memchr2;

/// The most bytes one event may have, unless told otherwise: room for an image in base64.
const DEFAULT_LIMIT: usize = 32 * 1024 * 1024;

/// An incremental decoder: [`push`](Self::push) what has come, then take events with
/// [`next_event`](Self::next_event) until there is none, and at the end of the body the rest with
/// [`end`](Self::end).
#[derive(Debug)]
pub struct SseDecoder {
    source: Source,
    /// Where the current event begins.
    event_start: usize,
    /// Where the next line begins.
    line_start: usize,
    /// Up to here no line end was found.
    scanned: usize,
    /// The last line ended in `\r`: a `\n` right behind it belongs to it.
    skip_line_feed: bool,
    at_start: bool,
    fields: Fields,
    /// The data of the event that was handed out last, if it had several lines.
    joined: Vec<u8>,
    limit: usize,
}

/// Where the bytes are that are not yet used up.
#[derive(Debug)]
enum Source {
    /// The piece that came last.
    Piece(Bytes),
    /// The rest of earlier pieces and the last one.
    Carried(Vec<u8>),
}

/// What is known of the current event. Ranges count from its beginning.
#[derive(Debug, Default)]
struct Fields {
    name: Option<(usize, usize)>,
    data: Option<(usize, usize)>,
    /// All data lines, once there is more than one.
    joined: Option<Vec<u8>>,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// Its name; empty if it has none.
    pub name: &'a [u8],
    /// Its data, lines joined by `\n`.
    pub data: &'a [u8],
}

/// A stream that is no stream of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SseError {
    /// An event does not end.
    #[error("an event of the stream is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

impl Default for SseDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl SseDecoder {
    /// A decoder at the beginning of a stream, for events of up to 32 MiB.
    pub fn new() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }

    /// A decoder for events of up to `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            source: Source::Piece(Bytes::new()),
            event_start: 0,
            line_start: 0,
            scanned: 0,
            skip_line_feed: false,
            at_start: true,
            fields: Fields::default(),
            joined: Vec::new(),
            limit,
        }
    }

    /// Adds what has been received. Events of earlier pieces must have been taken.
    pub fn push(&mut self, piece: Bytes) {
        match &mut self.source {
            Source::Carried(carried) if self.event_start < carried.len() => {
                // Moving the rest to the front is worth it once more is used up than left.
                let moved = if self.event_start > carried.len() / 2 {
                    carried.drain(..self.event_start);
                    self.event_start
                } else {
                    0
                };
                carried.extend_from_slice(&piece);
                self.shift(moved);
            }
            Source::Piece(last) if self.event_start < last.len() => {
                let rest = last.split_off(self.event_start);
                let mut carried = Vec::with_capacity(2 * (rest.len() + piece.len()));
                carried.extend_from_slice(&rest);
                carried.extend_from_slice(&piece);
                self.source = Source::Carried(carried);
                self.shift(self.event_start);
            }
            _ => {
                self.source = Source::Piece(piece);
                self.shift(self.event_start);
            }
        }
    }

    fn shift(&mut self, moved: usize) {
        self.event_start = self.event_start.saturating_sub(moved);
        self.line_start = self.line_start.saturating_sub(moved);
        self.scanned = self.scanned.saturating_sub(moved);
    }

    /// The next whole event of what has been received.
    ///
    /// # Errors
    /// If an event is larger than the limit.
    pub fn next_event(&mut self) -> Option<Result<SseEvent<'_>, SseError>> {
        // The loop only finds the event's place; it is borrowed once it is known to be there.
        let (start, fields) = loop {
            let (line_end, next) = self.find_line()?;
            if line_end == self.line_start {
                let start = std::mem::replace(&mut self.event_start, next);
                self.line_start = next;
                let fields = std::mem::take(&mut self.fields);
                if fields.data.is_some() {
                    break (start, fields);
                }
            } else {
                self.read_line(line_end);
                self.line_start = next;
                if next - self.event_start > self.limit {
                    return Some(Err(SseError::TooLarge { limit: self.limit }));
                }
            }
        };
        Some(Ok(self.event(start, fields)))
    }

    /// What is left at the end of the body: an event without the blank line that should end it.
    pub fn end(&mut self) -> Option<SseEvent<'_>> {
        let length = self.source.bytes().len();
        if self.line_start < length {
            self.read_line(length);
        }
        let start = std::mem::replace(&mut self.event_start, length);
        self.line_start = length;
        self.scanned = length;
        let fields = std::mem::take(&mut self.fields);
        fields.data.is_some().then(|| self.event(start, fields))
    }

    /// Where the current line ends and the next one begins.
    fn find_line(&mut self) -> Option<(usize, usize)> {
        self.skip_prefix()?;
        let bytes = self.source.bytes();
        let from = self.scanned.max(self.line_start);
        let unscanned = bytes.get(from..).unwrap_or(&[]);
        let Some(found) = memchr2(b'\n', b'\r', unscanned) else {
            self.scanned = bytes.len();
            if bytes.len() - self.event_start > self.limit {
                // Reported by treating what there is as a line; the check there refuses it.
                return Some((bytes.len(), bytes.len()));
            }
            return None;
        };
        let end = from + found;
        self.skip_line_feed = bytes.get(end) == Some(&b'\r');
        self.scanned = end + 1;
        Some((end, end + 1))
    }

    /// Skips the `\n` of a `\r\n`, and at the very beginning a byte order mark.
    fn skip_prefix(&mut self) -> Option<()> {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        let rest = self.source.bytes().get(self.line_start..).unwrap_or(&[]);
        if self.at_start {
            if rest.len() < MARK.len() && MARK.starts_with(rest) {
                return None;
            }
            if rest.starts_with(MARK) {
                self.line_start += MARK.len();
                self.event_start = self.line_start;
            }
            self.at_start = false;
        } else if self.skip_line_feed {
            match rest.first() {
                None => return None,
                Some(b'\n') => {
                    if self.event_start == self.line_start {
                        self.event_start += 1;
                    }
                    self.line_start += 1;
                }
                Some(_) => {}
            }
            self.skip_line_feed = false;
        }
        Some(())
    }

    fn read_line(&mut self, end: usize) {
        let bytes = self.source.bytes();
        let Some(line) = bytes.get(self.line_start..end) else {
            return;
        };
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let (field, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let range = (end - value.len() - self.event_start, end - self.event_start);
        match field {
            b"data" => match (&mut self.fields.joined, self.fields.data) {
                (_, None) => self.fields.data = Some(range),
                (Some(joined), _) => {
                    joined.push(b'\n');
                    joined.extend_from_slice(value);
                }
                (joined @ None, Some((from, to))) => {
                    let event = bytes.get(self.event_start..).unwrap_or(&[]);
                    let first = event.get(from..to).unwrap_or(&[]);
                    let mut all = Vec::with_capacity(2 * (first.len() + value.len() + 1));
                    all.extend_from_slice(first);
                    all.push(b'\n');
                    all.extend_from_slice(value);
                    *joined = Some(all);
                }
            },
            b"event" => self.fields.name = Some(range),
            _ => {}
        }
    }

    fn event(&mut self, start: usize, fields: Fields) -> SseEvent<'_> {
        let event = self.source.bytes().get(start..).unwrap_or(&[]);
        let slice = |range: Option<(usize, usize)>| {
            range
                .and_then(|(from, to)| event.get(from..to))
                .unwrap_or(&[])
        };
        let data = match fields.joined {
            Some(joined) => {
                self.joined = joined;
                &self.joined
            }
            None => slice(fields.data),
        };
        SseEvent {
            name: slice(fields.name),
            data,
        }
    }
}

impl Source {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Piece(bytes) => bytes,
            Self::Carried(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests;
