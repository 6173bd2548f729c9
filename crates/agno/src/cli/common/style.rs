//! Colours, where a person looks at a terminal and has not set `NO_COLOR`.

use std::fmt::Display;
use std::io::{IsTerminal, stderr, stdout};

use anstyle::AnsiColor;

/// Colours one stream, or doesn't.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    enabled: bool,
}

impl Style {
    pub(crate) fn for_stdout() -> Self {
        Self {
            enabled: wanted() && stdout().is_terminal(),
        }
    }

    pub(crate) fn for_stderr() -> Self {
        Self {
            enabled: colours_on_stderr(),
        }
    }

    fn paint(self, style: anstyle::Style, text: impl Display) -> String {
        if self.enabled {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    pub(crate) fn bold(self, text: impl Display) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    pub(crate) fn dim(self, text: impl Display) -> String {
        self.paint(anstyle::Style::new().dimmed(), text)
    }

    pub(crate) fn red(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    pub(crate) fn green(self, text: impl Display) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    pub(crate) fn yellow(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    pub(crate) fn cyan(self, text: impl Display) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }
}

/// Whether standard error is a terminal that shows colours.
pub(crate) fn colours_on_stderr() -> bool {
    wanted() && stderr().is_terminal()
}

fn wanted() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    !set("NO_COLOR") && !dumb
}
