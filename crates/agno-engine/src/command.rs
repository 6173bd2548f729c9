//! What a machine asks its driver to do.

use std::fmt;
use std::sync::Arc;

use agno_core::{
    CommandId, Digest, Effect, RequirementKind, RunFailure, Thread, Timestamp, ToolCall,
};
use serde::{Deserialize, Serialize};

use crate::fact::{Fact, Finished};

/// Something a driver has to do; answered by exactly one fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Command {
    /// Ask the model. Answered by `ModelReplied` or `ModelFailed`.
    CallModel {
        /// The conversation so far.
        thread: Thread,
        /// How many model replies the run has had.
        turn: u32,
    },
    /// Run a tool. Answered by `ToolReturned`, `ToolFailed` or `OutcomeUnknown`.
    CallTool {
        /// The call.
        call: ToolCall,
        /// What running it twice would do.
        effect: Effect,
    },
    /// Ask a person. Answered by `HumanAnswered`.
    AskHuman {
        /// The tool call in question.
        call: ToolCall,
        /// What has to be decided.
        kind: RequirementKind,
    },
    /// Wait. Answered by `Woke`.
    Wait {
        /// Until when.
        until: Timestamp,
    },
    /// End the run. Answered by `Finished`.
    Finish {
        /// How it ended.
        outcome: Outcome,
    },
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With this answer.
    Completed {
        /// The answer's text.
        content: Arc<str>,
        /// Whether the answer is the result of a tool instead of the model's.
        from_tool: bool,
        /// Digest of what the run used and changed beside its answer.
        effects: u64,
    },
    /// By request.
    Cancelled {
        /// Who or what asked for it.
        reason: Arc<str>,
    },
    /// By an error.
    Failed(RunFailure),
}

impl Outcome {
    /// The fact that records this end.
    pub fn to_fact(&self) -> Fact {
        Fact::Finished(Box::new(match self {
            Self::Completed {
                content,
                from_tool: true,
                ..
            } => Finished {
                failure: None,
                content: Some(Arc::clone(content)),
            },
            Self::Failed(failure) => Finished {
                failure: Some(Box::new(failure.clone())),
                content: None,
            },
            _ => Finished::default(),
        }))
    }
}

impl Outcome {
    /// Whether the fact records this end.
    pub(crate) fn is_recorded_by(&self, finished: &Finished) -> bool {
        match self {
            Self::Completed {
                content, from_tool, ..
            } => {
                finished.failure.is_none()
                    && finished.content.as_ref() == from_tool.then_some(content)
            }
            Self::Cancelled { .. } => *finished == Finished::default(),
            Self::Failed(failure) => {
                let same = |recorded: &RunFailure| {
                    recorded.code() == failure.code()
                        && (!is_reported(failure) || recorded == failure)
                };
                finished.content.is_none() && finished.failure.as_deref().is_some_and(same)
            }
        }
    }
}

/// Whether the failure repeats what a fact says, instead of putting it into words of ours.
const fn is_reported(failure: &RunFailure) -> bool {
    matches!(failure, RunFailure::Model(_) | RunFailure::Tool { .. })
}

impl Command {
    /// A number that differs when what is to be done differs.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        match self {
            Self::CallModel { thread, .. } => {
                digest.number(1);
                digest.number(thread.digest());
            }
            Self::CallTool { call, .. } => {
                digest.number(2);
                digest_call(&mut digest, call);
            }
            Self::AskHuman { call, kind } => {
                digest.number(3);
                digest_call(&mut digest, call);
                digest.number(match kind {
                    RequirementKind::Confirm => 1,
                    RequirementKind::UserInput { .. } => 2,
                    RequirementKind::External => 3,
                    _ => 4,
                });
            }
            // Until when is no part of it: it depends on when the failure happened.
            Self::Wait { .. } => digest.number(4),
            Self::Finish { outcome } => {
                digest.number(5);
                match outcome {
                    Outcome::Completed {
                        content, effects, ..
                    } => {
                        digest.text(content);
                        digest.number(*effects);
                    }
                    Outcome::Cancelled { reason } => {
                        digest.number(1);
                        digest.text(reason);
                    }
                    Outcome::Failed(failure) => {
                        digest.text(failure.code());
                        // Our own words for a limit may change; what a model or a tool said can't.
                        if is_reported(failure) {
                            digest.text(&failure.to_string());
                        }
                    }
                }
            }
        }
        digest.finish()
    }
}

fn digest_call(digest: &mut Digest, call: &ToolCall) {
    digest.text(&call.id);
    digest.text(&call.name);
    digest.text(&call.arguments);
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CallModel { thread, turn } => {
                write!(
                    f,
                    "ask the model, turn {turn}, {} messages",
                    thread.messages().len()
                )?;
                match thread.messages().last() {
                    Some(last) => write!(f, ", the last being {:?}", shorten(last.text())),
                    None => Ok(()),
                }
            }
            Self::CallTool { call, .. } => {
                write!(
                    f,
                    "call tool `{}` with {}",
                    call.name,
                    shorten(&call.arguments)
                )
            }
            Self::AskHuman { call, .. } => {
                write!(
                    f,
                    "ask a person about `{}` with {}",
                    call.name,
                    shorten(&call.arguments)
                )
            }
            Self::Wait { .. } => f.write_str("wait before asking the model again"),
            Self::Finish {
                outcome: Outcome::Completed { content, .. },
            } => {
                write!(f, "finish with {:?}", shorten(content))
            }
            Self::Finish {
                outcome: Outcome::Cancelled { .. },
            } => f.write_str("end as cancelled"),
            Self::Finish {
                outcome: Outcome::Failed(failure),
            } => {
                write!(f, "end with the error {:?}", failure.to_string())
            }
        }
    }
}

/// The first 80 characters.
fn shorten(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(80).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// A command with its address and digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issued {
    /// Its address.
    pub at: CommandId,
    /// Its digest.
    pub digest: u64,
    /// What is to be done.
    pub command: Command,
}
