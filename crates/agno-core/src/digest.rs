//! The fixed 64-bit function that tells whether two commands are the same.

/// A running digest of text and numbers.
///
/// The function is part of the journal format: it must give the same number in every version of
/// this crate and on every machine. It guards against accidents, not against attackers.
#[derive(Clone, Copy, Debug)]
pub struct Digest(u64);

/// An odd constant with well spread bits (2^64 divided by the golden ratio).
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

impl Digest {
    /// The digest of nothing.
    pub const fn new() -> Self {
        Self(MULTIPLIER)
    }

    /// A digest that continues from an earlier [`Digest::finish`].
    pub const fn from(state: u64) -> Self {
        Self(state)
    }

    /// Adds a number.
    pub const fn number(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(MULTIPLIER);
        self.0 = mixed ^ (mixed >> 29);
    }

    /// Adds text, with its length, so that `"ab", "c"` differs from `"a", "bc"`.
    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        let mut words = text.as_bytes().chunks_exact(8);
        for word in &mut words {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(word);
            self.number(u64::from_le_bytes(bytes));
        }
        let rest = words.remainder();
        if !rest.is_empty() {
            let number = rest
                .iter()
                .fold(0, |number, byte| (number << 8) | u64::from(*byte));
            self.number(number);
        }
    }

    /// The digest of all that was added.
    pub const fn finish(self) -> u64 {
        self.0
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    fn of(parts: &[&str]) -> u64 {
        let mut digest = Digest::new();
        for part in parts {
            digest.text(part);
        }
        digest.finish()
    }

    #[test]
    fn the_function_is_fixed() {
        assert_eq!(of(&["The weather in Paris", ""]), 0xedba_5a30_a7bd_1226);
    }

    #[test]
    fn boundaries_count() {
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["a"]), of(&["a", ""]));
        assert_ne!(of(&["12345678"]), of(&["12345679"]));
    }
}
