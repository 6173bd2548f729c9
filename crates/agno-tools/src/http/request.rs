//! From the arguments of a call to a request.

use agno_core::{Effect, ToolContext, ToolError, nearest, parse_arguments};
use agno_net::{HeaderName, HeaderValue, WebRequest};
use serde_json::{Map, Value};

use super::template::{present, push_plain};
use super::{Body, HttpTool};

/// The header that tells a server that a request may be a repetition.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl HttpTool {
    pub(super) fn request(
        &self,
        arguments: &str,
        context: &ToolContext,
    ) -> Result<WebRequest, ToolError> {
        let arguments = match parse_arguments(arguments) {
            Ok(Value::Object(arguments)) => arguments,
            Ok(_) => {
                return Err(ToolError::invalid_arguments(
                    "expected an object of arguments",
                ));
            }
            Err(error) => {
                return Err(ToolError::invalid_arguments(format_args!(
                    "not JSON: {error}"
                )));
            }
        };
        self.check_names(&arguments)?;
        let mut query: Vec<(&str, String)> = Vec::new();
        for (name, template) in &self.query {
            if let Some(value) = template.fill(&arguments) {
                query.push((name, value));
            }
        }
        let mut body = self
            .body
            .as_ref()
            .map(|body| body.fill(&arguments).unwrap_or(Value::Null));
        if self.method.has_body() {
            body.get_or_insert_with(|| self.as_body(&arguments));
        } else {
            for (name, value) in self.remaining(&arguments) {
                push_query(&mut query, name, value);
            }
        }
        let address = self.address.fill(&arguments, &query)?;
        let mut request = WebRequest::new(self.method.method(), address);
        if let Some(body) = &body {
            request = request.with_json(body);
        }
        self.add_headers(&mut request, &arguments, context)?;
        Ok(request)
    }

    /// Refuses arguments that are no parameters: a model must not add fields to a request.
    fn check_names(&self, arguments: &Map<String, Value>) -> Result<(), ToolError> {
        if self.is_open {
            return Ok(());
        }
        let Some(name) = arguments.keys().find(|name| !self.known.contains(name)) else {
            return Ok(());
        };
        let known = self.known.iter().map(String::as_str);
        Err(ToolError::invalid_arguments(match nearest(name, known) {
            Some(near) => format!("`/{name}`: unknown property; did you mean `{near}`?"),
            None if self.known.is_empty() => {
                format!("`/{name}`: unknown property; none is allowed here")
            }
            None => format!(
                "`/{name}`: unknown property; known: {}",
                self.known.join(", ")
            ),
        }))
    }

    /// The arguments without a place, in the order of the model.
    fn remaining<'a>(
        &self,
        arguments: &'a Map<String, Value>,
    ) -> impl Iterator<Item = (&'a str, &'a Value)> {
        arguments
            .iter()
            .filter(|(name, _)| self.rest.contains(name) || !self.known.contains(name))
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The body of the arguments without a place. `null` counts as left out where that is possible.
    fn as_body(&self, arguments: &Map<String, Value>) -> Value {
        let is_sent = |name: &str, value: &Value| {
            !value.is_null() || self.required.iter().any(|required| required == name)
        };
        self.remaining(arguments)
            .filter(|(name, value)| is_sent(name, value))
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect()
    }

    fn add_headers(
        &self,
        request: &mut WebRequest,
        arguments: &Map<String, Value>,
        context: &ToolContext,
    ) -> Result<(), ToolError> {
        if self.spec.effect == Effect::Idempotent
            && let Ok(key) = HeaderValue::from_str(&context.idempotency_key())
        {
            request.headers.insert(IDEMPOTENCY_KEY, key);
        }
        for header in &self.headers {
            let Some(text) = header.value.fill(arguments) else {
                continue;
            };
            // Line ends are refused here, so an argument can't begin a header of its own.
            let mut value = HeaderValue::from_bytes(text.trim().as_bytes()).map_err(|_| {
                ToolError::invalid_arguments(format_args!(
                    "an argument has letters that the header `{}` can't have, such as a line end",
                    header.name
                ))
            })?;
            value.set_sensitive(header.is_sensitive);
            request.headers.insert(header.name.clone(), value);
        }
        Ok(())
    }
}

impl Body {
    /// The body for these arguments; nothing where it stands for an argument that is left out.
    fn fill(&self, arguments: &Map<String, Value>) -> Option<Value> {
        Some(match self {
            Self::Scalar(value) => value.clone(),
            Self::Text(template) => match template.only_argument() {
                Some(name) => present(arguments, name)?.clone(),
                None => Value::String(template.fill(arguments)?),
            },
            Self::Array(items) => items
                .iter()
                .filter_map(|item| item.fill(arguments))
                .collect(),
            Self::Object(members) => members
                .iter()
                .filter_map(|(name, member)| Some((name.clone(), member.fill(arguments)?)))
                .collect(),
        })
    }
}

/// Adds an argument to the query: lists as several parameters of one name.
fn push_query<'a>(query: &mut Vec<(&'a str, String)>, name: &'a str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Array(items) => {
            for item in items {
                push_query(query, name, item);
            }
        }
        value => {
            let mut text = String::new();
            push_plain(&mut text, value);
            query.push((name, text));
        }
    }
}
