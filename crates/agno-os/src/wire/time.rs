//! Points in time: epoch seconds in runs, ISO-8601 elsewhere.

use agno_core::Timestamp;
use chrono::{DateTime, SecondsFormat, Utc};

/// `2026-11-20T11:47:31Z`
pub(crate) fn iso_seconds(time: Timestamp) -> String {
    date_time(time).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `2026-11-20T11:47:31.142275Z`
pub(crate) fn iso_micros(time: Timestamp) -> String {
    date_time(time).to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// `2026-11-20T11:47:31.142275+00:00`
pub(crate) fn iso_offset(time: Timestamp) -> String {
    date_time(time).to_rfc3339_opts(SecondsFormat::Micros, false)
}

fn date_time(time: Timestamp) -> DateTime<Utc> {
    i64::try_from(time.0)
        .ok()
        .and_then(DateTime::from_timestamp_micros)
        .unwrap_or_default()
}

/// The time now.
pub(crate) fn now() -> Timestamp {
    let micros = Utc::now().timestamp_micros();
    Timestamp(u64::try_from(micros).unwrap_or_default())
}

/// Seconds with their fraction.
pub(crate) fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_the_one_that_clients_parse() {
        let time = Timestamp(1_795_175_681_612_370);
        assert_eq!(iso_seconds(time), "2026-11-20T11:54:41Z");
        assert_eq!(iso_micros(time), "2026-11-20T11:54:41.612370Z");
        assert_eq!(iso_offset(time), "2026-11-20T11:54:41.612370+00:00");
    }
}
