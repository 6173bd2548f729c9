//! The clock, which models don't have.

use std::sync::Arc;

use agno_core::{Tool, nearest};
use chrono::{DateTime, FixedOffset, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use schemars::JsonSchema;
use serde::Deserialize;

use super::pure::pure;

/// Where the time is wanted.
#[derive(Deserialize, JsonSchema)]
struct Place {
    /// A zone such as `Europe/Paris`, or an offset such as `+02:00`. UTC if left out.
    timezone: Option<String>,
}

pub(super) fn tools() -> Vec<Arc<dyn Tool>> {
    vec![pure(
        "current_time",
        "The date and the time of day now.",
        |place: Place| show(Utc::now(), place.timezone.as_deref()),
    )]
}

fn show(now: DateTime<Utc>, zone: Option<&str>) -> Result<String, String> {
    let zone = zone.map_or("UTC", str::trim);
    if matches!(zone, "" | "Z" | "z") || zone.eq_ignore_ascii_case("utc") {
        return Ok(in_zone(now, &Utc, "UTC"));
    }
    if let Some(offset) = offset(zone) {
        return Ok(in_zone(now, &offset, &format!("UTC{offset}")));
    }
    match zone.parse::<Tz>() {
        Ok(named) => Ok(in_zone(now, &named, zone)),
        Err(_) => {
            let hint = match nearest(zone, TZ_VARIANTS.iter().map(|known| known.name())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "use a name such as `Europe/Paris`, or an offset such as `+02:00`".into(),
            };
            Err(format!("there is no time zone `{zone}`: {hint}"))
        }
    }
}

fn in_zone<Z: TimeZone>(now: DateTime<Utc>, zone: &Z, name: &str) -> String {
    let local = now.with_timezone(zone);
    let offset = local.offset().fix();
    let local = local.naive_local();
    let shown = local.format("%A, %Y-%m-%d %H:%M:%S");
    if name.starts_with("UTC") {
        format!("{shown} ({name})")
    } else {
        format!("{shown} ({name}, UTC{offset})")
    }
}

/// `+02:00`, `-0530` or `+2`.
fn offset(text: &str) -> Option<FixedOffset> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits: String = text
        .chars()
        .skip(1)
        .filter(|letter| *letter != ':')
        .collect();
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() > 2 {
        (number / 100, number % 100)
    } else {
        (number, 0)
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::show;
    use chrono::DateTime;

    #[test]
    fn the_time_is_told_where_it_is_asked_for() {
        let now = DateTime::from_timestamp(1_795_175_680, 0).unwrap();
        for (zone, expected) in [
            (None, "Friday, 2026-11-20 11:54:40 (UTC)"),
            (Some("+02:00"), "Friday, 2026-11-20 13:54:40 (UTC+02:00)"),
            (Some("-0930"), "Friday, 2026-11-20 02:24:40 (UTC-09:30)"),
            (
                Some("Asia/Tokyo"),
                "Friday, 2026-11-20 20:54:40 (Asia/Tokyo, UTC+09:00)",
            ),
        ] {
            assert_eq!(show(now, zone).unwrap(), expected);
        }
        for (zone, hint) in [
            ("Europe/Pariss", "did you mean `Europe/Paris`?"),
            ("+25", "use a name such as"),
            ("Mars", "use a name such as"),
        ] {
            let error = show(now, Some(zone)).unwrap_err();
            assert!(error.contains(hint), "{error}");
        }
    }
}
