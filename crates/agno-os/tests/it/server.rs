//! Servers for tests.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use agno_core::db::Db;
use agno_core::{
    Effect, Interaction, IntoTool, Schema, Tool, ToolContext, ToolSpec, function_tool,
};
use agno_os::{AgentOs, ComponentsHandle};
use agno_runtime::Agent;
use agno_store::Sqlite;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::client::{Answer, get, post_form, send};
use crate::model::{Gate, ObedientModel};

pub struct TestServer {
    pub address: String,
    pub refunds: Arc<AtomicU32>,
    pub components: ComponentsHandle,
    _folder: TempDir,
    _end: oneshot::Sender<()>,
}

/// How often `refund` was made is counted.
pub fn agent(db: Arc<dyn Db>, gate: Option<Arc<Gate>>, refunds: Arc<AtomicU32>) -> Agent {
    let mut state = Map::new();
    state.insert("notes".to_owned(), json!([]));
    Agent::builder("bench")
        .name("Bench")
        .model(Arc::new(ObedientModel::new(gate)) as Arc<dyn agno_core::Model>)
        .db(db)
        .session_state(state)
        .tool(weather())
        .tool(note())
        .tool(refund(refunds))
        .build()
        .unwrap()
}

fn spec(name: &str, properties: Value) -> ToolSpec {
    let required: Vec<&String> = properties.as_object().unwrap().keys().collect();
    let schema = json!({"type": "object", "properties": properties, "required": required});
    let mut spec = ToolSpec::new(name, "A tool.", Schema::new(schema));
    spec.effect = Effect::Pure;
    spec
}

fn weather() -> Arc<dyn Tool> {
    let spec = spec("weather", json!({"city": {"type": "string"}}));
    function_tool(spec, |arguments: Value, _| async move {
        format!("Sunny in {}", arguments["city"].as_str().unwrap())
    })
    .into_tool()
}

fn note() -> Arc<dyn Tool> {
    let spec = spec("note", json!({"text": {"type": "string"}}));
    function_tool(spec, |arguments: Value, context: ToolContext| async move {
        let text = arguments["text"].as_str().unwrap().to_owned();
        context
            .state()
            .update("notes", |notes: Option<Vec<String>>| {
                let mut notes = notes.unwrap_or_default();
                notes.push(text);
                notes
            })
            .map(|notes| notes.len() as u64)
    })
    .into_tool()
}

fn refund(refunds: Arc<AtomicU32>) -> Arc<dyn Tool> {
    let mut spec = spec("refund", json!({"amount": {"type": "integer"}}));
    spec.effect = Effect::AtMostOnce;
    spec.interaction = Interaction::Confirm;
    function_tool(spec, move |_: Value, _| {
        let made = refunds.fetch_add(1, Ordering::SeqCst) + 1;
        async move { format!("refund {made}") }
    })
    .into_tool()
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(None, |os| os).await
    }

    pub async fn with(gate: Option<Arc<Gate>>, change: impl FnOnce(AgentOs) -> AgentOs) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db: Arc<dyn Db> = Sqlite::open(folder.path().join("os.db")).unwrap().into();
        let refunds = Arc::new(AtomicU32::new(0));
        let os = change(AgentOs::new().id("test-os")).agent(agent(db, gate, Arc::clone(&refunds)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let components = os.components();
        let (end, ended) = oneshot::channel::<()>();
        tokio::spawn(os.serve_until(listener, async {
            let _ = ended.await;
        }));
        Self {
            address,
            refunds,
            components,
            _folder: folder,
            _end: end,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(&self.address, get(path)).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        send(&self.address, post_form(path, fields)).await
    }

    pub async fn run(&self, fields: &[(&str, &str)]) -> Answer {
        self.post("/agents/bench/runs", fields).await
    }

    /// Asks for a run until it has the status.
    pub async fn wait_for(&self, run: &str, session: &str, status: &str) -> Value {
        wait_for(&self.address, run, session, status).await
    }
}

pub async fn wait_for(address: &str, run: &str, session: &str, status: &str) -> Value {
    let path = format!("/agents/bench/runs/{run}?session_id={session}");
    for _ in 0..10_000 {
        let answer = send(address, get(&path)).await;
        if answer.status == 200 && answer.json()["status"] == status {
            return answer.json();
        }
        tokio::task::yield_now().await;
    }
    panic!("run {run} never was {status}");
}

pub fn database(folder: &Path) -> Arc<dyn Db> {
    Sqlite::open(folder.join("os.db")).unwrap().into()
}
