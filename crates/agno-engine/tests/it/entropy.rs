//! Choices read from random bytes, so that one strategy shrinks every decision of a test at once.

/// Random bytes as choices; where they end, every choice is the first.
#[derive(Clone, Debug)]
pub struct Entropy<'a>(std::slice::Iter<'a, u8>);

impl<'a> Entropy<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % count.max(1)
    }

    /// True once in `count` times, and never where the bytes have ended.
    pub fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1 && count > 1
    }
}
