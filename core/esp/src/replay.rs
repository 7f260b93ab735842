//! Anti-replay (RFC 4303 3.4.3).
//!
//! Owns [`ReplayWindow`]. It takes full 64-bit numbers: finding the high half is
//! `sequence::infer`'s work. Checking and marking are two calls, because the window may only move
//! after the packet's ICV was found right.

use crate::params::{MAX_REPLAY_WINDOW, SaError};

/// Why a sequence number is refused before any cryptography.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WindowError {
    /// Zero, which is never sent.
    Zero,
    /// Marked before.
    Replayed,
    /// Left of the window.
    Behind,
}

/// Which of the last numbers have been received.
///
/// A ring of bits, one per number, addressed by the number's low bits, so that moving the window clears
/// bits and shifts none.
#[derive(Debug)]
pub struct ReplayWindow {
    words: Box<[u64]>,
    // Number of bits in `words` minus one; a power of two minus one, so that masking finds a bit.
    mask: u64,
    size: u64,
    top: u64,
}

impl ReplayWindow {
    /// An empty window over `size` numbers.
    ///
    /// # Errors
    /// [`SaError::ReplayWindow`] unless `size` is a multiple of 64 in 64..=[`MAX_REPLAY_WINDOW`].
    pub fn new(size: u32) -> Result<Self, SaError> {
        if size == 0 || !size.is_multiple_of(64) || size > MAX_REPLAY_WINDOW {
            return Err(SaError::ReplayWindow(size));
        }
        let bits = size.next_power_of_two();
        let words = vec![0; bits as usize / 64].into_boxed_slice();
        Ok(Self { words, mask: u64::from(bits) - 1, size: u64::from(size), top: 0 })
    }

    /// The highest number marked; 0 before the first.
    #[must_use]
    pub fn top(&self) -> u64 {
        self.top
    }

