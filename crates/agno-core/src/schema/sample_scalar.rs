//! Sample numbers and texts.

use serde_json::{Map, Value};

use super::number::{float, integer, is_multiple};

/// The longest text a sample gets, whatever the schema asks for.
const LONGEST: usize = 10_000;

/// How many whole numbers are tried when only some are multiples of a fraction.
const TRIES: i128 = 1_000;

/// The `nth` sample text.
pub(super) fn text(keywords: &Map<String, Value>, nth: usize) -> Value {
    let number_of = |keyword| keywords.get(keyword).and_then(super::limit);
    let least = number_of("minLength").unwrap_or(0);
    let most = number_of("maxLength").unwrap_or(usize::MAX);
    if nth == 0
        && let Some(Value::String(format)) = keywords.get("format")
        && let Some(example) = example(format)
        && (least..=most).contains(&example.len())
    {
        return Value::String(example.to_owned());
    }
    // Blank text is refused by many tools, so one letter is the least where it is allowed. Later
    // samples count in letters: a, b, …, z, aa, ba, …
    let mut letters = Vec::new();
    let mut rest = nth;
    loop {
        letters.push(char::from(b'a' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
        if rest == 0 {
            break;
        }
        rest -= 1;
    }
    let length = letters.len().max(least).min(most).min(LONGEST);
    letters.resize(length, 'a');
    Value::String(letters.into_iter().collect())
}

/// A text of a format that programs parse.
fn example(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "2000-01-01",
        "date-time" => "2000-01-01T00:00:00Z",
        "partial-date-time" => "2000-01-01T00:00:00",
        "time" => "00:00:00Z",
        "partial-time" => "00:00:00",
        "duration" => "PT1S",
        "email" | "idn-email" => "a@example.com",
        "hostname" | "idn-hostname" => "example.com",
        "ipv4" | "ip" => "127.0.0.1",
        "ipv6" => "::1",
        "uri" | "iri" | "uri-reference" | "iri-reference" | "url" => "https://example.com",
        "uuid" => "00000000-0000-0000-0000-000000000000",
        _ => return None,
    })
}

/// The `nth` sample number: whole if there is one within the bounds, nearest to 0 first.
pub(super) fn number(keywords: &Map<String, Value>, nth: usize, whole: bool) -> Value {
    let bounds = Bounds::of(keywords);
    let divisor = keywords.get("multipleOf").and_then(Value::as_number);
    let found = bounds.whole(
        nth,
        |candidate| {
            divisor.is_none_or(|divisor| match integer(divisor) {
                Some(divisor) => divisor <= 0 || candidate % divisor == 0,
                None => json(candidate)
                    .as_number()
                    .is_some_and(|candidate| is_multiple(candidate, divisor)),
            })
        },
        divisor
            .and_then(integer)
            .filter(|step| *step > 0)
            .unwrap_or(1),
    );
    match found {
        Some(found) => json(found),
        None if whole => json(0),
        None => Value::from(bounds.fraction(nth, divisor.map(float))),
    }
}

/// The numbers that are allowed.
struct Bounds {
    lowest: Option<f64>,
    lowest_whole: Option<i128>,
    highest: Option<f64>,
    highest_whole: Option<i128>,
}

impl Bounds {
    fn of(keywords: &Map<String, Value>) -> Self {
        let number_of = |keyword: &str| keywords.get(keyword).and_then(Value::as_number);
        let whole = |keyword: &str, round: fn(f64) -> f64, step: i128| {
            number_of(keyword).map(|bound| match integer(bound) {
                Some(exact) => exact.saturating_add(step),
                None => round(float(bound)) as i128,
            })
        };
        let larger = |a: Option<i128>, b: Option<i128>| a.max(b);
        let smaller = |a: Option<i128>, b: Option<i128>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let floats = |a: &str, b: &str, choose: fn(f64, f64) -> f64| match (
            number_of(a).map(float),
            number_of(b).map(float),
        ) {
            (Some(a), Some(b)) => Some(choose(a, b)),
            (a, b) => a.or(b),
        };
        Self {
            lowest: floats("minimum", "exclusiveMinimum", f64::max),
            lowest_whole: larger(
                whole("minimum", f64::ceil, 0),
                whole("exclusiveMinimum", f64::ceil, 1),
            ),
            highest: floats("maximum", "exclusiveMaximum", f64::min),
            highest_whole: smaller(
                whole("maximum", f64::floor, 0),
                whole("exclusiveMaximum", f64::floor, -1),
            ),
        }
    }

    /// The `nth` whole number within the bounds that is wanted, away from 0.
    fn whole(&self, nth: usize, wanted: impl Fn(i128) -> bool, step: i128) -> Option<i128> {
        let lowest = self.lowest_whole.unwrap_or(i128::from(i64::MIN));
        let highest = self.highest_whole.unwrap_or(i128::from(u64::MAX));
        if lowest > highest {
            return None;
        }
        let start = 0.clamp(lowest, highest);
        // From the start upwards, then downwards, each from the first multiple of the step.
        let to_multiple = 0_i128.saturating_sub(start).rem_euclid(step);
        let up = start.saturating_add(to_multiple);
        let down = start.saturating_sub(start.rem_euclid(step));
        let mut upwards = (0..TRIES).map(|index| up.saturating_add(index.saturating_mul(step)));
        let downwards = (0..TRIES).map(|index| down.saturating_sub(index.saturating_mul(step)));
        let fits = |candidate: &i128| (lowest..=highest).contains(candidate) && wanted(*candidate);
        upwards
            .clone()
            .filter(fits)
            .nth(nth)
            .or_else(|| downwards.filter(fits).nth(nth))
            .or_else(|| upwards.find(fits))
    }

    /// A fraction between the bounds, where there is no whole number between them.
    fn fraction(&self, nth: usize, divisor: Option<f64>) -> f64 {
        let (lowest, highest) = match (self.lowest, self.highest) {
            (Some(lowest), Some(highest)) => (lowest, highest),
            (Some(lowest), None) => (lowest, lowest + 1.0),
            (None, Some(highest)) => (highest - 1.0, highest),
            (None, None) => (0.0, 1.0),
        };
        match divisor {
            Some(divisor) if divisor > 0.0 => {
                let first = (lowest / divisor).ceil() * divisor;
                if first > lowest {
                    first
                } else {
                    first + divisor
                }
            }
            _ => {
                let parts = u32::try_from(nth).unwrap_or(0).saturating_add(2);
                lowest + (highest - lowest) / f64::from(parts)
            }
        }
    }
}

/// A whole number as JSON.
fn json(number: i128) -> Value {
    i64::try_from(number)
        .map(Value::from)
        .or_else(|_| u64::try_from(number).map(Value::from))
        .unwrap_or_else(|_| Value::from(number as f64))
}
