//! A journal that was changed is noticed, and the difference is named.

use std::sync::Arc;

use agno_core::{Message, Resolution, StatePatch, ToolOutput};
use agno_engine::{Divergence, Fact, Outcome, Record, Run, VersionCheck};
use proptest::prelude::*;
use serde_json::json;

use crate::entropy::Entropy;
use crate::live::Live;
use crate::plan::{self, Plan, Turn, reply};

/// Applies the records; the index of the first that is refused, and why.
fn refusal(live: &Live<'_>, records: &[Record]) -> Option<(usize, Divergence)> {
    let mut run = Run::new();
    for (index, record) in records.iter().enumerate() {
        let definition = &live.plan.definition;
        if let Err(divergence) = run.apply_recorded(definition, record, VersionCheck::Strict) {
            return Some((index, divergence));
        }
    }
    None
}

/// The same fact with something changed that a model, a tool or a user would notice.
fn edits(fact: &Fact) -> Vec<Fact> {
    let edited = |change: &dyn Fn(&mut Fact)| {
        let mut fact = fact.clone();
        change(&mut fact);
        fact
    };
    match fact {
        Fact::Started(_) => vec![edited(&|fact| {
            if let Fact::Started(start) = fact {
                start.input.messages = vec![Arc::new(Message::user("Something else."))];
            }
        })],
        Fact::ModelReplied(_) => vec![
            edited(&|fact| {
                if let Fact::ModelReplied(replied) = fact
                    && let Message::Assistant(answer) = Arc::make_mut(&mut replied.reply.message)
                {
                    answer.content.text = format!("{} ", answer.content.text).into();
                }
            }),
            edited(&|fact| {
                if let Fact::ModelReplied(replied) = fact
                    && let Message::Assistant(answer) = Arc::make_mut(&mut replied.reply.message)
                {
                    answer.tool_calls.push(plan::call("extra", "tool_0"));
                }
            }),
            edited(&|fact| {
                if let Fact::ModelReplied(replied) = fact {
                    replied.reply.usage.output_tokens += 1;
                }
            }),
        ],
        Fact::ToolReturned(_) => vec![
            edited(&|fact| {
                if let Fact::ToolReturned(returned) = fact {
                    returned.output.text = "something else".into();
                }
            }),
            edited(&|fact| {
                if let Fact::ToolReturned(returned) = fact {
                    returned.call_id = "other".into();
                }
            }),
        ],
        Fact::ToolFailed(_) => vec![edited(&|fact| {
            if let Fact::ToolFailed(failed) = fact {
                failed.error.message = "something else".into();
            }
        })],
        Fact::HumanAnswered(_) => vec![Fact::HumanAnswered(Box::new(Resolution::Result(
            ToolOutput::text("something else"),
        )))],
        Fact::Finished(_) => vec![edited(&|fact| {
            if let Fact::Finished(finished) = fact {
                finished.content = Some("something else".into());
            }
        })],
        Fact::Paused(_) => vec![Fact::Paused(Arc::default())],
        _ => Vec::new(),
    }
}

/// Any fact of a completed run that is edited leads to another command, and that one is named.
fn edited_records_are_named(live: &Live<'_>) {
    if !matches!(live.outcome(), Outcome::Completed { .. }) {
        return;
    }
    for (index, record) in live.records.iter().enumerate() {
        let mut issued_before = Run::new();
        for earlier in &live.records[..index] {
            issued_before
                .apply_recorded(&live.plan.definition, earlier, VersionCheck::Strict)
                .unwrap();
        }
        let open: Vec<_> = issued_before.open().map(|open| open.at).collect();
        for fact in edits(&record.fact) {
            let mut records = live.records.clone();
            records[index].fact = fact;
            let Some((at_record, divergence)) = refusal(live, &records) else {
                panic!("record {index} was edited to {:#?}", records[index]);
            };
            assert!(at_record >= index);
            let named = match divergence {
                Divergence::Differs {
                    at,
                    recorded,
                    issued,
                    ..
                } => {
                    assert_ne!(recorded, issued);
                    at
                }
                Divergence::NotIssued { at, .. } | Divergence::WrongKind { at, .. } => at,
                _ => continue,
            };
            assert_eq!(records[at_record].at, Some(named));
            // What was asked before the edited fact is not what differs.
            assert!(at_record == index || !open.contains(&named));
        }
    }
}

