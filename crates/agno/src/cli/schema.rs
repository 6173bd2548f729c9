//! `agno schema`: the format of agents files, for editors.

use super::common::exit::Failure;
use super::common::output::Output;

pub(super) fn print(output: &mut Output) -> Result<(), Failure> {
    let schema = agno::declarative::schema();
    let text = serde_json::to_string_pretty(&schema).map_err(Failure::failed)?;
    output.line(text)
}
