//! `agno runs`: lists, shows and forks recorded runs.

use agno::declarative::Setup;
use agno::storage::{RunStore, StoredRun};
use agno::{Agent, Edit, RunId, RunOutput, SessionId, ToolOutput};
use serde_json::json;

use super::args::{ForkArguments, ListArguments, RunsCommand, ShowArguments};
use super::common::exit::Failure;
use super::common::output::Output;
use super::common::source::{Source, tell_stand_ins};
use super::common::story::{Telling, summary, tell};
use super::common::{json, records, text};
use super::run::settle;

pub(super) async fn runs(command: RunsCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        RunsCommand::List(arguments) => list(arguments, output).await,
        RunsCommand::Show(arguments) => show(arguments, output).await,
        RunsCommand::Fork(arguments) => fork(arguments, output).await,
    }
}

/// The id of a run as it was typed.
pub(super) fn parse_run(text: &str) -> Result<RunId, Failure> {
    text.parse().map_err(|_| {
        Failure::usage(format!(
            "`{text}` is not the id of a run: `agno runs list` shows them"
        ))
    })
}

/// A stored run and the agent that made it.
pub(super) async fn agent_of(setup: &Setup, run_id: RunId) -> Result<(StoredRun, Agent), Failure> {
    let stored = RunStore::new(setup.db.clone()).get(run_id).await?;
    let stored = stored.ok_or_else(|| unknown(run_id))?;
    let made_it = |agent: &&Agent| *agent.id() == *stored.component_id;
    match setup.agents.iter().find(made_it) {
        Some(agent) => Ok((stored.clone(), agent.clone())),
        None => Err(Failure::failed(format!(
            "run {run_id} was made by agent `{}`, which the file no longer has",
            stored.component_id
        ))),
    }
}

fn unknown(run_id: RunId) -> Failure {
    Failure::failed(format!(
        "there is no run {run_id} in this database: `agno runs list` shows them"
    ))
}

async fn list(arguments: ListArguments, output: &mut Output) -> Result<(), Failure> {
    let setup = Source::of(&arguments.file).setup()?;
    let store = RunStore::new(setup.db);
    let runs = match arguments.session {
        None => store.newest(arguments.limit).await?,
        Some(session) => {
            let mut runs = store.of_session(&SessionId::from(session), None).await?;
            runs.reverse();
            runs.truncate(arguments.limit as usize);
            runs
        }
    };
    if runs.is_empty() && !arguments.json {
        return output.line("No runs yet: `agno run \"…\"` makes one.");
    }
    let now = text::now();
    for run in runs {
        if arguments.json {
            output.line(row(&run))?;
            continue;
        }
        let style = output.style;
        let session = run.session_id.as_ref().map_or("-", |id| id.as_str());
        output.line(format!(
            "{}  {:<9}  {}  {}  {}",
            run.run_id,
            run.status.as_str().to_lowercase(),
            style.bold(&run.component_id),
            style.dim(format!("session {session}")),
            style.dim(text::ago(run.created, now)),
        ))?;
    }
    Ok(())
}

fn row(run: &StoredRun) -> serde_json::Value {
    json!({
        "run_id": run.run_id.to_string(),
        "agent_id": &*run.component_id,
        "session_id": run.session_id.as_ref().map(|id| id.as_str()),
        "user_id": run.user_id.as_ref().map(|id| id.as_str()),
        "status": run.status.as_str(),
        "model": run.model.as_deref(),
        "created_at": run.created.seconds(),
        "updated_at": run.updated.seconds(),
    })
}

async fn show(arguments: ShowArguments, output: &mut Output) -> Result<(), Failure> {
    let run_id = parse_run(&arguments.run)?;
    let setup = Source::of(&arguments.file).setup()?;
    let run = RunStore::new(setup.db).output(run_id).await?;
    let run = run.ok_or_else(|| unknown(run_id))?;
    if arguments.json {
        return output.line(json::run(&run));
    }
    let style = output.style;
    let mut head = format!("run {run_id} · agent {}", run.agent_id);
    if let Some(session) = &run.input.session_id {
        head.push_str(&format!(" · session {session}"));
    }
    if let Some(from) = run.input.forked_from {
        head.push_str(&format!(" · forked from {from}"));
    }
    output.line(style.bold(head))?;
    for (number, record) in run.records.iter().enumerate() {
        let after = text::duration(record.time.micros_since(run.started));
        let told = records::tell(record, &run);
        output.line(format!(
            "{}  {told}",
            style.dim(format!("{number:>3} {after:>9}"))
        ))?;
    }
    output.line(style.dim(summary(&run)))
}

async fn fork(arguments: ForkArguments, output: &mut Output) -> Result<(), Failure> {
    let run_id = parse_run(&arguments.run)?;
    let source = Source::of(&arguments.file).with_model(None, &arguments.model);
    let setup = source.setup()?;
    let (_, agent) = agent_of(&setup, run_id).await?;
    tell_stand_ins(&setup, &[agent.id()], output)?;
    let mut request = agent.fork(run_id);
    match (arguments.at, arguments.edit_output, arguments.input) {
        (Some(at), Some(text), _) => {
            request = request.edit(at, Edit::ToolOutput(ToolOutput::text(text)));
        }
        (_, _, Some(text)) => request = request.edit(0, Edit::Input(text.into())),
        (Some(at), None, None) => request = request.at(at + 1),
        (None, _, None) => {}
    }
    let telling = if arguments.json {
        Telling::Json
    } else {
        Telling::Story
    };
    let run: RunOutput = tell(request.stream(), telling, output).await?;
    settle(&agent, run, telling, output).await
}