fn doubled_records_are_refused(live: &Live<'_>) {
    for index in 0..live.records.len() {
        let mut records = live.records.clone();
        records.insert(index, records[index].clone());
        let (at_record, _) = refusal(live, &records).expect("a doubled record is refused");
        assert!(at_record > index);
    }
}

fn missing_records_are_refused(live: &Live<'_>) {
    let completed = matches!(live.outcome(), Outcome::Completed { .. });
    for index in 0..live.records.len() - 1 {
        let missing = &live.records[index];
        // An intent only matters while its call is open, and where a run was ended from outside
        // or by one tool, nothing may depend any more on what came just before.
        let is_last_word =
            !completed && (missing.at.is_some() || matches!(missing.fact, Fact::Paused(_)));
        if matches!(missing.fact, Fact::Intent) || is_last_word {
            continue;
        }
        let mut records = live.records.clone();
        let missing = records.remove(index);
        assert!(
            refusal(live, &records).is_some(),
            "{missing:?} is not missed"
        );
    }
}

/// Neighbours can change places only where both answer commands that were open together.
fn swapped_records_are_refused(live: &Live<'_>) {
    for index in 0..live.records.len() - 1 {
        let mut records = live.records.clone();
        records.swap(index, index + 1);
        if refusal(live, &records).is_none() {
            let at = records[index].at.expect("an answer");
            let other = records[index + 1].at.expect("an answer");
            assert_ne!(at, other);
            assert!(live.commands.iter().any(|issued| issued.at == at));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_journal_is_noticed(
        plan in prop::collection::vec(any::<u8>(), 0..120),
        run in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let plan = Plan::random(&mut Entropy::new(&plan));
        let live = Live::finish(&plan, &mut Entropy::new(&run));
        edited_records_are_named(&live);
        doubled_records_are_refused(&live);
        missing_records_are_refused(&live);
        swapped_records_are_refused(&live);
    }
}

fn one_tool_run(plan: &Plan) -> Live<'_> {
    Live::finish(plan, &mut Entropy::new(&[]))
}

fn plan_with_one_tool() -> Plan {
    Plan {
        definition: plan::definition(vec![plan::tool("tool_0", |_| {})]),
        output: None,
        script: vec![
            Turn::Reply(reply("", vec![plan::call("a", "tool_0")])),
            Turn::Reply(reply("Done.", Vec::new())),
        ],
    }
}

#[test]
fn the_first_difference_is_told_in_words() {
    let plan = plan_with_one_tool();
    let live = one_tool_run(&plan);
    let mut records = live.records.clone();
    let index = records
        .iter()
        .position(|record| matches!(record.fact, Fact::ToolReturned(_)))
        .unwrap();
    if let Fact::ToolReturned(returned) = &mut records[index].fact {
        returned.output.text = "42".into();
    }
    let (_, divergence) = refusal(&live, &records).unwrap();
    assert_eq!(
        divergence.to_string(),
        "command 0.2 differs: it is now to ask the model, turn 1, 4 messages, the last being \"42\""
    );
}

#[test]
fn a_changed_state_of_the_session_is_noticed_at_the_end() {
    let plan = plan_with_one_tool();
    let live = one_tool_run(&plan);
    let mut records = live.records.clone();
    for record in &mut records {
        if let Fact::ToolReturned(returned) = &mut record.fact {
            returned.output.rich_mut().state =
                StatePatch(json!({"paid": true}).as_object().unwrap().clone());
        }
    }
    let (index, divergence) = refusal(&live, &records).unwrap();
    assert_eq!(index, records.len() - 1);
    assert!(
        matches!(divergence, Divergence::Differs { .. }),
        "{divergence}"
    );
}

#[test]
fn another_definition_is_refused_and_a_replay_names_what_it_would_do() {
    let plan = plan_with_one_tool();
    let live = one_tool_run(&plan);
    let mut changed = plan::definition(vec![plan::tool("other", |_| {})]);
    changed.version = 8;
    let strict = Run::replay(&changed, &live.records, VersionCheck::Strict).unwrap_err();
    assert!(matches!(
        strict,
        Divergence::Version {
            recorded: 7,
            now: 8,
            ..
        }
    ));
    // Without the tool the call is refused at once, so the intent of the call has no command.
    let difference = Run::replay(&changed, &live.records, VersionCheck::Ignore).unwrap_err();
    assert!(
        matches!(difference, Divergence::Added { .. }),
        "{difference}"
    );
}
