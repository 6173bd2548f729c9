//! Loading stored runs and showing them.

use agno_core::{Message, RunStatus, ToolErrorKind, ToolExecution};
use agno_engine::RunOutput;
use agno_runtime::Agent;
use agno_runtime::store::{RunStore, StoredRun};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::replay;
use crate::http::error::ApiError;
use crate::server::stored_run;
use crate::wire::run::{Lineage, RunScope, RunView};
use crate::wire::run_calls::{Calls, asked_in};
use crate::wire::run_row::RunRow;

/// A run with everything that showing it needs.
#[derive(Debug)]
pub(crate) struct ShownRun {
    pub(crate) output: RunOutput,
    calls: Calls,
    history: Vec<RunOutput>,
    state: Map<String, Value>,
    model: Option<(String, String)>,
    events: Option<Box<RawValue>>,
    raw_answer: bool,
    lineage: Lineage,
}

impl ShownRun {
    /// A run that ended a moment ago. Messages of earlier runs are shown with it, as its model saw
    /// them.
    pub(crate) async fn fresh(
        agent: &Agent,
        output: RunOutput,
        state: Map<String, Value>,
        raw_answer: bool,
    ) -> Result<Self, ApiError> {
        let mut output = output;
        inherit_tools(&mut output);
        let history = match agent.runs() {
            Some(store) if !output.input.history_runs.is_empty() => {
                store.outputs(&output.input.history_runs).await?
            }
            _ => Vec::new(),
        };
        Ok(Self {
            calls: asked_in(&output.records),
            history,
            state,
            model: None,
            events: None,
            raw_answer,
            lineage: Lineage::default(),
            output,
        })
    }

    /// A stored run, with the events that it told.
    pub(crate) fn stored(agent: Option<&Agent>, stored: StoredRun, mut output: RunOutput) -> Self {
        inherit_tools(&mut output);
        if stored.status == RunStatus::Pending {
            output.status = RunStatus::Pending;
        }
        let told = stored.background || replay::was_streamed(&output.records);
        let events = agent.filter(|_| told).and_then(|agent| {
            if !replay::was_streamed(&output.records) {
                return RawValue::from_string("[]".to_owned()).ok();
            }
            replay::frames(agent, &output, true, &stored.state).to_json()
        });
        Self {
            calls: asked_in(&output.records),
            history: Vec::new(),
            state: stored.state,
            model: stored
                .model
                .zip(stored.provider)
                .map(|(id, provider)| (id.to_string(), provider.to_string())),
            events,
            raw_answer: false,
            lineage: Lineage::default(),
            output,
        }
    }

    /// The run without the events that it told: they are not wanted where the run is the answer.
    pub(crate) fn without_events(mut self) -> Self {
        self.events = RawValue::from_string("[]".to_owned()).ok();
        self
    }

    /// The run with how it came of an earlier one.
    pub(crate) const fn with_lineage(mut self, lineage: Lineage) -> Self {
        self.lineage = lineage;
        self
    }

    fn scope<'a>(&'a self, agent: Option<&'a Agent>) -> RunScope<'a> {
        RunScope {
            agent,
            model: self
                .model
                .as_ref()
                .map(|(id, provider)| (id.as_str(), provider.as_str())),
            state: &self.state,
            history: &self.history,
            events: self.events.as_deref(),
            raw_answer: self.raw_answer,
            lineage: self.lineage,
        }
    }

    /// The run as endpoints that run agents show it.
    pub(crate) fn view<'a>(&'a self, agent: Option<&'a Agent>) -> RunView<'a> {
        RunView::new(&self.output, &self.calls, self.scope(agent))
    }

    /// The run as lists show it.
    pub(crate) fn row<'a>(&'a self, agent: Option<&'a Agent>) -> RunRow<'a> {
        RunRow::new(&self.output, &self.calls, self.scope(agent))
    }
}

/// Shows the calls of an earlier run whose conversation this one begins with.
fn inherit_tools(run: &mut RunOutput) {
    if run.input.forked_from.is_none() {
        return;
    }
    let mut tools: Vec<ToolExecution> = Vec::new();
    for message in &run.input.messages {
        match &**message {
            Message::Assistant(answer) => {
                tools.extend(answer.tool_calls.iter().map(|call| ToolExecution {
                    call: call.clone(),
                    output: None,
                    error: None,
                    timing: None,
                }));
            }
            Message::Tool(result) => {
                let known = |tool: &&mut ToolExecution| tool.call.id == result.call_id;
                if let Some(tool) = tools.iter_mut().rev().find(known) {
                    tool.output = Some(result.output.clone());
                    tool.error = result.is_error.then_some(ToolErrorKind::Failed);
                }
            }
            _ => {}
        }
    }
    tools.append(&mut run.tools);
    run.tools = tools;
}

/// A stored run of an agent as a whole. One of another agent, session or user is as good as unknown.
pub(crate) async fn find(
    agent: &Agent,
    run: &str,
    session: &str,
    user: Option<&str>,
) -> Result<(StoredRun, RunOutput), ApiError> {
    let unknown = || ApiError::not_found("Run not found");
    let (store, stored) = stored_run(agent, run, Some(session), user)
        .await?
        .ok_or_else(unknown)?;
    load(&store, vec![stored]).await?.pop().ok_or_else(unknown)
}

/// Stored runs as wholes, in their order. Those without a journal are left out: nothing is known of
/// them.
pub(crate) async fn load(
    store: &RunStore,
    stored: Vec<StoredRun>,
) -> Result<Vec<(StoredRun, RunOutput)>, ApiError> {
    let ids: Vec<_> = stored.iter().map(|run| run.run_id).collect();
    let mut outputs = store.outputs(&ids).await?.into_iter().peekable();
    Ok(stored
        .into_iter()
        .filter_map(|run| {
            let output = outputs.next_if(|output| output.run_id == run.run_id)?;
            Some((run, output))
        })
        .collect())
}
