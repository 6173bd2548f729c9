//! Which provider was meant.

use agno_core::ResolveError;

use super::TABLE;

/// The error for a provider that nobody knows, with the names that are nearest.
pub(crate) fn unknown(id: &str) -> ResolveError {
    let names = nearest(id);
    ResolveError::unknown_name(if names.is_empty() {
        let all: Vec<&str> = TABLE.iter().map(|provider| provider.id).collect();
        format!(
            "unknown provider `{id}`: this program knows {}",
            all.join(", ")
        )
    } else {
        format!(
            "unknown provider `{id}`: did you mean {}?",
            names.join(" or ")
        )
    })
}

/// Up to three names that are a few letters away, or that the name is the beginning of.
fn nearest(id: &str) -> Vec<String> {
    let id = id.to_ascii_lowercase();
    let allowed = (id.chars().count() / 2).clamp(1, 3);
    let mut found: Vec<(usize, &str)> = TABLE
        .iter()
        .flat_map(|provider| std::iter::once(&provider.id).chain(provider.aliases))
        .filter_map(|name| {
            let distance = distance(&id, name);
            let is_prefix = id.len() >= 3 && (name.starts_with(&id) || id.starts_with(name));
            (distance <= allowed || is_prefix).then_some((distance, *name))
        })
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .take(3)
        .map(|(_, name)| format!("`{name}`"))
        .collect()
}

/// How many letters have to be added, removed or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for ((other, above), diagonal) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or(0);
            let changed = diagonal + usize::from(letter != *other);
            next.push(changed.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, unknown};

    #[test]
    fn slips_are_recognised() {
        for (slip, meant) in [
            ("opanai", "`openai`"),
            ("deepsek", "`deepseek`"),
            ("OpenRouter", "`openrouter`"),
            ("hugging", "`huggingface`"),
            ("lm-studio", "`lmstudio`"),
        ] {
            let error = unknown(slip).to_string();
            assert!(error.contains(meant), "{error}");
        }
        let error = unknown("zzz").to_string();
        assert!(
            error.contains("openai") && error.contains("groq"),
            "{error}"
        );
    }

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abc", "axc"), 1);
        assert_eq!(distance("abcd", "bcd"), 1);
    }
}
