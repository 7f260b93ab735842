//! Sequence numbers: counting out, and guessing the half that is not on the wire.
//!
//! Owns [`OutboundSequence`] (RFC 4303 3.3.3) and [`infer`] (RFC 4303, appendix A2). Counters have 64 bits
//! with and without extended sequence numbers; without, the count ends at 2^32 - 1. Leaves out the
//! anti-replay window ([`crate::ReplayWindow`]) and the resynchronisation of appendix A3: a peer that lost
//! more than 2^32 packets in a row has long been declared dead.

/// The last sequence number without extended sequence numbers.
const LAST_SHORT: u64 = u32::MAX as u64;

/// Gives each sequence number of an SA once: 1, 2, 3, ..
///
/// Not `Clone`: a second counter over the same key would repeat nonces.
#[derive(Debug)]
pub(crate) struct OutboundSequence {
    last_used: u64,
    limit: u64,
}

impl OutboundSequence {
    pub(crate) const fn new(esn: bool) -> Self {
        Self { last_used: 0, limit: if esn { u64::MAX } else { LAST_SHORT } }
    }

    /// The next number, or `None` for ever once the last one was given.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<u64> {
        if self.last_used >= self.limit {
            return None;
        }
        self.last_used += 1;
        Some(self.last_used)
    }

    /// Numbers left.
    #[inline]
    pub(crate) const fn remaining(&self) -> u64 {
        self.limit - self.last_used
    }

    /// Continues behind `last_used`, for tests at the end of the space and with vectors.
    #[cfg(test)]
    pub(crate) fn jump_to(&mut self, last_used: u64) {
        self.last_used = last_used;
    }
}

/// The high and low half of a sequence number.
#[inline]
pub(crate) const fn halves(sequence: u64) -> (u32, u32) {
    ((sequence >> 32) as u32, sequence as u32)
}

/// The full number of a packet with `low` on the wire, for an SA with extended sequence numbers whose
/// highest authenticated number is `top` and whose window is `window` numbers long (at most 2^31).
///
/// The one number between the window's left edge and 2^32 behind it that has this low half. `None` if
/// there is no such number: left of the first packet, or beyond 2^64.
#[inline]
pub(crate) fn infer(top: u64, window: u32, low: u32) -> Option<u64> {
    let (top_high, top_low) = halves(top);
    let reach = window.saturating_sub(1);
    let bottom_low = top_low.wrapping_sub(reach);
    // The RFC's case A: the window lies within one run of low halves; case B: it spans a wrap.
    let high = match (top_low >= reach, low >= bottom_low) {
        (true, true) | (false, false) => top_high,
        (true, false) => top_high.checked_add(1)?,
        (false, true) => top_high.checked_sub(1)?,
    };
    Some(u64::from(high) << 32 | u64::from(low))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{OutboundSequence, halves, infer};

    #[test]
    fn e04_outbound_counter_stops_at_its_end_and_never_wraps() {
        for (esn, last) in [(false, u64::from(u32::MAX)), (true, u64::MAX)] {
            let mut sequence = OutboundSequence::new(esn);
            assert_eq!(sequence.take(), Some(1));
            assert_eq!(sequence.remaining(), last - 1);
            sequence.jump_to(last - 2);
            assert_eq!(sequence.take(), Some(last - 1));
            assert_eq!(sequence.take(), Some(last));
            for _ in 0..3 {
                assert_eq!((sequence.take(), sequence.remaining()), (None, 0));
            }
        }
    }

    #[test]
    fn e05_high_half_around_the_wrap() {
        const WRAP: u64 = 1 << 32;
        // The window lies left of the wrap.
        assert_eq!(infer(WRAP - 1, 4096, u32::MAX), Some(WRAP - 1));
        assert_eq!(infer(WRAP - 1, 4096, 0), Some(WRAP));
        assert_eq!(infer(WRAP - 1, 4096, 5), Some(WRAP + 5));
        // It spans the wrap.
        assert_eq!(infer(WRAP + 5, 4096, 5), Some(WRAP + 5));
        assert_eq!(infer(WRAP + 5, 4096, u32::MAX), Some(WRAP - 1));
        assert_eq!(infer(WRAP + 5, 4096, u32::MAX - 4089), Some(WRAP - 4090));
        assert_eq!(infer(WRAP + 5, 4096, u32::MAX - 4090), Some(2 * WRAP - 4091));
        // It lies right of it.
        assert_eq!(infer(WRAP + 4095, 4096, 0), Some(WRAP));
        assert_eq!(infer(WRAP + 4096, 4096, 0), Some(2 * WRAP));
        // Before the first packet there is nothing, behind the last neither.
        assert_eq!(infer(0, 4096, 1), Some(1));
        assert_eq!(infer(0, 4096, u32::MAX), None);
        assert_eq!(infer(u64::MAX, 4096, u32::MAX), Some(u64::MAX));
        assert_eq!(infer(u64::MAX, 4096, 0), None);
    }

    proptest! {
        #[test]
        fn e05_every_number_in_reach_is_found(
            top in prop_oneof![0..10_000u64, (u64::from(u32::MAX) - 5_000)..(u64::from(u32::MAX) + 10_000), any::<u64>()],
            words in 1..1025u32,
            ahead in 0..1u64 << 32,
        ) {
            let window = words * 64;
            let bottom = i128::from(top) - i128::from(window) + 1;
            let number = bottom + i128::from(ahead);
            if let Ok(number) = u64::try_from(number) {
                prop_assert_eq!(infer(top, window, halves(number).1), Some(number));
            }
        }
    }
}