    /// How many numbers it covers.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size as u32
    }

    /// Whether `sequence` may be new. Changes nothing.
    ///
    /// # Errors
    /// [`WindowError`] with the reason it is refused.
    #[inline]
    pub fn check(&self, sequence: u64) -> Result<(), WindowError> {
        if sequence > self.top {
            return Ok(());
        }
        if sequence == 0 {
            return Err(WindowError::Zero);
        }
        if self.top - sequence >= self.size {
            return Err(WindowError::Behind);
        }
        let (word, bit) = self.place(sequence);
        match self.words.get(word) {
            Some(word) if word & bit == 0 => Ok(()),
            _ => Err(WindowError::Replayed),
        }
    }

    /// Remembers `sequence`, which [`Self::check`] allowed and whose packet was authentic. A number left
    /// of the window changes nothing.
    #[inline]
    pub fn mark(&mut self, sequence: u64) {
        if sequence > self.top {
            self.advance(sequence);
        } else if self.top - sequence >= self.size {
            return;
        }
        let (word, bit) = self.place(sequence);
        if let Some(word) = self.words.get_mut(word) {
            *word |= bit;
        }
    }

    /// Moves the right edge to `to`, and forgets what the bits coming into the window meant before.
    #[inline]
    fn advance(&mut self, to: u64) {
        let from = self.top;
        self.top = to;
        // One step within a word is the rule on a quiet network.
        if to - from == 1 {
            let (word, bit) = self.place(to);
            if let Some(word) = self.words.get_mut(word) {
                *word &= !bit;
            }
        } else {
            self.clear(from, to);
        }
    }

    /// Clears the bits of `from + 1 ..= to`.
    fn clear(&mut self, from: u64, to: u64) {
        if to - from > self.mask {
            self.words.fill(0);
            return;
        }
        let mut next = from + 1;
        loop {
            let (word, bit) = self.place(next);
            let last_in_word = next | 63;
            // From `next` to the end of its word, or to `to` if that comes first.
            let above = if to < last_in_word { u64::MAX << (to & 63) << 1 } else { 0 };
            if let Some(word) = self.words.get_mut(word) {
                *word &= (bit - 1) | above;
            }
            if to <= last_in_word {
                return;
            }
            next = last_in_word + 1;
        }
    }

    /// The word and bit of `sequence`.
    #[inline]
    fn place(&self, sequence: u64) -> (usize, u64) {
        (((sequence & self.mask) >> 6) as usize, 1 << (sequence & 63))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{ReplayWindow, WindowError};
    use crate::params::SaError;

    /// The same promise, kept with a set.
    struct Model {
        size: u64,
        seen: BTreeSet<u64>,
    }

    impl Model {
        fn check(&self, sequence: u64) -> Result<(), WindowError> {
            let top = self.seen.last().copied().unwrap_or(0);
            if sequence == 0 {
                Err(WindowError::Zero)
            } else if sequence <= top && top - sequence >= self.size {
                Err(WindowError::Behind)
            } else if self.seen.contains(&sequence) {
                Err(WindowError::Replayed)
            } else {
                Ok(())
            }
        }
    }

    fn receive(window: &mut ReplayWindow, sequence: u64) -> Result<(), WindowError> {
        window.check(sequence)?;
        window.mark(sequence);
        Ok(())
    }

    #[test]
    fn sizes_are_multiples_of_64_within_bounds() {
        for size in [0, 1, 63, 65, 4095, 65_537, 65_600, u32::MAX] {
            assert_eq!(ReplayWindow::new(size).err(), Some(SaError::ReplayWindow(size)));
        }
        for size in [64, 128, 192, 4096, 65_536] {
            assert_eq!(ReplayWindow::new(size).unwrap().size(), size);
        }
    }

    #[test]
    fn e03_edges_of_the_window() {
        for size in [64u64, 192, 4096] {
            let mut window = ReplayWindow::new(u32::try_from(size).unwrap()).unwrap();
            assert_eq!(receive(&mut window, 0), Err(WindowError::Zero));
            assert_eq!(receive(&mut window, 10_000), Ok(()));
            assert_eq!(receive(&mut window, 10_000), Err(WindowError::Replayed));
            assert_eq!(receive(&mut window, 10_000 - size), Err(WindowError::Behind));
            assert_eq!(receive(&mut window, 10_001 - size), Ok(()));
            assert_eq!(receive(&mut window, 10_001 - size), Err(WindowError::Replayed));
            assert_eq!(receive(&mut window, 9_999), Ok(()));
            // A jump by 2^31 leaves only its target marked.
            assert_eq!(receive(&mut window, 10_000 + (1 << 31)), Ok(()));
            assert_eq!(receive(&mut window, 10_000), Err(WindowError::Behind));
            for back in 1..size {
                assert_eq!(window.check(10_000 + (1 << 31) - back), Ok(()));
            }
            assert_eq!(receive(&mut window, u64::MAX), Ok(()));
            assert_eq!(receive(&mut window, u64::MAX - 1), Ok(()));
            assert_eq!(receive(&mut window, u64::MAX), Err(WindowError::Replayed));
        }
    }

    #[test]
    fn e03_checking_alone_never_moves_the_window() {
        let mut window = ReplayWindow::new(64).unwrap();
        window.mark(5);
        for sequence in [6, 100, u64::MAX] {
            assert_eq!(window.check(sequence), Ok(()));
        }
        assert_eq!((window.top(), window.check(4), window.check(5)), (5, Ok(()), Err(WindowError::Replayed)));
    }

    #[test]
    fn marking_left_of_the_window_changes_nothing() {
        let mut window = ReplayWindow::new(64).unwrap();
        window.mark(1_000);
        window.mark(1_000 - 64);
        assert_eq!(window.check(1_000 - 64 + 64 - 1), Ok(()));
        assert_eq!(window.top(), 1_000);
    }

    fn steps() -> impl Strategy<Value = Vec<i64>> {
        let step = prop_oneof![
            6 => -70..70i64,
            3 => -300..300i64,
            1 => -5_000..5_000i64,
            1 => Just(1i64 << 31),
            1 => Just(63i64), 1 => Just(64i64), 1 => Just(65i64), 1 => Just(128i64), 1 => Just(-64i64),
        ];
        proptest::collection::vec(step, 1..400)
    }

    proptest! {
        #[test]
        fn e03_agrees_with_a_set_under_any_order(
            start in prop_oneof![0..200u64, Just(u64::from(u32::MAX) - 100), Just(u64::MAX - 10_000), any::<u64>()],
            words in prop_oneof![1..5u32, Just(64)],
            steps in steps(),
        ) {
            let size = words * 64;
            let mut window = ReplayWindow::new(size).unwrap();
            let mut model = Model { size: u64::from(size), seen: BTreeSet::new() };
            let mut at = start;
            for step in steps {
                at = at.saturating_add_signed(step);
                prop_assert_eq!(window.check(at), model.check(at), "at {}", at);
                if receive(&mut window, at).is_ok() {
                    model.seen.insert(at);
                }
                prop_assert_eq!(window.top(), model.seen.last().copied().unwrap_or(0));
            }
        }

        #[test]
        fn e03_a_shuffle_within_the_window_is_accepted_once_each(
            order in Just((1..=256u64).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let mut window = ReplayWindow::new(256).unwrap();
            for sequence in &order {
                prop_assert_eq!(receive(&mut window, *sequence), Ok(()));
            }
            for sequence in &order {
                prop_assert_eq!(receive(&mut window, *sequence), Err(WindowError::Replayed));
            }
        }
    }
}
