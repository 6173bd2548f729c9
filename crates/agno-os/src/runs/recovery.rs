//! Going on with runs after the process was killed.

use agno_core::db::Lease;
use agno_runtime::store::RunStore;

use super::active::cancel_reason;
use super::background::Telling;
use crate::error::ServeError;
use crate::server::Server;

/// The lease of the one server that looks after the interrupted runs of a database.
const LEASE: &str = "recovery";

/// Looks after the runs that a killed process left behind: those in the background go on (or pause
/// with the question what became of a call that must not run twice), all others are over.
///
/// The leases are held as long as the server lives: another server on the same database must not
/// take the runs of this one for interrupted.
pub(crate) async fn recover(server: &Server) -> Result<Vec<Lease>, ServeError> {
    let mut leases = Vec::new();
    for db in server.databases() {
        let Some(lease) = db.lease(LEASE).await? else {
            tracing::info!(db = db.id(), "another server looks after interrupted runs");
            continue;
        };
        leases.push(lease);
        let store = RunStore::new(db);
        for run in store.interrupted().await? {
            let components = server.components();
            let Some(agent) = components.agent(&run.component_id) else {
                tracing::warn!(run = %run.run_id, agent = %run.component_id,
                    "an interrupted run can't go on: its agent is not served");
                continue;
            };
            let session = run.session_id.as_ref().map_or("", |id| id.as_str());
            let telling = Telling {
                deltas: true,
                ..Telling::default()
            };
            tracing::info!(run = %run.run_id, "going on with an interrupted run");
            let going_on =
                server
                    .background
                    .recover(&server.active, agent, run.run_id, session, telling);
            if let Err(error) = going_on {
                tracing::error!(run = %run.run_id, ?error, "an interrupted run can't go on");
            }
        }
        for run in store.cut_off().await? {
            let components = server.components();
            let Some(agent) = components.agent(&run.component_id) else {
                continue;
            };
            let ended = agent
                .recover(run.run_id)
                .cancel(format!("{}: its process ended", cancel_reason(run.run_id)))
                .await;
            if let Err(error) = ended {
                tracing::debug!(run = %run.run_id, %error, "a run that was cut off was ended");
            }
        }
    }
    Ok(leases)
}
