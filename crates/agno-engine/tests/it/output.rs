//! What a run's records say of it, compared with what the live run said.

use std::sync::Arc;

use agno_core::{Interaction, Resolution, RunStatus, Schema, ToolErrorKind, ToolOutput};
use agno_engine::{Command, Fact, Issued, OutputSpec, parse_structured};
use serde_json::json;

use crate::entropy::Entropy;
use crate::live::Live;
use crate::plan::{self, Plan, Turn, reply};

fn calm() -> Entropy<'static> {
    Entropy::new(&[])
}

/// Goes on until the run waits for a person, and gives the questions.
fn pause<'a>(plan: &'a Plan) -> (Live<'a>, Vec<Issued>) {
    let mut live = Live::start(plan);
    while live.run.status() == RunStatus::Running {
        live.step(&mut calm());
    }
    let asked = live.run.open().cloned().collect();
    (live, asked)
}

fn texts(live: &Live<'_>) -> Vec<String> {
    let messages = live.output().messages;
    messages
        .iter()
        .map(|known| known.message.text().to_string())
        .collect()
}

#[test]
fn results_stand_in_the_order_of_the_calls_whatever_became_of_them() {
    let mut broken = plan::call("d", "tool_0");
    broken.arguments = "{".into();
    let plan = Plan {
        definition: plan::definition(vec![
            plan::tool("tool_0", |_| {}),
            plan::tool("asks", |spec| spec.interaction = Interaction::Confirm),
            plan::tool("external", |spec| spec.interaction = Interaction::External),
        ]),
        output: None,
        script: vec![Turn::Reply(reply(
            "",
            vec![
                plan::call("a", "no_such_tool"),
                plan::call("b", "asks"),
                plan::call("c", "tool_0"),
                broken,
                plan::call("e", "external"),
                plan::call("f", "asks"),
            ],
        ))],
    };
    let (mut live, asked) = pause(&plan);
    let [first, external, last] = &asked[..] else {
        panic!("{asked:?}");
    };
    assert_eq!(live.output().requirements.len(), 3);
    live.record(None, Fact::Continued);
    let mut decide = |issued: &Issued, resolution| {
        live.record(Some(issued), Fact::HumanAnswered(Box::new(resolution)));
    };
    // Answered in another order than asked.
    decide(
        last,
        Resolution::Reject {
            note: Some("no".into()),
        },
    );
    decide(
        external,
        Resolution::Result(ToolOutput::text("from outside")),
    );
    decide(first, Resolution::Approve);
    while live.run.status() == RunStatus::Running {
        live.step(&mut calm());
    }
    assert_eq!(
        texts(&live),
        [
            "Be brief.",
            "Go.",
            "",
            "there is no tool `no_such_tool`; the tools are: tool_0, asks, external",
            "result of asks",
            "result of tool_0",
            "the arguments of `tool_0` are not valid JSON (EOF while parsing an object at line 1 \
             column 1); send one JSON object",
            "from outside",
            "no",
            "{\"score\": 1.5}",
        ]
    );
    assert!(live.output().tools.iter().all(|tool| tool.output.is_some()));
}

#[test]
fn what_a_person_filled_in_is_part_of_the_call() {
    let plan = Plan {
        definition: plan::definition(vec![plan::tool("send", |spec| {
            spec.interaction = Interaction::UserInput(["who".into()].into());
        })]),
        output: None,
        script: vec![Turn::Reply(reply(
            "",
            vec![agno_core::ToolCall {
                arguments: r#"{"n": 3}"#.into(),
                ..plan::call("a", "send")
            }],
        ))],
    };
    let (mut live, asked) = pause(&plan);
    live.record(None, Fact::Continued);
    let values = json!({"who": "Grace"}).as_object().unwrap().clone();
    live.record(
        Some(&asked[0]),
        Fact::HumanAnswered(Box::new(Resolution::Input(values))),
    );
    while live.run.status() == RunStatus::Running {
        live.step(&mut calm());
    }
    let arguments = live.output().tools[0].arguments();
    assert_eq!(arguments, json!({"n": 3, "who": "Grace"}));
}

#[test]
fn approving_a_call_that_is_made_elsewhere_does_not_make_it() {
    let plan = Plan {
        definition: plan::definition(vec![plan::tool("external", |spec| {
            spec.interaction = Interaction::External;
        })]),
        output: None,
        script: vec![Turn::Reply(reply("", vec![plan::call("a", "external")]))],
    };
    let (mut live, asked) = pause(&plan);
    live.record(None, Fact::Continued);
    live.record(
        Some(&asked[0]),
        Fact::HumanAnswered(Box::new(Resolution::Approve)),
    );
    let made = |issued: &Issued| matches!(issued.command, Command::CallTool { .. });
    assert!(!live.commands.iter().any(made));
    let output = live.output();
    assert_eq!(output.tools[0].error, Some(ToolErrorKind::Failed));
}

#[test]
fn calls_of_one_reply_that_share_an_id_keep_their_own_results() {
    let plan = Plan {
        definition: plan::definition(vec![
            plan::tool("tool_0", |_| {}),
            plan::tool("tool_1", |_| {}),
        ]),
        output: None,
        script: vec![Turn::Reply(reply(
            "",
            vec![plan::call("same", "tool_0"), plan::call("same", "tool_1")],
        ))],
    };
    let live = Live::finish(&plan, &mut Entropy::new(&[0, 0, 1, 1, 1]));
    let tools = live.output().tools;
    assert_eq!(&**tools[0].result().unwrap(), "result of tool_0");
    assert_eq!(&**tools[1].result().unwrap(), "result of tool_1");
    assert_eq!((&*tools[0].call.id, &*tools[1].call.id), ("same", "same_2"));
}

#[test]
fn a_tool_that_ends_the_run_is_not_taken_for_structured_output() {
    let schema = Schema::new(json!({"type": "object", "required": ["score"]}));
    let plan = Plan {
        definition: plan::definition(vec![plan::tool("last", |spec| spec.stop_after_call = true)]),
        output: Some(OutputSpec {
            name: "Report".into(),
            schema: Arc::new(schema),
        }),
        script: vec![Turn::Reply(reply("", vec![plan::call("a", "last")]))],
    };
    let live = Live::finish(&plan, &mut calm());
    let output = live.output();
    assert_eq!(output.status, RunStatus::Completed);
    assert_eq!(&*output.content, "result of last");
    assert_eq!(output.structured, None);
}

#[test]
fn structured_answers_are_read_through_fences_and_thoughts() {
    for text in [
        r#"{"a": 1}"#,
        "```json\n{\"a\": 1}\n```",
        "```\n{\"a\": 1}\n```",
        "<think>{}</think>\n{\"a\": 1}",
    ] {
        assert_eq!(parse_structured(text).unwrap(), json!({"a": 1}), "{text}");
    }
    assert!(parse_structured("I can't.").is_err());
}
