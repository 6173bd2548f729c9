//! `agno run`: asks an agent once.

use std::io::Read;
use std::path::Path;

use agno::{Agent, RunOutput, RunStatus};

use super::args::RunArguments;
use super::common::decide::{self, Ask, Lines};
use super::common::exit::Failure;
use super::common::output::Output;
use super::common::source::{Source, choose, tell_stand_ins};
use super::common::story::{Telling, tell};

pub(super) async fn run(arguments: RunArguments, output: &mut Output) -> Result<(), Failure> {
    let (file, prompt) = match arguments.words.as_slice() {
        [prompt] => (None, prompt),
        [file, prompt] => (Some(Path::new(file)), prompt),
        _ => return Err(Failure::usage("write `agno run [FILE] \"prompt\"`")),
    };
    let prompt = match prompt.as_str() {
        "-" => from_stdin()?,
        prompt => prompt.to_owned(),
    };
    let source = Source::new(file, &arguments.common)
        .with_model(arguments.agent.as_deref(), &arguments.model);
    let setup = source.setup()?;
    let agent = choose(&setup.agents, arguments.agent.as_deref())?;
    tell_stand_ins(&setup, &[agent.id()], output)?;
    let mut request = agent.run(prompt);
    if let Some(session) = arguments.session {
        request = request.session(session);
    }
    if let Some(user) = arguments.user {
        request = request.user(user);
    }
    let telling = match (arguments.json, arguments.stream) {
        (true, true) => Telling::JsonEvents,
        (true, false) => Telling::Json,
        (false, _) => Telling::Story,
    };
    let whole = arguments.no_stream || telling == Telling::Json;
    let stream = if whole {
        request.stream_whole()
    } else {
        request.stream()
    };
    let run = tell(stream, telling, output).await?;
    settle(&agent, run, telling, output).await
}

fn from_stdin() -> Result<String, Failure> {
    let mut prompt = String::new();
    std::io::stdin().read_to_string(&mut prompt)?;
    Ok(prompt.trim().to_owned())
}

/// Goes on with a run until it waits for nobody, or nobody is there to be asked.
pub(super) async fn settle(
    agent: &Agent,
    run: RunOutput,
    telling: Telling,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut run = run;
    while run.status == RunStatus::Paused {
        if telling != Telling::Story {
            return Err(Failure::Paused);
        }
        if !decide::somebody_is_there() {
            decide::tell_how(agent, &run, output)?;
            return Err(Failure::Paused);
        }
        match go_on(agent, &run, &mut Lines, output).await? {
            Some(next) => run = next,
            None => {
                decide::tell_how(agent, &run, output)?;
                return Err(Failure::Paused);
            }
        }
    }
    Ok(())
}

/// Asks for what a run waits for and goes on; nothing if the person decides nothing.
pub(super) async fn go_on(
    agent: &Agent,
    run: &RunOutput,
    ask: &mut dyn Ask,
    output: &mut Output,
) -> Result<Option<RunOutput>, Failure> {
    let Some(decisions) = decide::decide(agent, &run.requirements, ask, output)? else {
        return Ok(None);
    };
    let mut request = agent.resume(run);
    for (requirement, decision) in run.requirements.iter().zip(decisions) {
        request = request.decide(requirement, decision);
    }
    let next = tell(request.stream(), Telling::Story, output).await?;
    Ok(Some(next))
}
