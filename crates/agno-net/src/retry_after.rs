//! How long a server asks to wait, in all the ways servers say so.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

/// How long the server asks to wait before the next attempt, if it says so.
///
/// The most exact source wins: `retry-after-ms`, `retry-after` (seconds or a date), the reset of
/// the rate limit that is used up, `retryDelay` in the body, and last a sentence such as `Please
/// retry in 48.9s` in the body. `now` is what a date is compared with.
pub fn retry_after(headers: &HeaderMap, body: &[u8], now: SystemTime) -> Option<Duration> {
    from_retry_after(headers, now)
        .or_else(|| from_rate_limit(headers, now))
        .or_else(|| from_body(body))
}

fn from_retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let milliseconds = text(headers, "retry-after-ms")
        .and_then(|value| value.parse::<f64>().ok())
        .and_then(|value| seconds(value / 1000.0));
    // Azure sends `retry-after-ms: 0` beside a whole second that it does mean.
    if let Some(exact) = milliseconds.filter(|exact| !exact.is_zero()) {
        return Some(exact);
    }
    let value = match text(headers, "retry-after") {
        Some(value) => value,
        None => return milliseconds,
    };
    match value.parse::<f64>() {
        Ok(number) => seconds(number),
        Err(_) => httpdate::parse_http_date(value)
            .ok()
            .map(|date| date.duration_since(now).unwrap_or_default()),
    }
}

/// The latest reset among the limits that are used up; among all if none says that it is.
fn from_rate_limit(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let mut used_up = None;
    let mut any = None;
    for (name, value) in headers {
        let Some(limit) = name
            .as_str()
            .strip_prefix("x-ratelimit-reset")
            .filter(|limit| limit.is_empty() || limit.starts_with('-'))
        else {
            continue;
        };
        let Some(reset) = value.to_str().ok().and_then(|value| reset(value, now)) else {
            continue;
        };
        any = any.max(Some(reset));
        let remaining = text(headers, &format!("x-ratelimit-remaining{limit}"));
        if remaining.and_then(|value| value.parse::<f64>().ok()) == Some(0.0) {
            used_up = used_up.max(Some(reset));
        }
    }
    used_up.or(any)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// A duration such as `6m0s`, a number of seconds, or a point in time in seconds or milliseconds.
fn reset(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let Ok(number) = value.parse::<f64>() else {
        return duration(value);
    };
    // No limit resets in more than three years, and no clock shows less than thirty.
    const POINT_IN_TIME: f64 = 1e9;
    const POINT_IN_MILLISECONDS: f64 = 1e12;
    if number < POINT_IN_TIME {
        return seconds(number);
    }
    let since_epoch = if number < POINT_IN_MILLISECONDS {
        seconds(number)?
    } else {
        seconds(number / 1000.0)?
    };
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(since_epoch.saturating_sub(now))
}

fn from_body(body: &[u8]) -> Option<Duration> {
    // Only error bodies come here, and only their beginning can matter.
    const LOOKED_AT: usize = 64 * 1024;
    let body = String::from_utf8_lossy(body.get(..LOOKED_AT).unwrap_or(body));
    let after = |mark: &str| body.split_once(mark).map(|(_, after)| after);
    after("\"retryDelay\"")
        .map(|rest| rest.trim_start_matches([' ', '\n', '\r', '\t', ':', '"']))
        .and_then(leading_duration)
        .or_else(|| {
            ["retry in ", "try again in ", "retry after "]
                .into_iter()
                .filter_map(after)
                .find_map(leading_duration)
        })
}

/// The duration at the beginning of a text, such as `48.9s` or `2 seconds`.
fn leading_duration(text: &str) -> Option<Duration> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | 'µ')))
        .unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    let word = word.trim_end_matches('.');
    duration(word).or_else(|| {
        let number = word.parse::<f64>().ok()?;
        let rest = rest.strip_prefix(' ')?;
        let unit = [
            ("second", 1.0),
            ("sec", 1.0),
            ("ms", 0.001),
            ("millisecond", 0.001),
            ("minute", 60.0),
            ("min", 60.0),
            ("s", 1.0),
        ];
        let (_, factor) = unit.iter().find(|(unit, _)| rest.starts_with(unit))?;
        seconds(number * factor)
    })
}

/// A duration as Go writes it: numbers with units, such as `1h2m3.5s` or `20ms`.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(digits)?;
        let units = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(units)?;
        let factor = match unit {
            "d" => 86_400.0,
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * factor;
        rest = after;
    }
    if text.is_empty() {
        None
    } else {
        seconds(total)
    }
}

fn seconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use http::{HeaderMap, HeaderName};

    use super::retry_after;

    fn check(headers: &[(&str, &str)], body: &str, expected_ms: Option<u64>) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let found = retry_after(&headers, body.as_bytes(), now);
        assert_eq!(
            found.map(|found| found.as_micros().div_ceil(1000)),
            expected_ms.map(u128::from),
            "{headers:?} {body}"
        );
    }

    #[test]
    fn the_header_is_seconds_milliseconds_or_a_date() {
        check(&[("retry-after", "7")], "", Some(7_000));
        check(&[("retry-after", "0.5")], "", Some(500));
        check(
            &[("retry-after-ms", "250"), ("retry-after", "1")],
            "",
            Some(250),
        );
        check(
            &[("retry-after-ms", "0"), ("retry-after", "1")],
            "",
            Some(1_000),
        );
        check(&[("retry-after-ms", "0")], "", Some(0));
        check(
            &[("retry-after", "Tue, 14 Nov 2023 22:13:50 GMT")],
            "",
            Some(30_000),
        );
        check(
            &[("retry-after", "Tue, 14 Nov 2000 22:13:50 GMT")],
            "",
            Some(0),
        );
        check(&[("retry-after", "soon")], "", None);
        check(&[("retry-after", "-1")], "", None);
        check(&[("retry-after", "1e300")], "", None);
    }

    #[test]
    fn the_limit_that_is_used_up_counts() {
        check(
            &[
                ("x-ratelimit-reset-requests", "20ms"),
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-tokens", "6m0s"),
                ("x-ratelimit-remaining-tokens", "100"),
            ],
            "",
            Some(20),
        );
        check(
            &[("x-ratelimit-reset-tokens", "1h2m3.5s")],
            "",
            Some(3_723_500),
        );
        check(&[("x-ratelimit-reset", "12")], "", Some(12_000));
        check(&[("x-ratelimit-reset", "1700000005")], "", Some(5_000));
        check(&[("x-ratelimit-reset", "1700000005000")], "", Some(5_000));
        check(&[("x-ratelimit-limit-requests", "5")], "", None);
    }

    #[test]
    fn the_body_may_say_it() {
        check(
            &[],
            r#"{"details":[{"retryDelay": "48.9s"}]}"#,
            Some(48_900),
        );
        check(&[], "Quota exceeded. Please retry in 48.9s.", Some(48_900));
        check(
            &[],
            "Rate limit reached. Please try again in 6m0s.",
            Some(360_000),
        );
        check(&[], "Please try again in 20ms.", Some(20));
        check(&[], "Please retry after 3 seconds.", Some(3_000));
        check(&[], "please try again in a moment", None);
        check(&[], "", None);
    }
}
