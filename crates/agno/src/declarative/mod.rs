//! Agents from a YAML file.
//!
//! ```
//! use agno::declarative::{BuildOptions, Config, Environment};
//!
//! let config = Config::parse("agents.yaml", "
//! db: memory
//! agents:
//!   helper:
//!     model: offline
//!     instructions: Be brief.
//!     tools: [calculator]
//! ")?;
//! let options = BuildOptions::default().environment(Environment::empty());
//! let setup = config.build(&options)?;
//! assert_eq!(setup.agents[0].id(), "helper");
//! # Ok::<(), agno::declarative::Diagnostics>(())
//! ```
//!
//! Mistakes are told the way a compiler tells them, several at once:
//!
//! ```
//! # use agno::declarative::Config;
//! let mistakes = Config::parse("agents.yaml", "agents:\n  a: { instruction: Hi }\n").unwrap_err();
//! assert_eq!(mistakes.to_string(), "\
//! agents.yaml:2:8: unknown key `instruction` in agent `a`
//!     2 |   a: { instruction: Hi }
//!       |        ^^^^^^^^^^^ did you mean `instructions`?");
//! ```
//!
//! The text becomes a tree whose keys know their lines, the tree is checked against the one JSON
//! Schema of the format, and only then read into types: so that every mistake has a place, and the
//! schema that editors use can't differ from what is accepted.

mod check;
mod diagnostic;
mod environment;
mod model;
mod place;
mod planned;
mod references;
mod scalar;
mod schema;
mod setup;
mod text;
mod tool;
mod tree;
mod types;
mod variables;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use environment::Environment;
pub use schema::schema;
pub use setup::{BuildOptions, DEFAULT_DATABASE, Setup, StandIn};
pub use text::Position;

use text::SourceText;
use tree::Node;
use types::AgentsFile;

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// An agents file whose shape and names are right.
#[derive(Clone)]
pub struct Config {
    source: SourceText,
    root: Node,
    file: AgentsFile,
}

/// Reads an agents file.
///
/// # Errors
/// All its mistakes, or that it can't be read.
pub fn load(path: impl AsRef<Path>) -> Result<Config, Diagnostics> {
    let path = path.as_ref();
    let unreadable = |error: std::io::Error| {
        Diagnostics::of_file(path, format!("the file can't be read: {error}"))
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_BYTES {
        let message = format!("the file has {size} bytes; {MAX_BYTES} are the most");
        return Err(Diagnostics::of_file(path, message));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Config::parse(path, &text)
}

impl Config {
    /// Reads the text of an agents file. `path` is only for messages.
    ///
    /// # Errors
    /// All its mistakes.
    pub fn parse(path: impl AsRef<Path>, text: &str) -> Result<Self, Diagnostics> {
        let source = SourceText::new(path.as_ref(), text);
        let mistaken = |list| Diagnostics::new(source.clone(), list);
        let root = tree::parse(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(mistaken)?;
        let schema = schema();
        let mistakes = check::check(&root, &schema);
        if !mistakes.is_empty() {
            return Err(mistaken(mistakes));
        }
        let file = AgentsFile::deserialize(root.to_value())
            .map_err(|error| mistaken(vec![Diagnostic::new(None, error.to_string())]))?;
        let mistakes = references::check(&file, &root);
        if !mistakes.is_empty() {
            return Err(mistaken(mistakes));
        }
        Ok(Self { source, root, file })
    }

    /// Where the file is, as it was named.
    pub fn path(&self) -> &PathBuf {
        &self.source.path
    }

    /// The ids of the agents, in the order of the file.
    pub fn agent_ids(&self) -> impl Iterator<Item = &str> {
        self.file.agents.keys()
    }

    /// The address of the database, `${NAME}`s unfilled.
    pub fn db(&self) -> &str {
        self.file.db.as_deref().unwrap_or(DEFAULT_DATABASE)
    }

    /// The server's id, if the file says it.
    pub fn os_id(&self) -> Option<&str> {
        self.file.os.id.as_deref()
    }

    /// The server's name for people, if the file says it.
    pub fn os_name(&self) -> Option<&str> {
        self.file.os.name.as_deref()
    }

    /// What the server is for, if the file says it.
    pub fn os_description(&self) -> Option<&str> {
        self.file.os.description.as_deref()
    }

    /// Origins whose web pages may use the server, beside those allowed by default.
    pub fn cors_origins(&self) -> &[String] {
        &self.file.os.cors_origins
    }

    /// Makes the agents and opens the database.
    ///
    /// # Errors
    /// What can only be known now: variables that are not set, models that can't be had, tools
    /// whose declaration contradicts itself, a database that can't be opened.
    pub fn build(&self, options: &BuildOptions) -> Result<Setup, Diagnostics> {
        setup::build(self, options)
    }
}

/// The text is left out: people write keys into it in spite of all advice.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("path", &self.source.path)
            .field("agents", &self.file.agents.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
