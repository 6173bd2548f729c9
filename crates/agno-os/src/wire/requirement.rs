//! What a paused run waits for.

use agno_core::{CommandId, Requirement, RequirementKind, RunId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::time::iso_offset;
use super::tool::{InputField, Tool};

/// A question to a person about one tool call.
#[derive(Debug, Serialize)]
pub(crate) struct RequirementView<'a> {
    id: Uuid,
    created_at: String,
    tool_execution: Tool<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_input_schema: Option<Vec<InputField<'a>>>,
}

impl<'a> RequirementView<'a> {
    /// The question at the given address.
    pub(crate) fn new(run: RunId, at: CommandId, time: Timestamp, tool: Tool<'a>) -> Self {
        Self {
            id: requirement_id(run, at, tool.is_answered()),
            created_at: iso_offset(time),
            user_input_schema: tool.user_input_schema().map(<[_]>::to_vec),
            tool_execution: tool,
        }
    }
}

/// Far above any message's number, so that ids of messages and requirements never meet.
const FIRST_REQUIREMENT: usize = 1 << 40;

/// The id of a question: the same whenever the run is looked at, and another once it is answered,
/// as clients of Agno know it.
pub(crate) fn requirement_id(run: RunId, at: CommandId, answered: bool) -> Uuid {
    let number = ((at.node as usize) << 21) + ((at.command as usize) << 1) + usize::from(answered);
    run.message_id(FIRST_REQUIREMENT + number)
}

/// What a paused run says, where the model said nothing.
pub(crate) fn pause_text(requirements: &[Requirement]) -> String {
    let any = |wanted: fn(&RequirementKind) -> bool| {
        requirements
            .iter()
            .any(|requirement| wanted(&requirement.kind))
    };
    let parts = [
        (
            any(|kind| matches!(kind, RequirementKind::Confirm)),
            "I need confirmation",
        ),
        (
            any(|kind| matches!(kind, RequirementKind::UserInput { .. })),
            "I need user input",
        ),
        (
            any(|kind| matches!(kind, RequirementKind::External)),
            "it needs external execution",
        ),
        (
            any(|kind| matches!(kind, RequirementKind::OutcomeUnknown)),
            "I do not know whether a call that was cut off took effect",
        ),
    ];
    let needed: Vec<&str> = parts
        .iter()
        .filter(|(needed, _)| *needed)
        .map(|(_, text)| *text)
        .collect();
    format!("I have tools to execute, but {}.", needed.join(", and "))
}
