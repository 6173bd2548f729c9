//! The commands: one file each. What they have in common is in `common`.

mod args;
mod chat;
mod common;
mod doctor;
mod init;
mod model_call;
mod models;
mod replay;
mod resume;
mod run;
mod runs;
mod schema;
mod serve;
mod sessions;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, ModelCommand};
use common::exit::{Failure, conclude};
use common::output::Output;

/// Runs the command that the arguments name.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut output = Output::new();
    let result = log(&cli.command).and_then(|()| dispatch(cli.command, &mut output));
    conclude(result)
}

/// Warnings and errors of the framework go to standard error; `AGNO_LOG` asks for more.
fn log(command: &Command) -> Result<(), Failure> {
    use tracing_subscriber::EnvFilter;

    let filter = match std::env::var("AGNO_LOG") {
        Ok(filter) => EnvFilter::try_new(&filter)
            .map_err(|error| Failure::usage(format!("AGNO_LOG is not a filter: {error}")))?,
        Err(_) => EnvFilter::new(match command {
            Command::Serve(_) => "warn",
            _ => "error",
        }),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(common::style::colours_on_stderr())
        .init();
    Ok(())
}

fn dispatch(command: Command, output: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Init(arguments) => init::init(&arguments, output),
        Command::Serve(arguments) => serve::serve(arguments, output),
        Command::Run(arguments) => block_on(run::run(arguments, output)),
        Command::Chat(arguments) => chat::chat(arguments, output),
        Command::Resume(arguments) => block_on(resume::resume(arguments, output)),
        Command::Replay(arguments) => block_on(replay::replay(arguments, output)),
        Command::Runs(arguments) => block_on(runs::runs(arguments, output)),
        Command::Sessions(arguments) => block_on(sessions::sessions(arguments, output)),
        Command::Model(ModelCommand::Call(arguments)) => {
            block_on(model_call::model_call(arguments, output))
        }
        Command::Models => models::models(output),
        Command::Doctor(arguments) => block_on(doctor::doctor(arguments, output)),
        Command::Schema => schema::print(output),
    }
}

/// A runtime for one command: everything happens in this thread.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime can't be started: {error}")))
}

fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    runtime()?.block_on(command)
}
