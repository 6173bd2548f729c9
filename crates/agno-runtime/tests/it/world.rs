//! A world that outlives simulated processes: a database whose commits come late or never, a model
//! that takes its time, and tools that note when they were started.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use agno_core::db::{
    Aggregate, Collection, Commit, Condition, Db, DbError, Durability, Group, JournalEntry, Lease,
    Query, Record, Write,
};
use agno_core::{
    AssistantMessage, BoxFuture, Content, Effect, Message, Model, ModelChunk, ModelError,
    ModelErrorKind, ModelInfo, ModelReply, ModelRequest, ModelStream, ReplyStream, RunId, Schema,
    StructuredOutput, Tool, ToolCall, ToolContext, ToolOutput, ToolResult, ToolSpec, Usage,
};
use agno_store::MemoryDb;
use serde_json::json;

/// Not ready for the given number of polls.
pub async fn dawdle(polls: u8) {
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Small numbers, over and over again: how late each thing is.
#[derive(Debug, Clone)]
pub struct Delays(Arc<Mutex<VecDeque<u8>>>);

impl Delays {
    pub fn new(delays: &[u8]) -> Self {
        let delays = if delays.is_empty() { &[0] } else { delays };
        Self(Arc::new(Mutex::new(
            delays.iter().map(|delay| delay % 4).collect(),
        )))
    }

    pub fn next(&self) -> u8 {
        let mut delays = self.0.lock().unwrap();
        delays.rotate_left(1);
        delays[0]
    }
}

/// A database whose commits take effect some time after they are asked for, and are reported some
/// time after they took effect. A commit that nobody polls is lost, as in a crash.
#[derive(Debug, Clone)]
pub struct LateDb {
    pub inner: MemoryDb,
    pub delays: Delays,
    switches: Arc<Mutex<Switches>>,
}

#[derive(Debug, Default)]
struct Switches {
    /// How many more batches take effect; the others never end.
    batches: Option<usize>,
    /// How many batches are done before one fails.
    failing_after: Option<usize>,
}

impl LateDb {
    pub fn new(delays: &[u8]) -> Self {
        Self {
            inner: MemoryDb::new(),
            delays: Delays::new(delays),
            switches: Arc::default(),
        }
    }

    /// From now on only so many batches take effect.
    pub fn stop_after(&self, batches: Option<usize>) {
        self.switches.lock().unwrap().batches = batches;
    }

    /// The batch after so many fails.
    pub fn fail_after(&self, batches: usize) {
        self.switches.lock().unwrap().failing_after = Some(batches);
    }

    /// Whether the next batch takes effect, fails, or never ends.
    fn admit(&self) -> Poll<Result<(), DbError>> {
        let mut switches = self.switches.lock().unwrap();
        match &mut switches.failing_after {
            Some(0) => {
                switches.failing_after = None;
                return Poll::Ready(Err(DbError::Backend("the disk is full".into())));
            }
            Some(left) => *left -= 1,
            None => {}
        }
        match &mut switches.batches {
            Some(0) => Poll::Pending,
            Some(left) => {
                *left -= 1;
                Poll::Ready(Ok(()))
            }
            None => Poll::Ready(Ok(())),
        }
    }
}

impl Db for LateDb {
    fn id(&self) -> &str {
        "late"
    }

    fn durability(&self) -> Durability {
        Durability::Process
    }

    fn write(&self, batch: Vec<Write>) -> Commit {
        let db = self.clone();
        let (before, after) = (self.delays.next(), self.delays.next());
        Commit::Wait(Box::pin(async move {
            dawdle(before).await;
            match db.admit() {
                Poll::Pending => std::future::pending().await,
                Poll::Ready(admitted) => admitted?,
            }
            db.inner.write(batch).done().await?;
            dawdle(after).await;
            Ok(())
        }))
    }

    fn get(
        &self,
        collection: &'static Collection,
        key: &str,
    ) -> BoxFuture<Result<Option<Record>, DbError>> {
        self.inner.get(collection, key)
    }

    fn query(&self, query: Query) -> BoxFuture<Result<Vec<Record>, DbError>> {
        self.inner.query(query)
    }

    fn count(
        &self,
        collection: &'static Collection,
        conditions: Vec<Condition>,
    ) -> BoxFuture<Result<u64, DbError>> {
        self.inner.count(collection, conditions)
    }

    fn aggregate(&self, aggregate: Aggregate) -> BoxFuture<Result<Vec<Group>, DbError>> {
        self.inner.aggregate(aggregate)
    }

    fn journals(
        &self,
        runs: Vec<RunId>,
        from: u32,
    ) -> BoxFuture<Result<Vec<Vec<JournalEntry>>, DbError>> {
        self.inner.journals(runs, from)
    }

    fn lease(&self, name: &str) -> BoxFuture<Result<Option<Lease>, DbError>> {
        self.inner.lease(name)
    }
}

/// One start of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    pub tool: String,
    /// Distinguishes the calls of a run.
    pub call: i64,
    pub idempotency_key: String,
}

/// Starts of tools, in all processes.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<Started>>>);

