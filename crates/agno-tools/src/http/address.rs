//! The address of a call: whatever arguments say, the host and the shape of the path stay.

use agno_core::ToolError;
use serde_json::{Map, Value};
use url::{Origin, Url};

use super::HttpToolErrorKind;
use super::secrets::Secrets;
use super::template::{Part, Template, present, push_plain};

/// An address with places for arguments.
pub(super) struct Address {
    pieces: Vec<Piece>,
    origin: Origin,
    /// How many segments the path has.
    segments: usize,
    /// Whether it has a query already.
    has_query: bool,
    /// What may be shown of it.
    pub(super) shown: String,
}

enum Piece {
    /// Encoded already.
    Text(String),
    Argument {
        name: String,
        in_query: bool,
    },
}

impl Address {
    pub(super) fn new(
        template: Template,
        secrets: &mut Secrets,
    ) -> Result<Self, HttpToolErrorKind> {
        let mut pieces = Vec::new();
        // The address so far, with a letter for each argument.
        let mut example = String::new();
        let mut shown = String::new();
        for part in template.parts {
            let in_path = has_authority(&example);
            match part {
                Part::Text(text) => {
                    example.push_str(&text);
                    shown.push_str(&text);
                    pieces.push(Piece::Text(text));
                }
                Part::Variable(value) if in_path => {
                    secrets.add(&value);
                    let value = percent_encoded(&value);
                    example.push_str(&value);
                    shown.push_str("[redacted]");
                    pieces.push(Piece::Text(value));
                }
                // A variable that names the server is no secret: answers may well mention it.
                Part::Variable(value) => {
                    example.push_str(&value);
                    shown.push_str(&value);
                    pieces.push(Piece::Text(value));
                }
                Part::Argument(name) if in_path => {
                    let in_query = example.contains('?');
                    example.push('x');
                    shown.push_str(&format!("{{{name}}}"));
                    pieces.push(Piece::Argument { name, in_query });
                }
                Part::Argument(name) => return Err(HttpToolErrorKind::PlaceholderInHost { name }),
            }
        }
        let url = parse(&example)?;
        let shown = shown.split('?').next().unwrap_or_default().to_owned();
        Ok(Self {
            pieces,
            origin: url.origin(),
            segments: segments(&url),
            has_query: url.query().is_some(),
            shown,
        })
    }

    /// The address for these arguments, with further parameters for the query.
    pub(super) fn fill(
        &self,
        arguments: &Map<String, Value>,
        query: &[(&str, String)],
    ) -> Result<String, ToolError> {
        let mut address = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => address.push_str(text),
                Piece::Argument { name, in_query } => {
                    let mut plain = String::new();
                    if let Some(value) = present(arguments, name) {
                        push_plain(&mut plain, value);
                    }
                    if plain.is_empty() && !in_query {
                        return Err(ToolError::invalid_arguments(format_args!(
                            "`/{name}`: must not be empty, it is part of an address"
                        )));
                    }
                    push_encoded(&mut address, &plain);
                }
            }
        }
        for (index, (name, value)) in query.iter().enumerate() {
            address.push(if index == 0 && !self.has_query {
                '?'
            } else {
                '&'
            });
            push_encoded(&mut address, name);
            address.push('=');
            push_encoded(&mut address, value);
        }
        self.check(&address)?;
        Ok(address)
    }

    /// Names that mean "here" and "one up" are the only ones that change a path when they are
    /// encoded: they are taken out of it, with what stands before them.
    fn check(&self, address: &str) -> Result<(), ToolError> {
        let keeps_shape = Url::parse(address)
            .is_ok_and(|url| url.origin() == self.origin && segments(&url) == self.segments);
        if keeps_shape {
            return Ok(());
        }
        Err(ToolError::invalid_arguments(
            "an argument that is part of an address must not be `.` or `..`",
        ))
    }
}

/// Whether the host is complete: a path, or a query, has begun.
fn has_authority(address: &str) -> bool {
    address
        .split_once("://")
        .is_some_and(|(_, rest)| rest.contains(['/', '?', '#']))
}

