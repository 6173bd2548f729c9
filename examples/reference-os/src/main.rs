//! The server that the recorded exchanges of AgentOS's API were made with, in Rust.
//!
//! ```text
//! python3 fake_llm.py --port 18080 &
//! cargo run -p reference-os -- --port 7777 --llm http://127.0.0.1:18080/v1 --dir reference-os
//! python3 e2e/transcripts.py http://127.0.0.1:7777 TRANSCRIPTS
//! ```

mod agents;
mod tools;

use std::error::Error;
use std::path::PathBuf;

use agno::AgentOs;
use agno::Sqlite;
use clap::Parser;
use tokio::net::TcpListener;

/// Serves the reference agents.
#[derive(Parser)]
struct Arguments {
    /// The port on 127.0.0.1; 0 for any that is free, which is then printed.
    #[arg(long, default_value_t = 7777)]
    port: u16,
    /// Base URL of an OpenAI-compatible model, ending in /v1.
    #[arg(long, default_value = "http://127.0.0.1:18080/v1")]
    llm: String,
    /// The folder that holds the database.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    std::fs::create_dir_all(&arguments.dir)?;
    let db = Sqlite::options()
        .id("main-db")
        .open(arguments.dir.join("agno.db"))?;
    let agents = agents::agents(&arguments.llm, db.into())?;
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    announce(&listener)?;
    AgentOs::new()
        .id("ref-os")
        .name("Reference OS")
        .description("Reference AgentOS")
        .version("1.2.3")
        .agents(agents)
        .serve_until(listener, async {
            // Without the signal the server runs until it is killed.
            let _unavailable = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "whoever started the server reads the address"
)]
fn announce(listener: &TcpListener) -> std::io::Result<()> {
    println!("http://{}", listener.local_addr()?);
    Ok(())
}
