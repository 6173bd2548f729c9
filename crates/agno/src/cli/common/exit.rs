//! How a command ends.

use std::fmt;
use std::io;
use std::process::ExitCode;

use agno::declarative::Diagnostics;

use super::style::Style;

/// Why a command did not do what it was asked. Each kind has its exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The run failed, or a check found something: 1.
    Failed(String),
    /// As `Failed`, and what there is to say was said: 1.
    Told,
    /// The command is written wrongly: 2.
    Usage(String),
    /// The agents file has mistakes: 3.
    Config(Box<Diagnostics>),
    /// The run waits for a person: 4.
    Paused,
    /// The user interrupted it: 130.
    Interrupted,
    /// Nobody reads the output any more; not worth a word, as for any command in a pipe: 0.
    OutputClosed,
}

impl Failure {
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self::Failed(message.to_string())
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    fn code(&self) -> u8 {
        match self {
            Self::OutputClosed => 0,
            Self::Failed(_) | Self::Told => 1,
            Self::Usage(_) => 2,
            Self::Config(_) => 3,
            Self::Paused => 4,
            Self::Interrupted => 130,
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(mistakes: Diagnostics) -> Self {
        Self::Config(Box::new(mistakes))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<agno::RunError> for Failure {
    fn from(error: agno::RunError) -> Self {
        Self::failed(error)
    }
}

impl From<agno::storage::DbError> for Failure {
    fn from(error: agno::storage::DbError) -> Self {
        Self::failed(error)
    }
}

/// Says what went wrong on standard error, and gives the exit code.
pub(crate) fn conclude(result: Result<(), Failure>) -> ExitCode {
    let failure = match result {
        Ok(()) => return ExitCode::SUCCESS,
        Err(failure) => failure,
    };
    let style = Style::for_stderr();
    let error = style.red("error");
    let message = match &failure {
        Failure::Failed(message) | Failure::Usage(message) => format!("{error}: {message}\n"),
        Failure::Config(mistakes) => {
            let count = mistakes.iter().count();
            let path = mistakes.path().display();
            let noun = if count == 1 { "mistake" } else { "mistakes" };
            format!("{mistakes}\n{error}: {count} {noun} in {path}\n")
        }
        Failure::Told | Failure::Paused | Failure::Interrupted | Failure::OutputClosed => {
            String::new()
        }
    };
    if io::Write::write_all(&mut io::stderr(), message.as_bytes()).is_err() {
        // There is nowhere left to say it; the exit code still tells.
        return ExitCode::from(failure.code());
    }
    ExitCode::from(failure.code())
}
