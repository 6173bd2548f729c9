//! Checking that an agent would do again what it did.

use agno_core::RunStatus;
use agno_engine::{Divergence, Fact, Run, VersionCheck};

use super::{ResumeFrom, load};
use crate::agent::Agent;
use crate::error::Error;

/// What came of replaying a run.
#[derive(Clone, Debug)]
pub struct ReplayReport {
    /// How many records were replayed.
    pub records: usize,
    /// Where the run stood at its last record.
    pub status: RunStatus,
    /// The first difference, if there is one.
    pub divergence: Option<Divergence>,
    /// The number of the record that showed it.
    pub at_record: Option<usize>,
    /// Whether the definition was changed since the run began.
    pub definition_changed: bool,
}

pub(crate) async fn replay(agent: &Agent, from: ResumeFrom) -> Result<ReplayReport, Error> {
    let (_, records) = load(agent, &from).await?;
    let changed = match records.first().map(|record| &record.fact) {
        Some(Fact::Started(start)) => start.version != agent.definition().version,
        _ => false,
    };
    let mut run = Run::new();
    let mut found = None;
    for (index, record) in records.iter().enumerate() {
        let definition = agent.definition();
        if let Err(divergence) = run.apply_recorded(definition, record, VersionCheck::Ignore) {
            found = Some((index, divergence));
            break;
        }
    }
    Ok(ReplayReport {
        records: records.len(),
        status: run.status(),
        at_record: found.as_ref().map(|(index, _)| *index),
        divergence: found.map(|(_, divergence)| divergence),
        definition_changed: changed,
    })
}
