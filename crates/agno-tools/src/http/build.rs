//! From a declaration to a tool: everything that can be wrong is found here.

use std::sync::Arc;
use std::time::Duration;

use agno_core::{Effect, Interaction, ToolSpec, nearest};
use agno_net::{HeaderName, HeaderValue, WebClient};
use serde_json::{Map, Value};

use super::address::Address;
use super::answer::ResultPath;
use super::secrets::Secrets;
use super::template::{Template, TemplateError};
use super::{Body, Header, HttpTool, HttpToolError, HttpToolErrorKind, HttpToolSpec};
use crate::parameters;

/// How long a call may take if nothing is said.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How many bytes an answer may have if nothing is said. Models read it.
const MAX_BYTES: usize = 1024 * 1024;

/// Headers that frame the message or name the server.
const RESERVED: [&str; 8] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
];

type Lookup<'l> = &'l dyn Fn(&str) -> Option<String>;

pub(super) fn build(spec: HttpToolSpec, lookup: Lookup<'_>) -> Result<HttpTool, HttpToolError> {
    let tool: Arc<str> = spec.name.as_str().into();
    check_and_build(spec, lookup).map_err(|kind| HttpToolError { tool, kind })
}

fn check_and_build(spec: HttpToolSpec, lookup: Lookup<'_>) -> Result<HttpTool, HttpToolErrorKind> {
    if !is_name(&spec.name) {
        return Err(HttpToolErrorKind::InvalidName);
    }
    if spec.description.trim().is_empty() {
        return Err(HttpToolErrorKind::NoDescription);
    }
    let schema = parameters(spec.parameters)?;
    let mut templates = Templates {
        lookup,
        known: names(schema.value()),
        used: Vec::new(),
        secrets: Secrets::default(),
    };
    let request = spec.http;
    let address = templates.read("`url`", &request.url)?;
    let address = Address::new(address, &mut templates.secrets)?;
    let mut query = Vec::new();
    for (name, value) in request.query {
        let template = templates.read_secret(&format!("`query.{name}`"), &value)?;
        query.push((name, template));
    }
    let mut headers = Vec::new();
    for (name, value) in request.headers {
        headers.push(templates.header(&name, &value)?);
    }
    let body = match request.body {
        Some(_) if request.method.is_safe() => return Err(HttpToolErrorKind::BodyNotAllowed),
        Some(body) => Some(templates.body(body)?),
        None => None,
    };
    let rest = templates.unused();
    if body.is_some()
        && request.method.has_body()
        && let Some(name) = rest.first()
    {
        return Err(HttpToolErrorKind::UnusedParameter { name: name.clone() });
    }
    let result = request
        .result
        .as_deref()
        .map(ResultPath::parse)
        .transpose()?;
    let default_effect = if request.method.is_safe() {
        Effect::Pure
    } else {
        Effect::AtMostOnce
    };
    let timeout = spec.timeout.unwrap_or(TIMEOUT);
    let is_open = schema
        .value()
        .get("additionalProperties")
        .is_some_and(|more| *more != Value::Bool(false));
    let required = schema.value().get("required").and_then(Value::as_array);
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    let required = required.map(str::to_owned).collect();
    let mut tool = ToolSpec::new(spec.name, spec.description, schema);
    tool.effect = spec.effect.unwrap_or(default_effect);
    tool.timeout = Some(timeout);
    if spec.confirm {
        tool.interaction = Interaction::Confirm;
    }
    Ok(HttpTool {
        spec: tool,
        method: request.method,
        address,
        query,
        headers,
        body,
        known: templates.known,
        required,
        rest,
        is_open,
        result,
        secrets: templates.secrets,
        client: WebClient::builder()
            .timeout(timeout)
            .max_response_bytes(request.max_bytes.unwrap_or(MAX_BYTES))
            .allow_private(request.allow_private)
            .build(),
    })
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn names(schema: &Value) -> Vec<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flat_map(Map::keys)
        .cloned()
        .collect()
}

/// Reads templates and notes what they use.
struct Templates<'l> {
    lookup: Lookup<'l>,
    /// The parameters.
    known: Vec<String>,
    /// Those that have a place.
    used: Vec<String>,
    secrets: Secrets,
}

impl Templates<'_> {
    fn read(&mut self, place: &str, text: &str) -> Result<Template, HttpToolErrorKind> {
        let template = Template::parse(text, self.lookup).map_err(|error| match error {
            TemplateError::Unset(name) => HttpToolErrorKind::UnsetVariable {
                name,
                place: place.to_owned(),
            },
            TemplateError::Unclosed => HttpToolErrorKind::UnclosedVariable {
                place: place.to_owned(),
            },
        })?;
        for name in template.arguments() {
            if !self.known.iter().any(|known| known == name) {
                return Err(self.unknown(name, place));
            }
            self.used.push(name.to_owned());
        }
        Ok(template)
    }

    /// As [`Templates::read`], where all variables are secrets.
    fn read_secret(&mut self, place: &str, text: &str) -> Result<Template, HttpToolErrorKind> {
        let template = self.read(place, text)?;
        template.note_secrets(&mut self.secrets);
        Ok(template)
    }

    fn unknown(&self, name: &str, place: &str) -> HttpToolErrorKind {
        let known = self.known.iter().map(String::as_str);
        HttpToolErrorKind::UnknownPlaceholder {
            name: name.to_owned(),
            place: place.to_owned(),
            hint: nearest(name, known)
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_else(|| format!(": add it to `parameters`, or write `{{{{{name}}}}}`")),
        }
    }

    fn header(&mut self, name: &str, value: &str) -> Result<Header, HttpToolErrorKind> {
        let invalid = |reason| HttpToolErrorKind::InvalidHeader {
            name: name.to_owned(),
            reason,
        };
        let header = HeaderName::from_bytes(name.trim().as_bytes())
            .map_err(|_| invalid("not a name that a header can have"))?;
        if RESERVED.contains(&header.as_str()) {
            return Err(invalid("the client sets it itself: take it out"));
        }
        let value = self.read_secret(&format!("`headers.{name}`"), value)?;
        // What is wrong in the fixed parts is wrong in each call.
        if let Some(text) = value.fill(&Map::new())
            && HeaderValue::from_str(&text).is_err()
        {
            return Err(invalid(
                "its value has letters that a header can't have, such as a line end",
            ));
        }
        Ok(Header {
            is_sensitive: value.has_variable() || header == "authorization" || header == "cookie",
            name: header,
            value,
        })
    }

    fn body(&mut self, body: Value) -> Result<Body, HttpToolErrorKind> {
        Ok(match body {
            Value::String(text) => Body::Text(self.read_secret("`body`", &text)?),
            Value::Array(items) => {
                let items: Result<_, HttpToolErrorKind> =
                    items.into_iter().map(|item| self.body(item)).collect();
                Body::Array(items?)
            }
            Value::Object(members) => {
                let members: Result<_, HttpToolErrorKind> = members
                    .into_iter()
                    .map(|(name, member)| Ok((name, self.body(member)?)))
                    .collect();
                Body::Object(members?)
            }
            scalar => Body::Scalar(scalar),
        })
    }

    /// Parameters without a place.
    fn unused(&self) -> Vec<String> {
        let has_place = |name: &&String| !self.used.contains(*name);
        self.known.iter().filter(has_place).cloned().collect()
    }
}
