//! `agno serve`: agents over HTTP.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use agno::declarative::{Config, Setup};
use agno::{Agent, AgentOs};
use tokio::net::TcpListener;

use super::args::ServeArguments;
use super::common::exit::Failure;
use super::common::output::Output;
use super::common::source::{Source, tell_stand_ins};
use super::common::text::count;
use super::common::watch::Watch;

pub(super) fn serve(arguments: ServeArguments, output: &mut Output) -> Result<(), Failure> {
    // One thread per core: this is the one command that serves many at once.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime can't be started: {error}")))?;
    runtime.block_on(serve_here(arguments, output))
}

async fn serve_here(arguments: ServeArguments, output: &mut Output) -> Result<(), Failure> {
    let source = Source::new(arguments.file.as_deref(), &arguments.common);
    let config = source.config()?;
    let listener = listen(arguments.host, arguments.port).await?;
    let address = listener.local_addr()?;
    let source = source.with_url(&format!("http://{}", reachable(address)));
    let setup = source.build(&config, None)?;
    let head = format!(
        "agno {} · AgentOS on http://{address} · {} · {}, {}",
        env!("CARGO_PKG_VERSION"),
        source.db_address(&config),
        count(setup.agents.len(), "agent"),
        count(tool_count(&setup.agents), "tool"),
    );
    output.line(head)?;
    tell_stand_ins(&setup, &[], output)?;
    let os = os(&config, &setup);
    let components = os.components();
    let watching = match (&source.path, arguments.no_watch && !arguments.watch) {
        (Some(path), false) => {
            let watch = Watch::new(path.clone(), source.clone(), &config, Arc::clone(&setup.db));
            Some(tokio::spawn(watch.run(components)))
        }
        _ => None,
    };
    let signal = signal()?;
    let served = os.serve_until(listener, signal).await;
    if let Some(watching) = watching {
        watching.abort();
    }
    served.map_err(Failure::failed)?;
    output.note("stopped")
}

fn os(config: &Config, setup: &Setup) -> AgentOs {
    let mut os = AgentOs::new()
        .id(config.os_id().unwrap_or("agno"))
        .db(Arc::clone(&setup.db))
        .agents(setup.agents.iter().cloned());
    if let Some(name) = config.os_name() {
        os = os.name(name);
    }
    if let Some(description) = config.os_description() {
        os = os.description(description);
    }
    for origin in config.cors_origins() {
        os = os.cors_origin(origin.as_str());
    }
    os
}

async fn listen(host: IpAddr, port: u16) -> Result<TcpListener, Failure> {
    let address = SocketAddr::new(host, port);
    TcpListener::bind(address).await.map_err(|error| {
        Failure::failed(match error.kind() {
            ErrorKind::AddrInUse => format!(
                "{address} is in use: stop what uses it, or choose another port with `--port` (0 \
                 takes a free one)"
            ),
            ErrorKind::PermissionDenied => {
                format!("{address} may not be listened on: choose a port above 1023 with `--port`")
            }
            ErrorKind::AddrNotAvailable => {
                format!("{host} is no address of this machine: choose another `--host`")
            }
            _ => format!("{address} can't be listened on: {error}"),
        })
    })
}

/// The address as this machine itself can reach it.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// How many different tools the agents have.
pub(super) fn tool_count(agents: &[Agent]) -> usize {
    let mut names: Vec<&str> = agents
        .iter()
        .flat_map(|agent| agent.definition().tools.iter())
        .map(|tool| &*tool.spec().name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// Ready when the process is asked to end.
fn signal() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        // Registered here rather than when first polled, so that none is missed.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            if tokio::signal::ctrl_c().await.is_err() {
                // Without signals, only the end of the process ends the server.
                std::future::pending::<()>().await;
            }
        })
    }
}
