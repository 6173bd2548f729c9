//! `agno models`: the providers, and whether their keys are set.

use agno::models::providers;

use super::common::exit::Failure;
use super::common::output::Output;

pub(super) fn models(output: &mut Output) -> Result<(), Failure> {
    let style = output.style;
    let head = format!(
        "{:<18}  {:<44}  {:<26}  key",
        "provider", "default model", "variable"
    );
    output.line(style.bold(head))?;
    for provider in providers::all() {
        let set = |name: &&&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let variable = provider.key_variables.iter().find(set);
        let state = match (variable, provider.needs_key) {
            (Some(_), _) => style.green("set"),
            (None, true) => style.dim("not set"),
            (None, false) => style.dim("not needed"),
        };
        let shown = variable.or(provider.key_variables.first());
        output.line(format!(
            "{:<18}  {:<44}  {:<26}  {state}",
            provider.id,
            match provider.default_model {
                "" => "-",
                model => model,
            },
            shown.copied().unwrap_or("-"),
        ))?;
    }
    output.line(
        style.dim("An agent names one as `provider:model`; `provider:` takes the default model."),
    )
}
