//! Sessions and runs in a database: one small row each, and one journal a run.

mod fork;
mod persist;
mod runs;
mod sessions;

pub(crate) use persist::{Persist, RunRow, persist};
pub use runs::{RunStore, StoredRun};
pub use sessions::{NewSession, Session, SessionFilter, SessionStore, SessionUsage};

use agno_core::db::{AttributeSpec, Collection};

const fn indexed(name: &'static str) -> AttributeSpec {
    AttributeSpec {
        name,
        indexed: true,
    }
}

const fn plain(name: &'static str) -> AttributeSpec {
    AttributeSpec {
        name,
        indexed: false,
    }
}

/// Conversations. The body holds name, state and metadata; runs are kept apart.
pub static SESSIONS: Collection = Collection {
    name: "sessions",
    attributes: &[
        plain("session_type"),
        plain("component_id"),
        indexed("user_id"),
        plain("session_name"),
    ],
};

/// Runs, one row each. What happened is in the run's journal.
pub static RUNS: Collection = Collection {
    name: "runs",
    attributes: &[
        indexed("session_id"),
        plain("user_id"),
        plain("component_id"),
        plain("status"),
        plain("parent_run_id"),
        plain("background"),
        plain("model"),
        plain("provider"),
        plain("input_tokens"),
        plain("output_tokens"),
        plain("total_tokens"),
        plain("cache_read_tokens"),
        plain("cache_write_tokens"),
        plain("reasoning_tokens"),
        // Set while a run is under way only: the index stays as small as the number of such runs.
        indexed("under_way"),
    ],
};
