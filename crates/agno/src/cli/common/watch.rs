//! Reloading agents when their file changes.
//!
//! The file is read every half second and compared by content: editors replace files in many ways,
//! and notifications of the operating system get lost on network drives and in containers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agno::ComponentsHandle;
use agno::declarative::{Config, Diagnostics};
use agno::storage::Db;
use tokio::time::{MissedTickBehavior, interval};

use super::exit::Failure;
use super::output::Output;
use super::source::{Source, tell_stand_ins};
use super::text::count;

const PERIOD: Duration = Duration::from_millis(500);

/// A file that is watched.
pub(crate) struct Watch {
    path: PathBuf,
    source: Source,
    db: Arc<dyn Db>,
    /// What can't be changed while the server runs.
    fixed: Fixed,
    /// The content that was looked at last; nothing while the file can't be read.
    seen: Option<Vec<u8>>,
}

#[derive(PartialEq)]
struct Fixed {
    db: String,
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    origins: Vec<String>,
}

impl Fixed {
    fn of(config: &Config) -> Self {
        Self {
            db: config.db().to_owned(),
            id: config.os_id().map(str::to_owned),
            name: config.os_name().map(str::to_owned),
            description: config.os_description().map(str::to_owned),
            origins: config.cors_origins().to_vec(),
        }
    }
}

impl Watch {
    /// Watches the file that `config` was read from.
    pub(crate) fn new(path: PathBuf, source: Source, config: &Config, db: Arc<dyn Db>) -> Self {
        let seen = std::fs::read(&path).ok();
        let fixed = Fixed::of(config);
        Self {
            path,
            source,
            db,
            fixed,
            seen,
        }
    }

    /// Looks at the file until the task is aborted.
    pub(crate) async fn run(mut self, components: ComponentsHandle) {
        let mut output = Output::new();
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.look(&components, &mut output).is_err() {
                // Standard error is gone; the agents are still reloaded.
                tracing::warn!("the outcome of reloading could not be written");
            }
        }
    }

    fn look(&mut self, components: &ComponentsHandle, output: &mut Output) -> Result<(), Failure> {
        let content = std::fs::read(&self.path).ok();
        if content == self.seen {
            return Ok(());
        }
        self.seen = content;
        match self.reload(components, output) {
            Ok(()) => Ok(()),
            Err(Failure::Config(mistakes)) => keep(&mistakes, output),
            Err(Failure::Failed(message) | Failure::Usage(message)) => {
                output.note(format!("{message}; the agents stay as they were"))
            }
            Err(other) => Err(other),
        }
    }

    fn reload(
        &mut self,
        components: &ComponentsHandle,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let config = self.source.config()?;
        let setup = self.source.build(&config, Some(Arc::clone(&self.db)))?;
        let agents = count(setup.agents.len(), "agent");
        tell_stand_ins(&setup, &[], output)?;
        components
            .replace_agents(setup.agents)
            .map_err(Failure::failed)?;
        output.line(format!("reloaded {}: {agents}", self.path.display()))?;
        let fixed = Fixed::of(&config);
        if fixed != self.fixed {
            self.fixed = fixed;
            output.note("`db` and `os` take effect at the next start")?;
        }
        Ok(())
    }
}

fn keep(mistakes: &Diagnostics, output: &mut Output) -> Result<(), Failure> {
    output.plain_note(mistakes)?;
    output.note("the agents stay as they were")
}
