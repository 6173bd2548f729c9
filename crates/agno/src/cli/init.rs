//! `agno init`: writes an agents file to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use super::args::InitArguments;
use super::common::example::EXAMPLE;
use super::common::exit::Failure;
use super::common::output::Output;

pub(super) fn init(arguments: &InitArguments, output: &mut Output) -> Result<(), Failure> {
    let path = arguments.path.display();
    // `create_new` leaves no moment in which a file of somebody else could be overwritten.
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&arguments.path);
    let mut file = file.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::failed(format!("{path} is there already: choose another `--path`"))
        }
        _ => Failure::failed(format!("{path} can't be written: {error}")),
    })?;
    file.write_all(EXAMPLE.as_bytes())
        .map_err(|error| Failure::failed(format!("{path} can't be written: {error}")))?;
    output.line(format!("wrote {path}; `agno serve` serves it"))
}