impl Log {
    pub fn lock(&self) -> MutexGuard<'_, Vec<Started>> {
        self.0.lock().unwrap()
    }

    /// How often the call was started.
    pub fn count(&self, call: i64) -> usize {
        self.lock()
            .iter()
            .filter(|started| started.call == call)
            .count()
    }
}

/// A tool that notes its start, takes its time, and returns a text made from its argument.
#[derive(Debug)]
pub struct NotingTool {
    spec: ToolSpec,
    log: Log,
    delays: Delays,
}

impl NotingTool {
    pub fn new(name: &str, effect: Effect, log: &Log, delays: &Delays) -> Self {
        let schema = Schema::new(json!({
            "type": "object",
            "properties": {"n": {"type": "integer"}},
            "required": ["n"],
        }));
        let mut spec = ToolSpec::new(name, "Does something.", schema);
        spec.effect = effect;
        Self {
            spec,
            log: log.clone(),
            delays: delays.clone(),
        }
    }

    pub fn with(mut self, change: impl FnOnce(&mut ToolSpec)) -> Self {
        change(&mut self.spec);
        self
    }
}

/// What a tool says to the call of the given number.
pub fn result_of(call: i64) -> String {
    format!("result {call}")
}

impl Tool for NotingTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn call(self: Arc<Self>, arguments: Arc<str>, context: ToolContext) -> BoxFuture<ToolResult> {
        let delay = self.delays.next();
        Box::pin(async move {
            let arguments: serde_json::Value = serde_json::from_str(&arguments).unwrap();
            let call = arguments["n"].as_i64().unwrap();
            self.log.lock().push(Started {
                tool: self.spec.name.to_string(),
                call,
                idempotency_key: context.idempotency_key(),
            });
            dawdle(delay).await;
            Ok(ToolOutput::text(result_of(call)))
        })
    }
}

/// A model that says what a script has for the number of replies in the conversation, piece by
/// piece and in its own time. Each so many calls one fails.
#[derive(Debug)]
pub struct SlowModel {
    info: ModelInfo,
    script: Vec<AssistantMessage>,
    delays: Delays,
    failing: Option<u32>,
    calls: Mutex<u32>,
}

pub fn calls(calls: &[(&str, i64)]) -> AssistantMessage {
    let calls = calls.iter().map(|(name, number)| ToolCall {
        id: format!("call_{number}").into(),
        name: (*name).into(),
        arguments: json!({ "n": number }).to_string().into(),
    });
    AssistantMessage {
        content: Content::default(),
        tool_calls: calls.collect(),
    }
}

pub fn text(text: &str) -> AssistantMessage {
    AssistantMessage {
        content: Content::text(text),
        tool_calls: Vec::new(),
    }
}

impl SlowModel {
    pub fn new(script: Vec<AssistantMessage>, delays: &Delays) -> Self {
        Self {
            info: ModelInfo {
                id: "slow".into(),
                name: "Slow".into(),
                provider: "agno".into(),
                structured_output: StructuredOutput::Native,
            },
            script,
            delays: delays.clone(),
            failing: None,
            calls: Mutex::default(),
        }
    }

    pub fn failing_each(mut self, calls: Option<u32>) -> Self {
        self.failing = calls;
        self
    }
}

impl Model for SlowModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn stream(&self, request: ModelRequest) -> ReplyStream {
        let mut made = self.calls.lock().unwrap();
        *made += 1;
        let mut chunks = VecDeque::new();
        if self
            .failing
            .is_some_and(|each| (*made).is_multiple_of(each))
        {
            chunks.push_back(Ok(ModelChunk::Text("It ".into())));
            let error = ModelError::new(ModelErrorKind::Connection, "the connection was cut");
            chunks.push_back(Err(error));
        } else {
            let replies = request.thread.messages().iter();
            let turn = replies
                .filter(|known| matches!(***known, Message::Assistant(_)))
                .count();
            let message = self.script[turn].clone();
            if request.deltas {
                let pieces = message.content.text.split_inclusive(' ');
                chunks.extend(pieces.map(|piece| Ok(ModelChunk::Text(piece.into()))));
            }
            let usage = Usage {
                total_tokens: 10,
                ..Usage::default()
            };
            chunks.push_back(Ok(ModelChunk::Done(Box::new(ModelReply::new(
                message, usage,
            )))));
        }
        Box::new(SlowStream {
            chunks,
            told: String::new(),
            waited: false,
            delays: self.delays.clone(),
        })
    }
}

struct SlowStream {
    chunks: VecDeque<Result<ModelChunk, ModelError>>,
    told: String,
    waited: bool,
    delays: Delays,
}

impl ModelStream for SlowStream {
    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<ModelChunk, ModelError>>> {
        if !self.waited && self.delays.next() > 1 {
            self.waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.waited = false;
        let chunk = self.chunks.pop_front();
        if let Some(Ok(ModelChunk::Text(text))) = &chunk {
            self.told.push_str(text);
        }
        Poll::Ready(chunk)
    }

    fn partial_text(&self) -> &str {
        &self.told
    }
}
