//! The end of a run: the model's answer, held to the output schema if there is one.

use std::sync::Arc;

use agno_core::{FinishReason, Message, RunFailure};

use super::AgentMachine;
use crate::command::Outcome;
use crate::step::StepContext;

impl AgentMachine {
    /// The model answered without asking for tools.
    pub(super) fn model_answered(
        &mut self,
        message: &Message,
        finish: FinishReason,
        context: &mut StepContext<'_>,
    ) {
        let content = Arc::clone(message.text());
        let Some(output) = &self.output else {
            return self.complete(content, false, context);
        };
        let problem = match crate::output::parse_structured(&content) {
            Ok(value) => match output.schema.check(&value) {
                Ok(()) => return self.complete(content, false, context),
                Err(violations) => violations.to_string(),
            },
            Err(_) if finish == FinishReason::Length => {
                "the JSON was cut off by the token limit".to_owned()
            }
            Err(error) => format!("it is not JSON: {error}"),
        };
        let repairs = self
            .definition(context)
            .map_or(0, |known| known.limits.output_repairs);
        if self.repairs >= repairs {
            let failure = RunFailure::InvalidOutput(problem.into());
            return context.finish(Outcome::Failed(failure));
        }
        self.repairs += 1;
        let request = Arc::new(Message::user(format!(
            "Your answer does not fit the required JSON schema `{}`: {problem}. Answer again with \
             nothing but JSON that fits the schema.",
            output.name
        )));
        context.note_added(&request);
        context.emit(agno_core::EventKind::ContentReset);
        self.thread.push(request);
        self.ask_model(context);
    }
}
