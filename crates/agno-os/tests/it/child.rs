//! A server in a process of its own, which can be killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use agno_core::{Effect, IntoTool, Schema, Tool, ToolContext, ToolSpec, function_tool};
use agno_os::AgentOs;
use agno_runtime::Agent;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::model::ObedientModel;
use crate::server::database;

const FOLDER: &str = "AGNO_OS_TEST_FOLDER";
const LEDGER: &str = "AGNO_OS_TEST_LEDGER";

/// A server process.
pub struct ServerProcess {
    child: Child,
    pub address: String,
}

impl ServerProcess {
    /// Starts a server on the database in `folder`. Its tools ask `ledger` before they return.
    pub fn start(folder: &Path, ledger: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::serve", "--nocapture"])
            .env(FOLDER, folder)
            .env(LEDGER, ledger)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                line.unwrap()
                    .split("listening on ")
                    .nth(1)
                    .map(str::to_owned)
            })
            .expect("the child tells its address");
        // The pipe must stay open and empty.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// Kills it as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Notes which tools were called, and lets them return when it is told to.
pub struct Ledger {
    listener: TcpListener,
}

impl Ledger {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { listener }
    }

    pub fn address(&self) -> String {
        self.listener.local_addr().unwrap().to_string()
    }

    /// Waits for the next call; the call waits for the returned socket to be answered.
    pub fn next_call(&self) -> (String, TcpStream) {
        let (mut socket, _) = self.listener.accept().unwrap();
        let mut name = Vec::new();
        let mut byte = [0];
        while socket.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
            name.push(byte[0]);
        }
        (String::from_utf8(name).unwrap(), socket)
    }

    /// Lets the next call, which must be of `name`, return.
    pub fn let_through(&self, name: &str) {
        let (called, mut socket) = self.next_call();
        assert_eq!(called.split(' ').next(), Some(name));
        socket.write_all(b"ok\n").unwrap();
    }
}

/// A tool that tells the ledger of its call and waits for its word.
fn tool(name: &str, effect: Effect, ledger: &str) -> Arc<dyn Tool> {
    let mut spec = ToolSpec::new(name, "A tool.", Schema::new(json!({"type": "object"})));
    spec.effect = effect;
    let (name, ledger) = (name.to_owned(), ledger.to_owned());
    function_tool(spec, move |_: Value, context: ToolContext| {
        let line = format!("{name} {}\n", context.idempotency_key());
        let (name, ledger) = (name.clone(), ledger.clone());
        async move {
            let mut socket = tokio::net::TcpStream::connect(ledger).await.unwrap();
            socket.write_all(line.as_bytes()).await.unwrap();
            let mut word = [0; 3];
            socket.read_exact(&mut word).await.unwrap();
            format!("{name} done")
        }
    })
    .into_tool()
}

/// The child: a test of its own binary that serves when it is asked to.
#[test]
fn serve() {
    let (Ok(folder), Ok(ledger)) = (std::env::var(FOLDER), std::env::var(LEDGER)) else {
        println!("skipped: only useful as a child of the other tests");
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let agent = Agent::builder("bench")
            .model(Arc::new(ObedientModel::new(None)) as Arc<dyn agno_core::Model>)
            .db(database(Path::new(&folder)))
            .tool(tool("pure", Effect::Pure, &ledger))
            .tool(tool("idempotent", Effect::Idempotent, &ledger))
            .tool(tool("at_most_once", Effect::AtMostOnce, &ledger))
            .build()
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("listening on {}", listener.local_addr().unwrap());
        AgentOs::new()
            .agent(agent)
            .serve_on(listener)
            .await
            .unwrap();
    });
}
