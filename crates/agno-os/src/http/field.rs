//! Reading single values of forms and queries the way pydantic does.

use serde_json::{Map, Value, json};

use super::error::FieldError;

/// A value with its place in the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    /// `body` or `query`.
    pub(crate) place: &'static str,
    /// Its name.
    pub(crate) name: &'a str,
    /// Its text.
    pub(crate) text: &'a str,
}

impl Field<'_> {
    fn error(self, kind: &'static str, message: &str) -> FieldError {
        FieldError::new(kind, self.place, self.name, message, self.text)
    }

    /// A truth value: `true/false/1/0/on/off/yes/no` in any case.
    pub(crate) fn boolean(self) -> Result<bool, FieldError> {
        match self.text.to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" | "t" | "y" => Ok(true),
            "false" | "0" | "off" | "no" | "f" | "n" => Ok(false),
            _ => Err(self.error(
                "bool_parsing",
                "Input should be a valid boolean, unable to interpret input",
            )),
        }
    }

    /// A whole number.
    pub(crate) fn integer(self) -> Result<i64, FieldError> {
        self.text.trim().parse().map_err(|_| {
            self.error(
                "int_parsing",
                "Input should be a valid integer, unable to parse string as an integer",
            )
        })
    }

    /// A whole number that is not below `least`.
    pub(crate) fn at_least(self, least: i64) -> Result<u64, FieldError> {
        let number = self.integer()?;
        match u64::try_from(number) {
            Ok(valid) if number >= least => Ok(valid),
            _ => Err(self
                .error(
                    "greater_than_equal",
                    &format!("Input should be greater than or equal to {least}"),
                )
                .context(json!({ "ge": least }))),
        }
    }

    /// One of the given words.
    pub(crate) fn one_of(self, words: &[&'static str]) -> Result<&'static str, FieldError> {
        if let Some(word) = words.iter().find(|word| **word == self.text) {
            return Ok(word);
        }
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let expected = match quoted.split_last() {
            Some((last, first)) if !first.is_empty() => format!("{} or {last}", first.join(", ")),
            _ => quoted.concat(),
        };
        Err(self
            .error("enum", &format!("Input should be {expected}"))
            .context(json!({ "expected": expected })))
    }

    /// JSON of any kind.
    pub(crate) fn json(self) -> Result<Value, FieldError> {
        serde_json::from_str(self.text)
            .map_err(|error| self.error("json_invalid", &format!("Invalid JSON: {error}")))
    }

    /// A JSON object.
    pub(crate) fn object(self) -> Result<Map<String, Value>, FieldError> {
        match self.json()? {
            Value::Object(object) => Ok(object),
            _ => Err(self.error("dict_type", "Input should be a JSON object")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> Field<'_> {
        Field {
            place: "query",
            name: "x",
            text,
        }
    }

    #[test]
    fn values_are_read_as_pydantic_reads_them() {
        for (text, expected) in [("TRUE", true), ("off", false), ("1", true), ("No", false)] {
            assert_eq!(field(text).boolean().unwrap(), expected);
        }
        assert_eq!(field(" 7 ").integer().unwrap(), 7);
        let wrong = serde_json::to_value(field("0").at_least(1).unwrap_err()).unwrap();
        assert_eq!(wrong["ctx"], json!({"ge": 1}));
        let wrong = field("banana").one_of(&["agent", "team", "workflow"]);
        let wrong = serde_json::to_value(wrong.unwrap_err()).unwrap();
        assert_eq!(
            wrong["msg"],
            "Input should be 'agent', 'team' or 'workflow'"
        );
    }
}
