//! Standard output and standard error, where a reader that goes away ends the command quietly.

use std::fmt::Display;
use std::io::{self, Write};

use super::exit::Failure;
use super::style::Style;

/// Where commands write.
pub(crate) struct Output {
    pub(crate) style: Style,
    notes: Style,
    /// Whether the last text did not end its line.
    open_line: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self {
            style: Style::for_stdout(),
            notes: Style::for_stderr(),
            open_line: false,
        }
    }

    /// One line, after an open one is ended.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Failure> {
        self.end_line()?;
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}")?;
        stdout.flush()?;
        Ok(())
    }

    /// Text as it comes.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()?;
        self.open_line = !text.ends_with('\n');
        Ok(())
    }

    /// Ends a line that text has left open.
    pub(crate) fn end_line(&mut self) -> Result<(), Failure> {
        if self.open_line {
            self.open_line = false;
            writeln!(io::stdout())?;
        }
        Ok(())
    }

    /// A line beside the output proper, on standard error.
    pub(crate) fn note(&mut self, text: impl Display) -> Result<(), Failure> {
        self.end_line()?;
        writeln!(io::stderr(), "{}", self.notes.yellow(text))?;
        Ok(())
    }

    /// Lines beside the output proper, without colour: diagnostics have their own shape.
    pub(crate) fn plain_note(&mut self, text: impl Display) -> Result<(), Failure> {
        self.end_line()?;
        writeln!(io::stderr(), "{text}")?;
        Ok(())
    }
}
