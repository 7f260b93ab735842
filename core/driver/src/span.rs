//! A packet's place in a shared buffer.
//!
//! Owns [`Span`]. Batches are described by spans rather than by slices, so that the list of a batch can be
//! kept and reused without borrowing the buffer it points into.

use std::ops::Range;

/// `len` bytes from `start` of some buffer the context names.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

impl Span {
    /// The span of `range`; saturates beyond 4 GiB, which no buffer here reaches.
    #[must_use]
    pub fn new(range: Range<usize>) -> Self {
        let len = range.end.saturating_sub(range.start);
        Self { start: saturate(range.start), len: saturate(len) }
    }

    /// The part `inner` of this span, as a span of the same buffer; cut off at this span's end.
    #[must_use]
    pub fn part(self, inner: Range<usize>) -> Self {
        let start = saturate(inner.start).min(self.len);
        let end = saturate(inner.end).clamp(start, self.len);
        Self { start: self.start.saturating_add(start), len: end - start }
    }

    /// The span as a range.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }

    /// The bytes in `area`; empty if the span does not lie inside.
    #[must_use]
    pub fn of(self, area: &[u8]) -> &[u8] {
        area.get(self.range()).unwrap_or_default()
    }

    /// The bytes in `area`; empty if the span does not lie inside.
    #[must_use]
    pub fn of_mut(self, area: &mut [u8]) -> &mut [u8] {
        area.get_mut(self.range()).unwrap_or_default()
    }
}

fn saturate(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn part_stays_inside() {
        let span = Span::new(10..20);
        assert_eq!(span.part(2..5), Span { start: 12, len: 3 });
        assert_eq!(span.part(2..50), Span { start: 12, len: 8 });
        assert_eq!(span.part(50..60), Span { start: 20, len: 0 });
        assert_eq!(Span { start: 5, len: 9 }.of(b"0123456789"), b"");
        assert_eq!(Span { start: 5, len: 2 }.of(b"0123456789"), b"56");
    }
}
