//! Why inbound ESP is dropped, counted by cause.
//!
//! Owns [`Discard`] and [`DiscardCounters`]. A dropped packet is answered with nothing and harms no SA
//! (RFC 4303 3.4 calls each of these an auditable event; the counters are the audit).

use std::fmt;

macro_rules! causes {
    ($($(#[$meta:meta])* $cause:ident = $name:literal, $text:literal;)*) => {
        /// Why an ESP packet was dropped. The SA is unharmed.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[repr(u8)]
        pub enum Discard {
            $($(#[$meta])* $cause,)*
        }

        impl Discard {
            /// All causes, in the order of reports.
            pub const ALL: &'static [Self] = &[$(Self::$cause,)*];

            /// A short stable name for reports and metrics.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$cause => $name,)*
                }
            }
        }

        impl fmt::Display for Discard {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$cause => $text,)*
                })
            }
        }
    };
}

causes! {
    /// Too short to be what it claims to be: a datagram of a few bytes, or ESP without room for header,
    /// IV, trailer and ICV.
    TooShort = "too_short", "the packet is too short";
    /// The ciphertext is no multiple of four bytes or of the cipher's block (RFC 4303 2.4).
    Misaligned = "misaligned", "the ciphertext has an impossible length for this cipher";
    /// An SPI from the reserved range 1..=255 (RFC 4303 2.1).
    ReservedSpi = "reserved_spi", "the SPI is reserved";
    /// No inbound SA has this SPI: never had, or it was deleted.
    UnknownSpi = "unknown_spi", "no SA has this SPI";
    /// Sequence number zero, which no sender uses (RFC 4303 3.3.3).
    ZeroSequence = "zero_sequence", "the sequence number is zero";
    /// This sequence number was received before.
    Replayed = "replayed", "the packet was received before";
    /// The sequence number is older than the anti-replay window reaches. Harmless when the network
    /// reorders over a longer stretch than the window.
    BehindWindow = "behind_window", "the sequence number is behind the anti-replay window";
    /// The ICV is wrong: forged, damaged, or sealed with other keys.
    BadIntegrity = "bad_integrity", "the integrity check failed";
    /// Authentic, but the padding is longer than the packet or not 1, 2, 3, .. (RFC 4303 2.4).
    BadPadding = "bad_padding", "the padding is malformed";
    /// Authentic dummy packet, next header 59, sent to hide traffic patterns (RFC 4303 2.6). Not an error.
    Dummy = "dummy", "dummy packet";
    /// Authentic, but the next header is neither IPv4 (4) nor IPv6 (41): not tunnel mode.
    NextHeader = "next_header", "the next header is not an IP packet";
    /// Authentic, but what is inside is no IP packet of the version announced, or its length fields
    /// exceed the data.
    MalformedInner = "malformed_inner", "the inner packet is malformed";
    /// Authentic, but the inner packet is not what the SA was made for: outside the traffic selectors,
    /// or with an address that cannot come through a tunnel (RFC 4301 5.2).
    InvalidSelectors = "invalid_selectors", "the inner packet is outside the traffic selectors";
}

impl std::error::Error for Discard {}

impl Discard {
    /// True if the packet's ICV was right and its sequence number new, so that the peer is alive.
    #[must_use]
    pub const fn is_authentic(self) -> bool {
        matches!(
            self,
            Self::BadPadding | Self::Dummy | Self::NextHeader | Self::MalformedInner | Self::InvalidSelectors
        )
    }
}

/// Dropped packets by cause.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DiscardCounters([u64; Discard::ALL.len()]);

impl DiscardCounters {
    /// Packets dropped for `cause`.
    #[must_use]
    pub fn get(&self, cause: Discard) -> u64 {
        self.0.get(cause as usize).copied().unwrap_or(0)
    }

    /// All causes with their counts, in the order of [`Discard::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Discard, u64)> + '_ {
        Discard::ALL.iter().copied().zip(self.0)
    }

    /// Packets dropped for any cause, dummies included.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Adds one.
    pub fn count(&mut self, cause: Discard) {
        if let Some(counter) = self.0.get_mut(cause as usize) {
            *counter = counter.saturating_add(1);
        }
    }

    /// Adds another set of counters, for instance those of a deleted SA.
    pub fn merge(&mut self, other: &Self) {
        for (counter, more) in self.0.iter_mut().zip(other.0) {
            *counter = counter.saturating_add(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Discard, DiscardCounters};

    #[test]
    fn every_cause_has_its_own_counter_and_name() {
        let mut counters = DiscardCounters::default();
        for (index, cause) in Discard::ALL.iter().enumerate() {
            assert_eq!(*cause as usize, index);
            for _ in 0..=index {
                counters.count(*cause);
            }
        }
        for (index, (cause, count)) in counters.iter().enumerate() {
            assert_eq!((cause, count), (Discard::ALL[index], index as u64 + 1));
            assert_eq!(counters.get(cause), count);
        }
        let n = Discard::ALL.len() as u64;
        assert_eq!(counters.total(), n * (n + 1) / 2);
        let mut names: Vec<_> = Discard::ALL.iter().map(|cause| cause.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Discard::ALL.len());
        let mut sum = counters;
        sum.merge(&counters);
        assert_eq!(sum.total(), 2 * counters.total());
    }
}
