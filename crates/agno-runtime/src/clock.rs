//! The clock of drivers.

use std::time::{SystemTime, UNIX_EPOCH};

use agno_core::Timestamp;

/// The time now, by the system's clock.
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
}
