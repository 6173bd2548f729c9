//! "Did you mean …?": the known name that is closest to an unknown one.
//!
//! Errors about names (options, keys, properties, tools) all use this one function, so that they
//! agree on what counts as close.

/// Longer names are not compared: the distance takes time quadratic in their length.
const LONGEST: usize = 64;

/// The candidate that `name` was probably meant to be, if one is close enough: at most a third of
/// its letters (at least one) missing, added, replaced or swapped with their neighbour. Upper and
/// lower case, `-` and `_` count as the same. The first of several equally close ones wins.
///
/// ```
/// let known = ["name", "description", "timeout"];
/// assert_eq!(agno_core::nearest("descripton", known), Some("description"));
/// assert_eq!(agno_core::nearest("colour", known), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(name)?;
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let Some(known) = folded(candidate) else {
            continue;
        };
        let limit = (wanted.len().max(known.len()) / 3).max(1);
        let distance = distance(&wanted, &known);
        // A name none of whose letters survived is not a misspelling of it.
        if distance <= limit
            && distance < wanted.len().max(known.len())
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The letters to compare; nothing for names that are empty or too long.
fn folded(name: &str) -> Option<Vec<char>> {
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    Some(
        name.chars()
            .map(|letter| match letter {
                '-' | ' ' => '_',
                other => other.to_ascii_lowercase(),
            })
            .collect(),
    )
}

/// The optimal string alignment distance: edits of single letters and swaps of neighbours.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut previous_letter = None;
    for (row, letter) in from.iter().enumerate() {
        let mut current = Vec::with_capacity(last.len());
        current.push(row + 1);
        let mut previous_other = None;
        for (column, other) in to.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX);
            let replaced = at(&last, column) + usize::from(letter != other);
            let removed = at(&last, column + 1) + 1;
            let added = at(&current, column) + 1;
            let mut least = replaced.min(removed).min(added);
            if previous_letter == Some(other)
                && previous_other == Some(letter)
                && let Some(swapped) = column.checked_sub(1).and_then(|at| before_last.get(at))
            {
                least = least.min(swapped + 1);
            }
            current.push(least);
            previous_other = Some(other);
        }
        before_last = std::mem::replace(&mut last, current);
        previous_letter = Some(letter);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn misspellings_are_recognised() {
        let known = ["instructions", "model", "call_limit", "confirm"];
        for (name, expected) in [
            ("instruction", Some("instructions")),
            ("mdoel", Some("model")),
            ("Call-Limit", Some("call_limit")),
            ("confrim", Some("confirm")),
            ("knowledge", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
    }

    #[test]
    fn the_closest_wins_and_then_the_first() {
        assert_eq!(nearest("cat", ["cart", "cat"]), Some("cat"));
        assert_eq!(nearest("bat", ["cat", "hat"]), Some("cat"));
    }

    #[test]
    fn single_letters_are_not_confused() {
        assert_eq!(nearest("a", ["b"]), None);
        assert_eq!(nearest("ü", ["u"]), None);
    }

    #[test]
    fn long_names_are_left_alone() {
        let long = "x".repeat(100_000);
        assert_eq!(nearest(&long, [long.as_str(), "x"]), None);
    }
}
