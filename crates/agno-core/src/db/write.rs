//! Changing records and journals.

use std::sync::Arc;

use super::{Attribute, Collection, Condition};
use crate::{RunId, Timestamp};

/// One write of a batch.
#[derive(Clone, Debug)]
pub enum Write {
    /// Creates or replaces a record. `created` and `sequence` of an existing one stay.
    Put {
        /// Where.
        collection: &'static Collection,
        /// The record's key.
        key: Arc<str>,
        /// All its attributes, in the collection's order.
        attributes: Vec<Attribute>,
        /// Its body, JSON.
        body: Arc<str>,
        /// When.
        time: Timestamp,
        /// What must be there before.
        expect: Expect,
    },
    /// Sets the time of a record's last change and nothing else. No error if it is missing.
    Touch {
        /// Where.
        collection: &'static Collection,
        /// The record's key.
        key: Arc<str>,
        /// When.
        time: Timestamp,
    },
    /// Deletes the records that match all conditions, of which there must be one at least.
    Delete {
        /// Where.
        collection: &'static Collection,
        /// Which.
        conditions: Vec<Condition>,
    },
    /// Appends to the journal of a run, which must have exactly `sequence` entries so far.
    Append {
        /// The run.
        run: RunId,
        /// How many entries the journal has.
        sequence: u32,
        /// How many entries `body` holds.
        entries: u32,
        /// The entries, as the engine wrote them.
        body: Arc<str>,
    },
    /// Deletes the journal of a run.
    DeleteJournal {
        /// The run.
        run: RunId,
    },
}

/// What must be there before a [`Write::Put`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Anything or nothing.
    Anything,
    /// No record of that key.
    Absent,
    /// The record in this version.
    Version(u64),
}
