//! Arguments of a tool call as a Rust type.

use serde::de::DeserializeOwned;

use crate::{Schema, ToolError, parse_arguments};

/// Reads the arguments of a call. Empty text and `null` mean no arguments.
///
/// # Errors
/// If they don't fit the type. The message is for the model: what `schema`, the tool's parameters,
/// has to say about them, or what the type itself found wrong and where.
pub fn read_arguments<T: DeserializeOwned>(text: &str, schema: &Schema) -> Result<T, ToolError> {
    let text = match text.trim() {
        "" | "null" => "{}",
        text => text,
    };
    // A struct can be read from a list too, by position; models that send one are confused.
    if text.starts_with('[') {
        return Err(ToolError::invalid_arguments("expected object, got array"));
    }
    serde_json::from_str(text).map_err(|error| explain(text, schema, &error))
}

#[cold]
fn explain(text: &str, schema: &Schema, error: &serde_json::Error) -> ToolError {
    if let Ok(arguments) = parse_arguments(text)
        && let Err(violations) = schema.check(&arguments)
    {
        return ToolError::invalid_arguments(violations);
    }
    let message = error.to_string();
    // The position is of use to no one who has not seen the text as it was sent.
    let message = match message.rfind(" at line ") {
        Some(end) if error.line() > 0 => message.get(..end).unwrap_or(&message),
        _ => &message,
    };
    if error.is_syntax() || error.is_eof() {
        return ToolError::invalid_arguments(format_args!("not JSON: {error}"));
    }
    let path = path_at(text, offset(text, error.line(), error.column()));
    if path.is_empty() {
        ToolError::invalid_arguments(message)
    } else {
        ToolError::invalid_arguments(format_args!("`{path}`: {message}"))
    }
}

/// The byte that a line and a column (both from 1) stand for.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    start + column
}

/// The JSON pointer of the value that ends at or goes on past the given byte of well-formed JSON.
fn path_at(text: &str, end: usize) -> String {
    enum Level {
        Object(Option<String>),
        Array(usize),
    }
    let mut levels: Vec<Level> = Vec::new();
    let mut bytes = text.bytes().enumerate().take(end);
    // A string is a key exactly where an object waits for one.
    while let Some((start, byte)) = bytes.next() {
        match byte {
            b'{' => levels.push(Level::Object(None)),
            b'[' => levels.push(Level::Array(0)),
            b'}' | b']' => {
                levels.pop();
            }
            b',' => match levels.last_mut() {
                Some(Level::Object(key)) => *key = None,
                Some(Level::Array(index)) => *index += 1,
                None => {}
            },
            b'"' => {
                let mut escaped = false;
                let close = bytes.find(|(_, byte)| {
                    let closes = *byte == b'"' && !escaped;
                    escaped = *byte == b'\\' && !escaped;
                    closes
                });
                if let (Some((close, _)), Some(Level::Object(key @ None))) =
                    (close, levels.last_mut())
                {
                    *key = text
                        .get(start..=close)
                        .and_then(|quoted| serde_json::from_str(quoted).ok());
                }
            }
            _ => {}
        }
    }
    let mut path = String::new();
    for level in &levels {
        match level {
            Level::Object(Some(key)) => crate::schema::push_token(&mut path, key),
            Level::Object(None) => {}
            Level::Array(index) => crate::schema::push_token(&mut path, &index.to_string()),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::read_arguments;
    use crate::{Schema, ToolErrorKind};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        #[serde(default)]
        addresses: Vec<std::net::IpAddr>,
        #[serde(default)]
        port: Option<std::num::NonZeroU16>,
    }

    fn message(text: &str) -> String {
        let schema = Schema::new(json!({
            "type": "object",
            "properties": {
                "addresses": { "type": "array", "items": { "type": "string" } },
                "port": { "type": "integer" },
            },
        }));
        match read_arguments::<Arguments>(text, &schema) {
            Ok(arguments) => format!("{:?} {:?}", arguments.addresses, arguments.port),
            Err(error) => {
                assert_eq!(error.kind, ToolErrorKind::InvalidArguments);
                error.to_string()
            }
        }
    }

    #[test]
    fn no_text_is_no_arguments() {
        for text in ["", " ", "null", "{}"] {
            assert_eq!(message(text), "[] None");
        }
    }

    #[test]
    fn the_schema_explains_what_it_knows() {
        assert_eq!(
            message(r#"{"port": "80"}"#),
            "`/port`: expected integer, got string"
        );
    }

    #[test]
    fn the_place_of_other_errors_is_named() {
        assert_eq!(
            message("{\n \"addresses\": [\"::1\", \"a,\\\"]{\"],\n \"port\": 1 }"),
            "`/addresses/1`: invalid IP address syntax"
        );
        assert_eq!(
            message(r#"{"port": 0}"#),
            "`/port`: invalid value: integer `0`, expected a nonzero u16"
        );
        assert_eq!(
            message(r#"{"prot": 1}"#),
            "`/prot`: unknown field `prot`, expected `addresses` or `port`"
        );
    }

    #[test]
    fn broken_json_is_called_that() {
        assert!(message(r#"{"port": 1"#).starts_with("not JSON: EOF while parsing"));
    }
}
