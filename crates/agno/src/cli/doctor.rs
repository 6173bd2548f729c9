//! `agno doctor`: checks what a server needs.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use agno::declarative::{Config, Setup};
use agno::models::providers;
use agno::storage::{DbField, SessionFilter, SessionStore};

use super::args::FileArguments;
use super::common::exit::Failure;
use super::common::output::Output;
use super::common::source::Source;
use super::common::text::count;
use super::serve::tool_count;

/// The port that `agno serve` takes if nothing else is said.
const PORT: u16 = 7777;

pub(super) async fn doctor(arguments: FileArguments, output: &mut Output) -> Result<(), Failure> {
    let mut report = Report {
        output,
        problems: 0,
    };
    let source = Source::of(&arguments);
    let config = match source.config() {
        Ok(config) => config,
        Err(Failure::Config(mistakes)) => {
            report.bad("file", "has mistakes")?;
            return Err(Failure::Config(mistakes));
        }
        Err(other) => return Err(other),
    };
    let path = config.path().display().to_string();
    let agents = count(config.agent_ids().count(), "agent");
    report.good("file", &format!("{path}: {agents}"))?;
    let setup = match source.build(&config, None) {
        Ok(setup) => setup,
        Err(failure) => {
            report.bad("set-up", "the agents can't be made")?;
            return Err(failure);
        }
    };
    models(&setup, &mut report)?;
    database(&source, &config, &setup, &mut report).await?;
    local_models(&setup, &mut report).await?;
    port(&mut report)?;
    match report.problems {
        0 => Ok(()),
        _ => Err(Failure::Told),
    }
}

struct Report<'o> {
    output: &'o mut Output,
    problems: usize,
}

impl Report<'_> {
    fn good(&mut self, what: &str, detail: &str) -> Result<(), Failure> {
        let mark = self.output.style.green("ok  ");
        self.output.line(format!("{mark} {what:<9} {detail}"))
    }

    /// Something that works but may not be meant.
    fn note(&mut self, what: &str, detail: &str) -> Result<(), Failure> {
        let mark = self.output.style.yellow("note");
        self.output.line(format!("{mark} {what:<9} {detail}"))
    }

    fn bad(&mut self, what: &str, detail: &str) -> Result<(), Failure> {
        self.problems += 1;
        let mark = self.output.style.red("bad ");
        self.output.line(format!("{mark} {what:<9} {detail}"))
    }
}

fn models(setup: &Setup, report: &mut Report<'_>) -> Result<(), Failure> {
    report.good("tools", &count(tool_count(&setup.agents), "tool"))?;
    for agent in &setup.agents {
        let stand_in = setup.stand_ins.iter().find(|one| one.agent == agent.id());
        match stand_in {
            Some(one) => {
                let detail = format!("`{}` uses the offline model: {}", one.agent, one.reason);
                report.note("model", &detail)?;
            }
            None => {
                let info = agent.model().info();
                let detail = format!("`{}` uses {} ({})", agent.id(), info.id, info.provider);
                report.good("model", &detail)?;
            }
        }
    }
    Ok(())
}

async fn database(
    source: &Source,
    config: &Config,
    setup: &Setup,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let address = source.db_address(config);
    let store = SessionStore::new(setup.db.clone());
    let all = SessionFilter::default();
    match store.list(&all, DbField::Updated, true, 1, 0).await {
        Ok((_, total)) => {
            let sessions = count(usize::try_from(total).unwrap_or(usize::MAX), "session");
            report.good("database", &format!("{address}: {sessions}"))
        }
        Err(error) => report.bad("database", &format!("{address}: {error}")),
    }
}

/// Asks the servers on this machine that need no key. One that an agent uses has to answer.
async fn local_models(setup: &Setup, report: &mut Report<'_>) -> Result<(), Failure> {
    let local = providers::all()
        .filter(|provider| !provider.needs_key && agno::models::is_loopback_url(provider.base_url));
    for provider in local {
        let answering = answers(&format!("{}/models", provider.base_url)).await;
        let used = setup.agents.iter().any(|agent| {
            let stands_in = setup.stand_ins.iter().any(|one| one.agent == agent.id());
            !stands_in && *agent.model().info().provider == *provider.name
        });
        let place = format!("{} at {}", provider.id, provider.base_url);
        match (answering, used) {
            (true, _) => report.good("server", &format!("{place} answers"))?,
            (false, true) => {
                let detail = format!("{place} does not answer: start it, or set its `base_url`");
                report.bad("server", &detail)?;
            }
            (false, false) => {}
        }
    }
    Ok(())
}

/// Whether a server on this machine answers at all.
async fn answers(url: &str) -> bool {
    let client = agno::tools::WebClient::builder()
        .allow_private(true)
        .timeout(Duration::from_secs(2))
        .build();
    client.send(agno::tools::WebRequest::get(url)).await.is_ok()
}

fn port(report: &mut Report<'_>) -> Result<(), Failure> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)) {
        Ok(_) => report.good("port", &format!("{PORT} is free")),
        Err(error) => report.note(
            "port",
            &format!("{PORT} can't be listened on ({error}): use `--port`"),
        ),
    }
}
