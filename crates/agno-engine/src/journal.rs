//! Records as the text that a database keeps.

use crate::Record;

/// Writes records for one row of a journal.
///
/// # Errors
/// If a record holds something that JSON can't express, such as a number that is not finite.
pub fn encode(records: &[Record]) -> serde_json::Result<String> {
    serde_json::to_string(records)
}

/// Reads the records of one row of a journal.
///
/// # Errors
/// If the text is not what [`encode`] writes.
pub fn decode(text: &str) -> serde_json::Result<Vec<Record>> {
    serde_json::from_str(text)
}
