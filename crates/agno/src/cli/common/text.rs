//! Calls, durations and counts as people read them.

use agno::{Timestamp, ToolExecution};
use serde_json::Value;

/// How much of a value is shown in one line, in characters.
const SHOWN: usize = 60;

/// `weather(city: "Paris")`.
pub(crate) fn call(execution: &ToolExecution) -> String {
    call_of(&execution.call.name, &execution.call.arguments)
}

/// A call by its name and the arguments that the model wrote.
pub(crate) fn call_of(name: &str, arguments: &str) -> String {
    let arguments = match serde_json::from_str(arguments) {
        Ok(Value::Object(members)) => {
            let members = members
                .iter()
                .map(|(key, value)| format!("{key}: {}", shortened(&value.to_string())));
            members.collect::<Vec<_>>().join(", ")
        }
        _ => shortened(arguments),
    };
    format!("{name}({arguments})")
}

/// The text in one line, cut where it is too long to be read at a glance.
pub(crate) fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN {
        return line;
    }
    let mut short: String = line.chars().take(SHOWN - 1).collect();
    short.push('…');
    short
}

/// `12 ms`, `1.4 s`, `2 min 5 s`.
pub(crate) fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..60_000_000 => {
            format!("{}.{} s", micros / 1_000_000, micros / 100_000 % 10)
        }
        _ => {
            let seconds = micros / 1_000_000;
            format!("{} min {} s", seconds / 60, seconds % 60)
        }
    }
}

/// `1 tool`, `3 tools`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// How long ago something was: `3 min ago`.
pub(crate) fn ago(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.micros_since(time) / 1_000_000;
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// The time now.
pub(crate) fn now() -> Timestamp {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = elapsed.unwrap_or_default().as_micros();
    Timestamp(u64::try_from(micros).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{call_of, duration, shortened};

    #[test]
    fn calls_are_shown_as_code() {
        assert_eq!(
            call_of("weather", r#"{"city":"Paris","days":2}"#),
            r#"weather(city: "Paris", days: 2)"#
        );
        assert_eq!(call_of("broken", "{\"city"), "broken({\"city)");
        assert_eq!(call_of("none", "{}"), "none()");
    }

    #[test]
    fn durations_have_two_figures() {
        for (micros, expected) in [
            (7, "7 µs"),
            (12_345, "12 ms"),
            (1_449_000, "1.4 s"),
            (125_000_000, "2 min 5 s"),
        ] {
            assert_eq!(duration(micros), expected);
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let short = shortened(&"é ".repeat(100));
        assert_eq!(short.chars().count(), 60);
        assert!(short.ends_with('…'));
    }
}
