//! `agno sessions`: lists and deletes sessions.

use agno::SessionId;
use agno::storage::{DbField, SessionFilter, SessionStore};
use serde_json::json;

use super::args::{SessionDeleteArguments, SessionListArguments, SessionsCommand};
use super::common::exit::Failure;
use super::common::output::Output;
use super::common::source::Source;
use super::common::text;

pub(super) async fn sessions(command: SessionsCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        SessionsCommand::List(arguments) => list(arguments, output).await,
        SessionsCommand::Delete(arguments) => delete(arguments, output).await,
    }
}

async fn list(arguments: SessionListArguments, output: &mut Output) -> Result<(), Failure> {
    let setup = Source::of(&arguments.file).setup()?;
    let filter = SessionFilter {
        user_id: arguments.user.map(Into::into),
        ..SessionFilter::default()
    };
    let store = SessionStore::new(setup.db);
    let (sessions, total) = store
        .list(&filter, DbField::Updated, true, arguments.limit, 0)
        .await?;
    if sessions.is_empty() && !arguments.json {
        return output.line("No sessions yet: `agno chat` or `agno run` makes one.");
    }
    let now = text::now();
    let shown = sessions.len() as u64;
    for session in sessions {
        if arguments.json {
            output.line(json!({
                "session_id": session.id.as_str(),
                "agent_id": session.component_id.as_deref(),
                "user_id": session.user_id.as_ref().map(|id| id.as_str()),
                "name": session.name.as_deref(),
                "created_at": session.created.seconds(),
                "updated_at": session.updated.seconds(),
            }))?;
            continue;
        }
        let style = output.style;
        output.line(format!(
            "{}  {}  {}  {}",
            session.id,
            style.bold(session.component_id.as_deref().unwrap_or("-")),
            text::shortened(session.name.as_deref().unwrap_or("-")),
            style.dim(text::ago(session.updated, now)),
        ))?;
    }
    if shown < total && !arguments.json {
        output.note(format!("{shown} of {total}: `--limit` shows more"))?;
    }
    Ok(())
}

async fn delete(arguments: SessionDeleteArguments, output: &mut Output) -> Result<(), Failure> {
    let setup = Source::of(&arguments.file).setup()?;
    let store = SessionStore::new(setup.db);
    let id = SessionId::from(arguments.session);
    if store.get(&id).await?.is_none() {
        let message = format!("there is no session `{id}`: `agno sessions list` shows them");
        return Err(Failure::failed(message));
    }
    store.delete(&id).await?;
    output.line(format!("deleted session {id} with its runs"))
}
