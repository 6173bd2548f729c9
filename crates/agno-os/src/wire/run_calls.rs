//! The tool calls of a run, and what persons were asked about them.

use std::collections::HashMap;
use std::sync::Arc;

use agno_core::{Message, Timestamp, ToolExecution};
use agno_engine::{Fact, Record, RunOutput};
use agno_runtime::Agent;

use super::requirement::RequirementView;
use super::tool::{Asked, Tool, ToolScope};

/// What persons were asked, by the id of the tool call.
pub(crate) type Calls = HashMap<Arc<str>, Asked>;

/// What persons were asked in a run, and what they said.
pub(crate) fn asked_in(records: &[Record]) -> Calls {
    let mut calls = Calls::new();
    let mut addresses = Vec::new();
    for record in records {
        match &record.fact {
            Fact::Paused(requirements) => {
                for requirement in &**requirements {
                    let id = &requirement.call.id;
                    addresses.push((requirement.at, Arc::clone(id)));
                    let kind = requirement.kind.clone();
                    calls.insert(Arc::clone(id), Asked { kind, answer: None });
                }
            }
            Fact::HumanAnswered(resolution) => {
                let known = addresses.iter().find(|(at, _)| Some(*at) == record.at);
                if let Some(asked) = known.and_then(|(_, id)| calls.get_mut(id)) {
                    asked.answer = Some((**resolution).clone());
                }
            }
            _ => {}
        }
    }
    calls
}

/// When the model asked for a call.
pub(crate) fn asked_for_at(run: &RunOutput, execution: &ToolExecution) -> Timestamp {
    let asks = |message: &Message| match message {
        Message::Assistant(answer) => answer
            .tool_calls
            .iter()
            .any(|call| call.id == execution.call.id),
        _ => false,
    };
    run.messages
        .iter()
        .rev()
        .find(|known| asks(&known.message))
        .map_or(run.started, |known| known.time)
}

fn tool_view<'a>(
    run: &RunOutput,
    execution: &'a ToolExecution,
    calls: &'a Calls,
    agent: Option<&'a Agent>,
) -> Tool<'a> {
    let tool = agent.and_then(|agent| agent.definition().tools.get(&execution.call.name));
    let scope = ToolScope {
        spec: tool.map(|tool| tool.spec()),
        asked: calls.get(&*execution.call.id),
        settled: true,
        created: asked_for_at(run, execution),
    };
    Tool::done(execution, scope)
}

/// The tool calls of a run.
pub(crate) fn tools<'a>(
    run: &'a RunOutput,
    calls: &'a Calls,
    agent: Option<&'a Agent>,
) -> Vec<Tool<'a>> {
    run.tools
        .iter()
        .map(|execution| tool_view(run, execution, calls, agent))
        .collect()
}

/// The questions of the last pause, if there was one.
pub(crate) fn requirements<'a>(
    run: &'a RunOutput,
    calls: &'a Calls,
    agent: Option<&'a Agent>,
) -> Option<Vec<RequirementView<'a>>> {
    let (asked, time) = run
        .records
        .iter()
        .rev()
        .find_map(|record| match &record.fact {
            Fact::Paused(requirements) => Some((requirements, record.time)),
            _ => None,
        })?;
    let views = asked
        .iter()
        .filter_map(|requirement| {
            let id = &requirement.call.id;
            let execution = run.tools.iter().rev().find(|tool| tool.call.id == *id)?;
            let tool = tool_view(run, execution, calls, agent);
            Some(RequirementView::new(run.run_id, requirement.at, time, tool))
        })
        .collect();
    Some(views)
}
