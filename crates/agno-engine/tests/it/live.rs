//! A driver without a clock or IO: carries a run out, answering its commands in a random order.

use std::sync::Arc;

use agno_core::{
    CommandId, Effect, Event, Message, RequirementKind, Resolution, RunStatus, StatePatch,
    Timestamp, Timing, ToolCall, ToolError, ToolErrorKind, ToolOutput,
};
use agno_engine::{
    AgentDefinition, Command, Fact, Issued, ModelReplied, Outcome, PartialReply, Piece, Record,
    Run, RunInput, RunOutput, Start, ToolFailed, ToolReturned, VersionCheck,
};
use serde_json::{Value, json};

use crate::entropy::Entropy;
use crate::plan::{Plan, Turn};

/// A run and everything that it said.
#[derive(Debug)]
pub struct Live<'a> {
    pub plan: &'a Plan,
    pub run: Run,
    pub records: Vec<Record>,
    /// All commands in the order in which they were issued, each once.
    pub commands: Vec<Issued>,
    pub events: Vec<Event>,
    /// Model calls so far.
    pub asked: usize,
    clock: u64,
}

pub fn run_id() -> agno_core::RunId {
    agno_core::RunId::from_u128(1)
}

impl<'a> Live<'a> {
    /// Runs the plan to its end.
    pub fn finish(plan: &'a Plan, entropy: &mut Entropy<'_>) -> Self {
        let mut live = Self::start(plan);
        for _ in 0..2_000 {
            if live.run.status().is_terminal() {
                return live;
            }
            live.step(entropy);
        }
        panic!("the run does not end: {live:#?}");
    }

    pub fn start(plan: &'a Plan) -> Self {
        let mut live = Self {
            plan,
            run: Run::new(),
            records: Vec::new(),
            commands: Vec::new(),
            events: Vec::new(),
            asked: 0,
            clock: 1_700_000_000_000_000,
        };
        let input = RunInput {
            system: Some("Be brief.".into()),
            messages: vec![Arc::new(Message::user("Go."))],
            output: plan.output.clone(),
            ..RunInput::default()
        };
        let start = Start {
            definition: "agent".into(),
            version: plan.definition.version,
            input,
        };
        live.record(None, Fact::Started(Box::new(start)));
        live
    }

    /// Records a fact, as a driver does.
    pub fn record(&mut self, issued: Option<&Issued>, fact: Fact) {
        self.clock += 1_000;
        let mut record = Record {
            at: issued.map(|issued| issued.at),
            digest: issued.map_or(0, |issued| issued.digest),
            time: Timestamp(self.clock),
            fact,
            added: Vec::new(),
        };
        self.run.apply(&self.plan.definition, &record).unwrap();
        record.added = self.run.take_added();
        self.records.push(record);
        self.collect();
    }

    fn collect(&mut self) {
        while let Some(event) = self.run.poll_event() {
            self.events.push(event);
        }
        while let Some(issued) = self.run.poll_command() {
            match self.commands.iter().find(|known| known.at == issued.at) {
                Some(known) => assert_eq!(*known, issued, "handed out again, but changed"),
                None => {
                    self.check_thread(&issued);
                    self.commands.push(issued);
                }
            }
        }
    }

    /// What the model is sent is what the records alone say, and every call has one result.
    fn check_thread(&self, issued: &Issued) {
        let Command::CallModel { thread, .. } = &issued.command else {
            return;
        };
        let output = RunOutput::from_records(run_id(), self.records.clone()).unwrap();
        let told: Vec<_> = output.messages.iter().map(|known| &known.message).collect();
        assert_eq!(told, thread.messages().iter().collect::<Vec<_>>());
        let mut messages = thread.messages().iter().peekable();
        while let Some(message) = messages.next() {
            let Message::Assistant(answer) = &**message else {
                assert!(
                    !matches!(**message, Message::Tool(_)),
                    "a result without a call"
                );
                continue;
            };
            for call in &answer.tool_calls {
                match messages.next().map(|message| &**message) {
                    Some(Message::Tool(result)) => assert_eq!(result.call_id, call.id),
                    other => panic!("{call:?} has no result but {other:?}"),
                }
            }
        }
    }

