//! Reasoning that a model writes into its answer, between `<think>` and `</think>`.
//!
//! Only a tag at the very beginning of the answer counts; one further on is part of what the model
//! says. Tags may be cut by the pieces of a stream, so their possible beginnings are held back.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Splits the pieces of an answer.
#[derive(Debug, Default)]
pub(super) struct ThinkSplitter {
    state: State,
    /// What may be the beginning of a tag.
    held: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    /// Nothing but white space so far.
    #[default]
    Start,
    /// Inside the tags.
    Thinking,
    /// White space between the closing tag and the answer.
    Between,
    /// The answer.
    Answer,
}

/// What a stretch of text is.
#[derive(Debug, PartialEq)]
pub(super) enum Stretch<'t> {
    Answer(&'t str),
    Thinking(&'t str),
}

impl ThinkSplitter {
    /// Hands out what `piece` brings, in order.
    pub(super) fn push(&mut self, piece: &str, mut emit: impl FnMut(Stretch<'_>)) {
        if self.state == State::Answer {
            emit(Stretch::Answer(piece));
            return;
        }
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let mut rest = text.as_str();
        loop {
            match self.state {
                State::Start => {
                    let trimmed = rest.trim_start();
                    if let Some(after) = trimmed.strip_prefix(OPEN) {
                        self.state = State::Thinking;
                        rest = after.trim_start_matches('\n');
                    } else if OPEN.starts_with(trimmed) {
                        rest.clone_into(&mut self.held);
                        return;
                    } else {
                        self.state = State::Answer;
                    }
                }
                State::Thinking => {
                    if let Some((thinking, after)) = rest.split_once(CLOSE) {
                        emit_filled(thinking, |text| emit(Stretch::Thinking(text)));
                        self.state = State::Between;
                        rest = after;
                    } else {
                        let (thinking, held) = split_before_tag(rest);
                        emit_filled(thinking, |text| emit(Stretch::Thinking(text)));
                        held.clone_into(&mut self.held);
                        return;
                    }
                }
                State::Between => {
                    rest = rest.trim_start();
                    if rest.is_empty() {
                        return;
                    }
                    self.state = State::Answer;
                }
                State::Answer => {
                    emit_filled(rest, |text| emit(Stretch::Answer(text)));
                    return;
                }
            }
        }
    }

    /// Hands out what was held back at the end of the answer.
    pub(super) fn end(&mut self, mut emit: impl FnMut(Stretch<'_>)) {
        let held = std::mem::take(&mut self.held);
        emit_filled(&held, |text| {
            emit(match self.state {
                State::Thinking => Stretch::Thinking(text),
                _ => Stretch::Answer(text),
            });
        });
    }
}

fn emit_filled(text: &str, emit: impl FnOnce(&str)) {
    if !text.is_empty() {
        emit(text);
    }
}

/// Splits off what may be the beginning of the closing tag.
fn split_before_tag(text: &str) -> (&str, &str) {
    let longest = CLOSE.len().saturating_sub(1).min(text.len());
    (1..=longest)
        .rev()
        .filter_map(|length| text.split_at_checked(text.len() - length))
        .find(|(_, end)| CLOSE.starts_with(end))
        .unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::{Stretch, ThinkSplitter};

    fn check(text: &str, thinking: &str, answer: &str) {
        let cuts = (0..=text.len()).filter(|cut| text.is_char_boundary(*cut));
        for cut in cuts {
            let mut found = (String::new(), String::new());
            let mut take = |stretch: Stretch<'_>| match stretch {
                Stretch::Thinking(text) => found.0.push_str(text),
                Stretch::Answer(text) => found.1.push_str(text),
            };
            let mut splitter = ThinkSplitter::default();
            let (before, after) = text.split_at(cut);
            splitter.push(before, &mut take);
            splitter.push(after, &mut take);
            splitter.end(&mut take);
            assert_eq!(
                found,
                (thinking.to_owned(), answer.to_owned()),
                "{text:?} at {cut}"
            );
        }
    }

    #[test]
    fn tags_split_wherever_they_are_cut() {
        check("<think>a</think>b", "a", "b");
        check(
            "\n<think>ü <b</think>\n\nb </think> c",
            "ü <b",
            "b </think> c",
        );
        check("<think></think>b", "", "b");
        check("<think>never closed </thin", "never closed </thin", "");
    }

    #[test]
    fn other_text_stays_as_it_is() {
        check("plain <think>x</think>", "", "plain <think>x</think>");
        check("<thin", "", "<thin");
        check("  <b>", "", "  <b>");
        check("", "", "");
    }
}
