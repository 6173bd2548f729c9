use bytes::Bytes;
use proptest::prelude::*;

use super::{SseDecoder, SseError};

/// Name and data of each event, decoded from the given pieces.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut decoder = SseDecoder::new();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(event) = decoder.next_event() {
            let event = event.unwrap();
            events.push((text(event.name), text(event.data)));
        }
    }
    if let Some(event) = decoder.end() {
        events.push((text(event.name), text(event.data)));
    }
    events
}

fn check(stream: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> = expected
        .iter()
        .map(|(name, data)| ((*name).to_owned(), (*data).to_owned()))
        .collect();
    let bytes = stream.as_bytes();
    assert_eq!(decode([bytes]), expected, "whole: {stream:?}");
    assert_eq!(decode(bytes.chunks(1)), expected, "bytewise: {stream:?}");
    for cut in 0..=bytes.len() {
        let (a, b) = bytes.split_at(cut);
        assert_eq!(decode([a, b]), expected, "cut at {cut}: {stream:?}");
    }
}

#[test]
fn all_line_ends_separate() {
    for end in ["\n", "\r\n", "\r"] {
        let stream = "event: a|data: 1||data: 2||".replace('|', end);
        check(&stream, &[("a", "1"), ("", "2")]);
    }
    check(
        "data: 1\r\rdata: 2\n\r\ndata: 3\r\n\n",
        &[("", "1"), ("", "2"), ("", "3")],
    );
}

#[test]
fn data_may_have_no_blank_and_several_lines() {
    check("data:x\n\ndata:  y\n\n", &[("", "x"), ("", " y")]);
    check(
        "data: a\ndata:b\ndata\n\ndata: c\n\n",
        &[("", "a\nb\n"), ("", "c")],
    );
    check("data:\n\n", &[("", "")]);
}

#[test]
fn comments_unknown_fields_and_events_without_data_are_skipped() {
    check(
        ": OPENROUTER PROCESSING\n\nid: 7\nretry: 10\nfoo: bar\n\nevent: ping\n\n:\ndata: x\n:y\n\n\n\n",
        &[("", "x")],
    );
}

#[test]
fn a_name_belongs_to_one_event() {
    check(
        "event: error\ndata: 1\n\ndata: 2\n\n",
        &[("error", "1"), ("", "2")],
    );
    check("data: 1\nevent: late\n\n", &[("late", "1")]);
}

#[test]
fn the_last_event_needs_no_blank_line() {
    check("data: [DONE]", &[("", "[DONE]")]);
    check("data: 1\n\ndata: 2\n", &[("", "1"), ("", "2")]);
    check("", &[]);
}

#[test]
fn a_byte_order_mark_is_skipped_and_characters_may_be_cut() {
    check(
        "\u{feff}data: 1\n\ndata: a\u{feff}ü€😀\n\n",
        &[("", "1"), ("", "a\u{feff}ü€😀")],
    );
}

#[test]
fn an_endless_event_is_refused() {
    let long = "x".repeat(100);
    for stream in [
        format!("data: {long}"),
        format!("data: {long}\n\n"),
        "data: xxxxxxxxx\n".repeat(10),
    ] {
        let mut decoder = SseDecoder::with_limit(64);
        let refused = stream.as_bytes().chunks(7).any(|piece| {
            decoder.push(Bytes::copy_from_slice(piece));
            matches!(
                decoder.next_event(),
                Some(Err(SseError::TooLarge { limit: 64 }))
            )
        });
        assert!(refused, "{stream:?}");
    }
}

#[test]
fn many_small_events_under_the_limit_are_fine() {
    let mut decoder = SseDecoder::with_limit(32);
    let mut events = 0;
    for _ in 0..1000 {
        decoder.push(Bytes::from_static(b"ta: 12345\n\ndata: 67890\n\nda"));
        while let Some(event) = decoder.next_event() {
            event.unwrap();
            events += 1;
        }
    }
    assert_eq!(events, 1999);
}

proptest! {
    #[test]
    fn any_chopping_gives_the_same_events(
        lines in proptest::collection::vec(
            prop_oneof![
                "data: ?[a-zü:]{0,8}", "event: [a-z]{0,3}", ": [a-z]{0,3}", "[a-z]{0,3}",
                Just(String::new()), Just(String::new()),
            ],
            0..20,
        ),
        ends in proptest::collection::vec(prop_oneof![Just("\n"), Just("\r\n"), Just("\r")], 20),
        sizes in proptest::collection::vec(1_usize..9, 1..8),
    ) {
        let stream: String = lines.iter().zip(&ends).flat_map(|(line, end)| [line.as_str(), end]).collect();
        let mut rest = stream.as_bytes();
        let mut pieces = Vec::new();
        for size in sizes.iter().cycle() {
            if rest.is_empty() { break }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(decode(pieces), decode([stream.as_bytes()]));
    }

    #[test]
    fn nothing_panics(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..10)) {
        let whole: Vec<u8> = pieces.concat();
        prop_assert_eq!(decode(pieces.iter().map(Vec::as_slice)), decode([whole.as_slice()]));
    }
}
