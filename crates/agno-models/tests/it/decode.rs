//! Every recorded answer, decoded.

use std::collections::BTreeMap;

use agno_core::{ModelErrorKind, ModelReply};
use agno_models::openai_chat::{Dialect, decode_error, decode_whole};
use agno_net::{HeaderMap, HeaderName};
use proptest::prelude::*;

use crate::check::{Streamed, differences, stream};
use crate::scenario::{Exchange, Scenario, dialect, fixtures, load, shared_wire};

pub const FAMILIES: [&str; 12] = [
    "openai.chat",
    "compat.chat",
    "azure.chat",
    "cerebras.chat",
    "deepseek.chat",
    "groq.chat",
    "huggingface.chat",
    "mistral.chat",
    "openrouter.chat",
    "perplexity.chat",
    "together.chat",
    "xai.chat",
];

#[test]
fn recorded_fixtures_are_read() {
    let scenarios = fixtures();
    assert!(scenarios.len() >= 8);
    assert_all(scenarios);
}

#[test]
fn all_recordings_are_read() {
    let Some(wire) = shared_wire() else { return };
    assert_all(FAMILIES.iter().flat_map(|family| load(&wire.join(family))));
}

fn assert_all(scenarios: impl IntoIterator<Item = Scenario>) {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for scenario in scenarios {
        let dialect = dialect(&scenario.family);
        for (index, exchange) in scenario.exchanges.iter().enumerate() {
            let problems = check(exchange, dialect);
            let count = counts.entry(scenario.family.clone()).or_default();
            count.1 += 1;
            if problems.is_empty() {
                count.0 += 1;
            } else {
                failures.push(format!("{} [{index}]: {problems:?}", scenario.id));
            }
        }
    }
    for (family, (passed, all)) in &counts {
        println!("{family}: {passed} of {all} exchanges");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with the reading of one answer.
fn check(exchange: &Exchange, dialect: &'static Dialect) -> Vec<String> {
    if exchange.status >= 400 {
        return check_error(exchange);
    }
    let body = exchange.body.as_bytes();
    if !exchange.streamed {
        return check_outcome(decode_whole(body, dialect), exchange);
    }
    let whole = stream([body], dialect);
    let mut problems = check_pieces(&whole);
    for pieces in choppings(body) {
        if stream(pieces.iter().copied(), dialect) != whole {
            let sizes: Vec<usize> = pieces.iter().map(|piece| piece.len()).take(20).collect();
            problems.push(format!("chopped into {sizes:?} it reads differently"));
            break;
        }
    }
    problems.extend(check_outcome(whole.outcome.unwrap(), exchange));
    problems
}

/// The pieces must add up to the reply.
fn check_pieces(streamed: &Streamed) -> Vec<String> {
    let Some(Ok(reply)) = &streamed.outcome else {
        return Vec::new();
    };
    let found = crate::check::summary(reply);
    let mut problems = Vec::new();
    if found["final_text"] != streamed.text.as_str() {
        problems.push("the pieces of text are not the text".to_owned());
    }
    if found["thinking_text"] != streamed.reasoning.as_str() {
        problems.push("the pieces of reasoning are not the reasoning".to_owned());
    }
    problems
}

fn check_outcome(
    outcome: Result<ModelReply, agno_core::ModelError>,
    exchange: &Exchange,
) -> Vec<String> {
    let expects_error = exchange
        .expect
        .get("error")
        .is_some_and(|error| !error.is_null());
    match outcome {
        Ok(_) if expects_error => vec!["an error was expected".to_owned()],
        Ok(reply) => differences(&reply, &exchange.expect),
        Err(error) if expects_error => {
            let partial = error.partial_text.as_deref().unwrap_or_default();
            let expected = exchange.expect["final_text"].as_str().unwrap_or_default();
            let mut problems = Vec::new();
            if partial != expected {
                problems.push(format!(
                    "partial text: expected {expected:?}, found {partial:?}"
                ));
            }
            if error.kind != ModelErrorKind::InvalidRequest {
                problems.push(format!("unexpected kind: {error:?}"));
            }
            problems
        }
        Err(error) => vec![format!("unexpected error: {error:?}")],
    }
}

fn check_error(exchange: &Exchange) -> Vec<String> {
    let headers: HeaderMap = exchange
        .headers
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            Some((
                name.parse::<HeaderName>().ok()?,
                value.as_str()?.parse().ok()?,
            ))
        })
        .collect();
    let error = decode_error(exchange.status, &headers, exchange.body.as_bytes(), "test");
    let is_overflow = exchange.body.contains("context size");
    let expected = match exchange.status {
        401 | 403 => ModelErrorKind::Authentication,
        429 => ModelErrorKind::RateLimited,
        500.. => ModelErrorKind::Unavailable,
        400 if is_overflow => ModelErrorKind::ContextTooLong,
        _ => ModelErrorKind::InvalidRequest,
    };
    let mut problems = Vec::new();
    if error.kind != expected {
        problems.push(format!("expected {expected:?}: {error:?}"));
    }
    // Every recorded error has a message, which must reach the user.
    let body: serde_json::Value = serde_json::from_str(&exchange.body).unwrap_or_default();
    let message = body["error"]["message"]
        .as_str()
        .or(body["message"].as_str());
    let squeezed = message.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    if !squeezed.is_none_or(|message| error.message.contains(&message)) {
        problems.push(format!("the message is lost: {error:?}"));
    }
    problems
}

/// Ways to cut a body: at every single place if it is small, and in a few irregular ways.
fn choppings(body: &[u8]) -> Vec<Vec<&[u8]>> {
    const EXHAUSTIVE: usize = 1500;
    let mut all = Vec::new();
    if body.len() <= EXHAUSTIVE {
        all.extend((1..body.len()).map(|cut| {
            let (a, b) = body.split_at(cut);
            vec![a, b]
        }));
        all.push(body.chunks(1).collect());
    }
    for sizes in [&[1, 7, 2, 31][..], &[3, 64, 1, 1, 5], &[1000, 1, 999, 13]] {
        let mut rest = body;
        let mut pieces = Vec::new();
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        all.push(pieces);
    }
    all
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let dialect = dialect("groq.chat");
        let _ = decode_whole(&body, dialect);
        let _ = decode_error(500, &HeaderMap::new(), &body, "x");
        prop_assert!(stream(body.chunks(7), dialect).outcome.is_some());
    }

    #[test]
    fn damaged_answers_never_panic(
        which in 0_usize..1000,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let scenarios = fixtures();
        let exchanges: Vec<&Exchange> = scenarios.iter().flat_map(|scenario| &scenario.exchanges).collect();
        let exchange = exchanges[which % exchanges.len()];
        let mut body = exchange.body.clone().into_bytes();
        for (place, byte) in damage {
            let place = place.index(body.len());
            body[place] = byte;
        }
        body.truncate(cut.index(body.len()) + 1);
        let dialect = dialect("groq.chat");
        let _ = decode_whole(&body, dialect);
        let _ = decode_error(400, &HeaderMap::new(), &body, "x");
        prop_assert!(stream(body.chunks(11), dialect).outcome.is_some());
    }
}
