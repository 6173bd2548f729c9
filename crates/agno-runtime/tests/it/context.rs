//! What a model is sent: what never changes first, what changes with each run last.

use std::sync::Arc;

use agno_core::{Message, StructuredOutput};
use agno_engine::test_models::{ScriptedModel, Turn};
use agno_runtime::{Agent, AgentBuilder, Context};
use agno_store::MemoryDb;
use serde_json::json;

async fn sent(build: impl FnOnce(AgentBuilder) -> AgentBuilder) -> (Agent, Vec<String>) {
    let model = Arc::new(ScriptedModel::new([Turn::text("ok")]));
    let builder = Agent::builder("helper")
        .model(Arc::clone(&model))
        .db(MemoryDb::new());
    let agent = build(builder).build().unwrap();
    let request = agent
        .run("What about {city}? {secret}")
        .session("s")
        .user("{secret}")
        .state("city", "Paris {secret} {user_id}")
        .state("secret", "hunter2");
    request.await.unwrap();
    let messages = model.requests()[0].thread.messages().to_vec();
    let sent = messages.iter().map(|message| match &**message {
        Message::System(system) => format!("system: {}", system.text),
        message => format!("user: {}", message.text()),
    });
    (agent, sent.collect())
}

#[tokio::test]
async fn nothing_to_say_is_no_system_message() {
    let (_, sent) = sent(|builder| builder).await;
    assert_eq!(sent, ["user: What about {city}? {secret}"]);
}

#[tokio::test]
async fn the_system_message_has_a_fixed_order() {
    let (_, sent) = sent(|builder| {
        builder
            .name("Helper")
            .description("You help.")
            .instructions("Speak of {city} as {unknown}.")
            .instructions("Be brief.")
            .context(Context {
                role: Some("A guide".into()),
                expected_output: Some("One sentence.".into()),
                additional: Some("Further on.".into()),
                markdown: true,
                name: true,
                session_state: true,
                ..Context::default()
            })
    })
    .await;
    assert_eq!(
        sent[0],
        "system: You help.\n\
         <your_role>\nA guide\n</your_role>\n\n\
         - Speak of Paris {secret} {user_id} as {unknown}.\n\
         - Be brief.\n\n\
         <additional_information>\n\
         - Use markdown to format your answers.\n\
         - Your name is: Helper.\n\
         </additional_information>\n\n\
         <expected_output>\nOne sentence.\n</expected_output>\n\n\
         Further on.\n\
         <session_state>\n\
         {\"city\":\"Paris {secret} {user_id}\",\"secret\":\"hunter2\"}\n\
         </session_state>"
    );
    assert_eq!(
        sent[1], "user: What about {city}? {secret}",
        "input is no template"
    );
}

#[tokio::test]
async fn what_changes_stands_behind_what_does_not() {
    let volatile = |builder: AgentBuilder| {
        builder
            .description("You help.")
            .instructions("Be brief.")
            .context(Context {
                additional: Some("Stable to the end.".into()),
                datetime: true,
                session_state: true,
                ..Context::default()
            })
    };
    let (agent, sent) = sent(volatile).await;
    let (stable, changing) = sent[0].split_once("Stable to the end.").unwrap();
    assert!(!stable.contains("hunter2"));
    assert!(changing.contains("<session_state>"));
    assert!(changing.trim_end().ends_with(" UTC."), "{changing}");
    assert_eq!(
        agent.model().info().structured_output,
        StructuredOutput::Native
    );
}

#[tokio::test]
async fn dependencies_stand_behind_the_input_and_only_if_asked_for() {
    for shown in [false, true] {
        let (_, sent) = sent(|builder| {
            builder
                .instructions("Serve {plan} customers.")
                .dependency_value("plan", "gold")
                .dependency_value("region", json!({"id": 3}))
                .context(Context {
                    dependencies: shown,
                    ..Context::default()
                })
        })
        .await;
        assert_eq!(sent[0], "system: Serve gold customers.");
        let addition = "\n\n<additional context>\n{\n  \"plan\": \"gold\",\n  \"region\": {\n    \
                        \"id\": 3\n  }\n}\n</additional context>";
        let input = "user: What about {city}? {secret}";
        let expected = if shown {
            format!("{input}{addition}")
        } else {
            input.to_owned()
        };
        assert_eq!(sent[1], expected);
    }
}

#[tokio::test]
async fn dynamic_instructions_see_the_state_and_are_no_template() {
    let (_, sent) = sent(|builder| {
        builder.dynamic_instructions(|scope| {
            format!(
                "{} for {} in {{city}}",
                scope.state.get::<String>("secret").unwrap(),
                scope.user_id.unwrap()
            )
        })
    })
    .await;
    assert_eq!(sent[0], "system: hunter2 for {secret} in {city}");
}