    /// One random step: an answer, a pause, a crash, a round trip through JSON, a cancellation.
    pub fn step(&mut self, entropy: &mut Entropy<'_>) {
        match entropy.below(24) {
            20 => return self.round_trip(),
            21 | 22 => return self.crash(),
            23 if self.run.outcome().is_none() && entropy.once_in(4) => {
                let partial_text = entropy.once_in(2).then(|| "So far".into());
                let piece = Piece {
                    reasoning: false,
                    bytes: 3,
                };
                let partial = entropy.once_in(2).then(|| PartialReply {
                    timing: Timing::default(),
                    pieces: vec![piece; entropy.below(4)],
                    metadata: None,
                });
                return self.record(
                    None,
                    Fact::Cancelled {
                        reason: "enough".into(),
                        partial_text,
                        partial: partial.map(Box::new),
                    },
                );
            }
            _ => {}
        }
        if self.run.status() == RunStatus::Paused {
            return self.decide(entropy);
        }
        if let Some(requirements) = self.run.requirements() {
            return self.record(None, Fact::Paused(requirements.into()));
        }
        let open: Vec<Issued> = self.run.open().cloned().collect();
        let work: Vec<&Issued> = open
            .iter()
            .filter(|issued| !matches!(issued.command, Command::AskHuman { .. }))
            .collect();
        let issued = work[entropy.below(work.len())];
        if let Command::CallTool {
            effect: Effect::AtMostOnce,
            ..
        } = issued.command
            && !self.run.has_intent(issued.at)
            && entropy.below(8) != 7
        {
            return self.record(Some(issued), Fact::Intent);
        }
        let fact = self.answer(issued, entropy);
        self.record(Some(issued), fact);
    }

    fn answer(&mut self, issued: &Issued, entropy: &mut Entropy<'_>) -> Fact {
        match &issued.command {
            Command::CallModel { .. } => {
                let turn = self.plan.turn(self.asked);
                self.asked += 1;
                match turn {
                    Turn::Error(error) => Fact::ModelFailed(Box::new(error)),
                    Turn::Reply(reply) => {
                        let half = u32::try_from(reply.message.text().len() / 2).unwrap();
                        let piece = Piece {
                            reasoning: false,
                            bytes: half,
                        };
                        let pieces = vec![piece; entropy.below(3)];
                        Fact::ModelReplied(Box::new(ModelReplied {
                            reply,
                            timing: Timing::default(),
                            pieces,
                        }))
                    }
                }
            }
            Command::CallTool { call, .. } => tool_fact(call, entropy),
            Command::Wait { .. } => Fact::Woke,
            Command::Finish { outcome } => outcome.to_fact(),
            other => panic!("nothing answers {other:?}"),
        }
    }

    fn decide(&mut self, entropy: &mut Entropy<'_>) {
        let asked: Vec<Issued> = self.run.open().cloned().collect();
        self.record(None, Fact::Continued);
        for issued in asked {
            let Command::AskHuman { kind, .. } = &issued.command else {
                panic!("{issued:?} is open in a paused run");
            };
            let resolution = random_resolution(kind, entropy);
            self.record(Some(&issued), Fact::HumanAnswered(Box::new(resolution)));
        }
    }

