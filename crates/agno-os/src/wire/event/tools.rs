//! Frames about tool calls and pauses.

use std::sync::Arc;

use agno_core::{Requirement, Timestamp, ToolCall, ToolExecution};
use agno_runtime::Agent;
use bytes::BytesMut;

use super::EventEncoder;
use super::detail::{Paused, ToolDetail};
use crate::wire::requirement::{RequirementView, pause_text};
use crate::wire::run_calls::Calls;
use crate::wire::tool::{Asked, Tool, ToolScope};

impl EventEncoder {
    pub(super) fn tool_started(&mut self, call: &ToolCall, at: Timestamp, out: &mut BytesMut) {
        let known = self
            .fold
            .executions
            .iter_mut()
            .find(|(known, _)| known.call.id == call.id && known.output.is_none());
        match known {
            Some((known, _)) => known.call = call.clone(),
            None => self.fold.executions.push((unmade(call), at)),
        }
        let tool = Tool::started(call, scope(&self.agent, &self.fold.calls, call, at));
        let detail = ToolDetail {
            content: None,
            error: None,
            tool: &tool,
        };
        self.writer
            .detailed("ToolCallStarted", at.seconds(), &detail, out);
    }

    pub(super) fn tool_completed(
        &mut self,
        execution: &ToolExecution,
        at: Timestamp,
        out: &mut BytesMut,
    ) {
        let known = self
            .fold
            .executions
            .iter_mut()
            .rev()
            .find(|(known, _)| known.call.id == execution.call.id);
        let created = known.as_ref().map_or(at, |(_, created)| *created);
        match known {
            Some((known, _)) => *known = execution.clone(),
            None => self.fold.executions.push((execution.clone(), at)),
        }
        let scope = scope(&self.agent, &self.fold.calls, &execution.call, created);
        let stops = scope.spec.is_some_and(|spec| spec.stop_after_call);
        let tool = Tool::done(execution, scope);
        let mut detail = ToolDetail {
            content: Some(&tool.summary()),
            error: None,
            tool: &tool,
        };
        self.writer
            .detailed("ToolCallCompleted", at.seconds(), &detail, out);
        if execution.error.is_some() {
            detail.content = None;
            detail.error = execution.result().map(|text| &**text);
            self.writer
                .detailed("ToolCallError", at.seconds(), &detail, out);
        }
        if let (true, Some(text)) = (stops, execution.result()) {
            self.fold.tool_answer = Some(Arc::clone(text));
        }
    }

    pub(super) fn paused(
        &mut self,
        requirements: &[Requirement],
        at: Timestamp,
        out: &mut BytesMut,
    ) {
        for requirement in requirements {
            let id = &requirement.call.id;
            let known = |(execution, _): &(ToolExecution, Timestamp)| execution.call.id == *id;
            if !self.fold.executions.iter().any(known) {
                self.fold.executions.push((unmade(&requirement.call), at));
            }
        }
        self.writer.plain("RunContentCompleted", at.seconds(), out);
        let asked: Calls = requirements
            .iter()
            .map(|requirement| {
                let asked = Asked {
                    kind: requirement.kind.clone(),
                    answer: None,
                };
                (Arc::clone(&requirement.call.id), asked)
            })
            .collect();
        let (agent, calls) = (&self.agent, &self.fold.calls);
        let executions = &self.fold.executions;
        let detail = Paused {
            content: if self.fold.text.is_empty() {
                pause_text(requirements)
            } else {
                self.fold.text.clone()
            },
            tools: executions
                .iter()
                .map(|known| show(agent, calls, &asked, known))
                .collect(),
            requirements: requirements
                .iter()
                .filter_map(|requirement| {
                    let id = &requirement.call.id;
                    let known = executions.iter().find(|(known, _)| known.call.id == *id)?;
                    let at_command = requirement.at;
                    Some(RequirementView::new(
                        self.run_id,
                        at_command,
                        at,
                        show(agent, calls, &asked, known),
                    ))
                })
                .collect(),
        };
        self.writer
            .detailed("RunPaused", at.seconds(), &detail, out);
    }
}

/// A call as the pause shows it: with the questions of now.
fn show<'a>(
    agent: &'a Agent,
    calls: &'a Calls,
    asked: &'a Calls,
    (execution, created): &'a (ToolExecution, Timestamp),
) -> Tool<'a> {
    let mut scope = scope(agent, calls, &execution.call, *created);
    scope.asked = asked.get(&execution.call.id).or(scope.asked);
    Tool::done(execution, scope)
}

fn scope<'a>(
    agent: &'a Agent,
    calls: &'a Calls,
    call: &ToolCall,
    created: Timestamp,
) -> ToolScope<'a> {
    let tool = agent.definition().tools.get(&call.name);
    ToolScope {
        spec: tool.map(|tool| tool.spec()),
        asked: calls.get(&*call.id),
        settled: false,
        created,
    }
}

fn unmade(call: &ToolCall) -> ToolExecution {
    ToolExecution {
        call: call.clone(),
        output: None,
        error: None,
        timing: None,
    }
}