fn parse(address: &str) -> Result<Url, HttpToolErrorKind> {
    let invalid = |reason| HttpToolErrorKind::InvalidUrl { reason };
    let url = Url::parse(address)
        .map_err(|_| invalid("write `https://`, the host, and the path".to_owned()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid(format!("`{}` is not http or https", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "put the name and the password into an `authorization` header".to_owned(),
        ));
    }
    if url.fragment().is_some() {
        return Err(invalid(
            "what follows `#` is never sent: leave it out".to_owned(),
        ));
    }
    Ok(url)
}

fn segments(url: &Url) -> usize {
    url.path().split('/').count()
}

/// The text with everything but letters, digits, `-`, `_`, `.` and `~` encoded.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push_encoded(&mut encoded, text);
    encoded
}

fn push_encoded(encoded: &mut String, text: &str) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |number: u8| DIGITS.get(usize::from(number)).copied().unwrap_or('0');
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(digit(byte >> 4));
            encoded.push(digit(byte & 15));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;
    use crate::http::secrets::Secrets;
    use crate::http::template::Template;
    use serde_json::json;

    fn address(template: &str) -> Result<Address, String> {
        let lookup = |name: &str| match name {
            "HOST" => Some("https://shop.example/v1".to_owned()),
            "KEY" => Some("a b&c".to_owned()),
            _ => None,
        };
        Address::new(
            Template::parse(template, &lookup).unwrap(),
            &mut Secrets::default(),
        )
        .map_err(|error| error.to_string())
    }

    fn fill(template: &str, id: &str) -> Result<String, String> {
        address(template)?
            .fill(
                json!({ "id": id }).as_object().unwrap(),
                &[("q", "x y".to_owned())],
            )
            .map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_are_encoded() {
        for (template, id, expected) in [
            (
                "https://a.example/o/{id}",
                "7",
                "https://a.example/o/7?q=x%20y",
            ),
            (
                "https://a.example/o/{id}",
                "a/../b?c#d",
                "https://a.example/o/a%2F..%2Fb%3Fc%23d?q=x%20y",
            ),
            (
                "https://a.example/?i={id}",
                "é&=",
                "https://a.example/?i=%C3%A9%26%3D&q=x%20y",
            ),
            (
                "https://a.example?i={id}",
                "1",
                "https://a.example?i=1&q=x%20y",
            ),
            (
                "${HOST}/o/{id}?k=${KEY}",
                "1",
                "https://shop.example/v1/o/1?k=a%20b%26c&q=x%20y",
            ),
            (
                "https://a.example/{id}@b.example",
                "x",
                "https://a.example/x@b.example?q=x%20y",
            ),
        ] {
            assert_eq!(fill(template, id).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn arguments_can_not_change_the_path() {
        for id in ["..", ".", "%2e%2e", "", "..\u{0}"] {
            let filled = fill("https://a.example/o/{id}/lines", id);
            if let Ok(filled) = &filled {
                let segments = filled.split('/').count();
                assert_eq!(segments, 6, "{filled}");
                assert!(!filled.contains("/../"), "{filled}");
            }
        }
        assert!(fill("https://a.example/o/{id}/lines", "..").is_err());
        assert!(fill("https://a.example/o/.{id}", ".").is_err());
        assert_eq!(
            fill("https://a.example/o/{id}", "").unwrap_err(),
            "`/id`: must not be empty, it is part of an address"
        );
    }

    #[test]
    fn the_host_is_fixed() {
        for template in [
            "https://{id}/o",
            "https://{id}.example/o",
            "https://a.example:{id}/",
            "https://a.example{id}/o",
            "{id}://a.example/",
            "{id}",
        ] {
            let error = address(template).map(|_| ()).unwrap_err();
            assert!(error.contains("`{id}` stands in the host"), "{error}");
        }
        for (template, reason) in [
            ("/o/1", "write `https://`"),
            ("ftp://a.example/", "`ftp` is not http or https"),
            ("https://user:pass@a.example/", "`authorization` header"),
            ("https://a.example/#x", "what follows `#`"),
        ] {
            let error = address(template).map(|_| ()).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