    /// The process ends and another one loads the records.
    fn crash(&mut self) {
        let text = agno_engine::journal::encode(&self.records).unwrap();
        let records = agno_engine::journal::decode(&text).unwrap();
        assert_eq!(records, self.records, "the journal keeps every record");
        let replayed = replay(&self.plan.definition, &self.records);
        assert_eq!(replayed.events, self.events);
        assert_eq!(state(&replayed.run), state(&self.run));
        self.run = replayed.run;
        self.collect();
        // What a driver does with calls that were cut off.
        let cut_off: Vec<Issued> = self
            .run
            .open()
            .filter(|open| self.run.has_intent(open.at))
            .cloned()
            .collect();
        for issued in cut_off {
            self.record(Some(&issued), Fact::OutcomeUnknown);
        }
    }

    fn round_trip(&mut self) {
        let text = state(&self.run);
        let run: Run = serde_json::from_str(&text).unwrap();
        assert_eq!(state(&run), text);
        self.run = run;
        self.collect();
    }

    pub fn output(&self) -> RunOutput {
        RunOutput::from_records(run_id(), self.records.clone()).unwrap()
    }

    pub fn outcome(&self) -> &Outcome {
        self.run.outcome().unwrap()
    }
}

fn tool_fact(call: &ToolCall, entropy: &mut Entropy<'_>) -> Fact {
    let call_id = Arc::clone(&call.id);
    let timing = Timing::default();
    let state = StatePatch(match entropy.below(4) {
        1 => json!({"sum": 0.1 + 0.2, "who": "Ada"})
            .as_object()
            .unwrap()
            .clone(),
        2 => json!({"sum": null}).as_object().unwrap().clone(),
        _ => serde_json::Map::new(),
    });
    let kind = match entropy.below(12) {
        8 => ToolErrorKind::Failed,
        9 => ToolErrorKind::TimedOut,
        10 => ToolErrorKind::InvalidArguments,
        11 => ToolErrorKind::Fatal,
        _ => {
            let mut output = ToolOutput::text(format!("result of {}", call.name));
            if !state.is_empty() || entropy.once_in(3) {
                output.rich_mut().state = state;
                output.rich_mut().metadata = Some(json!(1.0 / 3.0));
            }
            return Fact::ToolReturned(Box::new(ToolReturned {
                call_id,
                output,
                timing,
            }));
        }
    };
    let mut error = ToolError::new(kind, "it did not work");
    error.state = state;
    Fact::ToolFailed(Box::new(ToolFailed {
        call_id,
        error,
        timing,
    }))
}

fn random_resolution(kind: &RequirementKind, entropy: &mut Entropy<'_>) -> Resolution {
    let who = |who: Value| Resolution::Input(json!({"who": who}).as_object().unwrap().clone());
    match (kind, entropy.below(6)) {
        (_, 1) => Resolution::Reject { note: None },
        (_, 2) => Resolution::Reject {
            note: Some("not today".into()),
        },
        (_, 3) => Resolution::Result(ToolOutput::text("done by hand")),
        (_, 4) => who(json!("Grace")),
        (_, 5) => who(json!(5)),
        (RequirementKind::UserInput { .. }, _) => who(json!("Grace")),
        (RequirementKind::External, _) => Resolution::Result(ToolOutput::text("done elsewhere")),
        _ => Resolution::Approve,
    }
}

/// A run as text: its whole state.
pub fn state(run: &Run) -> String {
    serde_json::to_string(run).unwrap()
}

/// What the same records lead to, told again.
#[derive(Debug)]
pub struct Replayed {
    pub run: Run,
    pub commands: Vec<(CommandId, u64)>,
    pub events: Vec<Event>,
}

pub fn replay(definition: &AgentDefinition, records: &[Record]) -> Replayed {
    let mut replayed = Replayed {
        run: Run::new(),
        commands: Vec::new(),
        events: Vec::new(),
    };
    for record in records {
        let run = &mut replayed.run;
        run.apply_recorded(definition, record, VersionCheck::Strict)
            .unwrap();
        while let Some(event) = run.poll_event() {
            replayed.events.push(event);
        }
        while let Some(issued) = run.poll_command() {
            replayed.commands.push((issued.at, issued.digest));
        }
    }
    replayed
}
