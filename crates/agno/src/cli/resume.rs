//! `agno resume`: goes on with a run that waits for a person, or that was cut off.

use agno::{Agent, Requirement, Resolution, RunId, RunStatus, ToolOutput};
use serde_json::Map;

use super::args::ResumeArguments;
use super::common::decide;
use super::common::exit::Failure;
use super::common::output::Output;
use super::common::source::{Source, tell_stand_ins};
use super::common::story::{Telling, tell};
use super::run::settle;
use super::runs::{agent_of, parse_run};

pub(super) async fn resume(arguments: ResumeArguments, output: &mut Output) -> Result<(), Failure> {
    let run_id = parse_run(&arguments.run)?;
    let setup = Source::of(&arguments.file).setup()?;
    let (stored, agent) = agent_of(&setup, run_id).await?;
    tell_stand_ins(&setup, &[agent.id()], output)?;
    let telling = if arguments.json {
        Telling::Json
    } else {
        Telling::Story
    };
    if stored.status == RunStatus::Running {
        let run = tell(agent.recover(run_id).stream(), telling, output).await?;
        return settle(&agent, run, telling, output).await;
    }
    let run = load(&agent, run_id).await?;
    let decided = decided(&arguments);
    if !decided && run.status == RunStatus::Paused {
        return settle(&agent, run, telling, output).await;
    }
    let meant = |requirement: &&Requirement| {
        let call = arguments.call.as_deref();
        call.is_none_or(|call| *requirement.call.id == *call)
    };
    if let Some(call) = &arguments.call
        && run.requirements.iter().find(meant).is_none()
    {
        let message = format!("run {run_id} does not wait for a call `{call}`");
        return Err(Failure::usage(message));
    }
    let mut request = agent.resume(run_id);
    for requirement in run.requirements.iter().filter(meant) {
        let decision = decision(&agent, requirement, &arguments)?;
        request = request.decide(requirement, decision);
    }
    let run = tell(request.stream(), telling, output).await?;
    settle(&agent, run, telling, output).await
}

async fn load(agent: &Agent, run_id: RunId) -> Result<agno::RunOutput, Failure> {
    let unknown = || Failure::failed(format!("there is no run {run_id}"));
    let runs = agent.runs().ok_or_else(unknown)?;
    runs.output(run_id).await?.ok_or_else(unknown)
}

fn decided(arguments: &ResumeArguments) -> bool {
    arguments.approve
        || arguments.reject.is_some()
        || arguments.result.is_some()
        || !arguments.input.is_empty()
}

fn decision(
    agent: &Agent,
    requirement: &Requirement,
    arguments: &ResumeArguments,
) -> Result<Resolution, Failure> {
    if let Some(note) = &arguments.reject {
        let note = Some(note.as_str()).filter(|note| !note.is_empty());
        return Ok(Resolution::Reject {
            note: note.map(Into::into),
        });
    }
    if let Some(result) = &arguments.result {
        return Ok(Resolution::Result(ToolOutput::text(result.as_str())));
    }
    if arguments.approve {
        return Ok(Resolution::Approve);
    }
    let mut values = Map::new();
    for given in &arguments.input {
        let Some((name, value)) = given.split_once('=') else {
            let message = format!("`--input {given}` has no `=`: write `--input NAME=VALUE`");
            return Err(Failure::usage(message));
        };
        let value = decide::value_of(agent, &requirement.call.name, name, value);
        values.insert(name.to_owned(), value);
    }
    Ok(Resolution::Input(values))
}
