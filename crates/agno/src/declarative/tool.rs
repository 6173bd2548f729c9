//! From a tool's declaration to the tool.

use std::sync::Arc;

use agno_core::{
    BoxFuture, Interaction, Schema, Tool, ToolContext, ToolError, ToolResult, ToolSpec,
};
use agno_tools::{HttpTool, HttpToolErrorKind, HttpToolSpec, parameters};
use serde_json::{Map, Value};

use super::environment::Environment;
use super::types::ToolConfig;

/// A mistake in a tool, and the keys below the tool that lead to it.
pub(super) struct ToolProblem {
    pub(super) path: &'static [&'static str],
    pub(super) message: String,
}

impl ToolProblem {
    fn at(path: &'static [&'static str], message: impl Into<String>) -> Self {
        Self {
            path,
            message: message.into(),
        }
    }
}

/// The tool of a declaration. Its `${NAME}`s are known to be set.
pub(super) fn build(
    name: &str,
    config: &ToolConfig,
    environment: &Environment,
) -> Result<Arc<dyn Tool>, ToolProblem> {
    let interaction = interaction(config)?;
    let timeout = match &config.timeout {
        None => None,
        Some(timeout) => Some(timeout.duration().ok_or_else(|| {
            let message = "`timeout` is a number of seconds above 0, or text such as `500ms`, \
                           `30s` or `2m`";
            ToolProblem::at(&["timeout"], message)
        })?),
    };
    let given = config.parameters.clone();
    let given = given.unwrap_or_else(|| Value::Object(Map::new()));
    let work = match (&config.http, config.external) {
        (Some(http), false) => {
            let spec = HttpToolSpec {
                name: name.to_owned(),
                description: config.description.clone(),
                parameters: given,
                http: http.clone(),
                effect: config.effect,
                confirm: config.confirm,
                timeout,
            };
            let tool = HttpTool::new(spec, &|name| environment.get(name));
            Work::Http(Arc::new(tool.map_err(|error| http_problem(&error.kind))?))
        }
        (None, true) => Work::Elsewhere(external_spec(name, config, given)?),
        (None, false) => {
            let message = format!("tool `{name}` does nothing: add `http`, or `external: true`");
            return Err(ToolProblem::at(&[], message));
        }
        (Some(_), true) => {
            let message = "`external` and `http` exclude each other: who carries the tool out?";
            return Err(ToolProblem::at(&["external"], message));
        }
    };
    let mut spec = match &work {
        Work::Http(tool) => tool.spec().clone(),
        Work::Elsewhere(spec) => spec.clone(),
    };
    spec.interaction = interaction;
    spec.call_limit = config.call_limit;
    spec.stop_after_call = config.stop_after_call;
    spec.timeout = timeout.or(spec.timeout);
    check_user_input(config, &spec)?;
    Ok(Arc::new(DeclaredTool { spec, work }))
}

fn interaction(config: &ToolConfig) -> Result<Interaction, ToolProblem> {
    match (
        config.confirm,
        config.external,
        config.user_input.is_empty(),
    ) {
        (false, false, true) => Ok(Interaction::None),
        (true, false, true) => Ok(Interaction::Confirm),
        (false, true, true) => Ok(Interaction::External),
        (false, false, false) => {
            let fields = config.user_input.iter().map(|name| name.as_str().into());
            Ok(Interaction::UserInput(fields.collect()))
        }
        _ => {
            let message = "`confirm`, `user_input` and `external` exclude each other: choose one";
            Err(ToolProblem::at(&[], message))
        }
    }
}

fn check_user_input(config: &ToolConfig, spec: &ToolSpec) -> Result<(), ToolProblem> {
    let known = spec.parameters.value().get("properties");
    let known = known.and_then(Value::as_object);
    let names = || known.into_iter().flat_map(|known| known.keys());
    for name in &config.user_input {
        if names().all(|known| known != name) {
            let hint = match agno_core::nearest(name, names().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add it to `parameters`".to_owned(),
            };
            let message = format!("`user_input` names `{name}`, which is no parameter: {hint}");
            return Err(ToolProblem::at(&["user_input"], message));
        }
    }
    Ok(())
}

fn external_spec(name: &str, config: &ToolConfig, given: Value) -> Result<ToolSpec, ToolProblem> {
    if config.description.trim().is_empty() {
        let message = "a model chooses tools by their descriptions: write a `description`";
        return Err(ToolProblem::at(&["description"], message));
    }
    let schema: Schema =
        parameters(given).map_err(|error| ToolProblem::at(&["parameters"], error.to_string()))?;
    let mut spec = ToolSpec::new(name, config.description.as_str(), schema);
    spec.effect = config.effect.unwrap_or_default();
    Ok(spec)
}

fn http_problem(kind: &HttpToolErrorKind) -> ToolProblem {
    let path: &'static [&'static str] = match kind {
        HttpToolErrorKind::NoDescription => &["description"],
        HttpToolErrorKind::Parameters(_) | HttpToolErrorKind::UnusedParameter { .. } => {
            &["parameters"]
        }
        HttpToolErrorKind::PlaceholderInHost { .. } | HttpToolErrorKind::InvalidUrl { .. } => {
            &["http", "url"]
        }
        HttpToolErrorKind::InvalidHeader { .. } => &["http", "headers"],
        HttpToolErrorKind::BodyNotAllowed => &["http", "body"],
        HttpToolErrorKind::EmptyResult => &["http", "result"],
        HttpToolErrorKind::UnknownPlaceholder { .. } => &["http"],
        _ => &[],
    };
    ToolProblem::at(path, kind.to_string())
}

/// What carries a declared tool out.
enum Work {
    Http(Arc<HttpTool>),
    /// Somebody else does; the engine never calls it.
    Elsewhere(ToolSpec),
}

/// A tool with the handling that its declaration asks for.
struct DeclaredTool {
    spec: ToolSpec,
    work: Work,
}

impl Tool for DeclaredTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn call(self: Arc<Self>, arguments: Arc<str>, context: ToolContext) -> BoxFuture<ToolResult> {
        match &self.work {
            Work::Http(tool) => Arc::clone(tool).call(arguments, context),
            Work::Elsewhere(spec) => {
                let message = format!(
                    "`{}` is carried out elsewhere: hand in its result instead of approving it",
                    spec.name
                );
                Box::pin(std::future::ready(Err(ToolError::fatal(message))))
            }
        }
    }
}
