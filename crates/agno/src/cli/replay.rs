//! `agno replay`: checks that today's agent would do what it did in a recorded run.

use super::args::ReplayArguments;
use super::common::exit::Failure;
use super::common::output::Output;
use super::common::source::Source;
use super::common::text::count;
use super::runs::{agent_of, parse_run};

pub(super) async fn replay(arguments: ReplayArguments, output: &mut Output) -> Result<(), Failure> {
    let run_id = parse_run(&arguments.run)?;
    let setup = Source::of(&arguments.file).setup()?;
    let (_, agent) = agent_of(&setup, run_id).await?;
    let report = agent.replay(run_id).await?;
    if report.definition_changed {
        output.note("The agent was changed since: the comparison shows whether that matters.")?;
    }
    let style = output.style;
    match (report.divergence, report.at_record) {
        (Some(divergence), at) => {
            let at = at.map_or(String::new(), |at| format!(" at record {at}"));
            output.line(format!("{}{at}: {divergence}", style.red("diverged")))?;
            Err(Failure::Told)
        }
        (None, _) => output.line(format!(
            "{}: {} replayed, {}",
            style.green("no divergence"),
            count(report.records, "record"),
            report.status.as_str().to_lowercase()
        )),
    }
}
