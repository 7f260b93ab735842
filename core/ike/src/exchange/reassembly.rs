//! Putting fragments of a message together (RFC 7383 2.6).
//!
//! Only authentic fragments come here, so what is stored is what the peer sent; it is bounded all the same.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::protect::{FragmentNumber, Opened};
use crate::wire::{PayloadType, limits};

/// Most fragments of one message. Peers are known to send more than 25 for one IKE_AUTH.
pub const MAX_FRAGMENTS: usize = 255;

/// Collects the fragments of one message at a time. Use one for requests and one for responses.
#[derive(Debug, Default)]
pub struct Reassembly {
    current: Option<Partial>,
}

#[derive(Debug)]
struct Partial {
    message_id: u32,
    total: u16,
    first: PayloadType,
    parts: BTreeMap<u16, Zeroizing<Vec<u8>>>,
    octets: usize,
}

/// What a fragment did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Progress {
    /// It was the last one missing: the message, with `fragment` cleared. The store is empty again.
    Complete(Opened),
    /// It was kept; more are missing.
    Kept,
    /// It was not kept; what was stored before stays.
    Ignored(FragmentRefusal),
}

/// Why a fragment was not kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FragmentRefusal {
    /// There already is a fragment with this number. The first one stays, whatever the octets.
    #[error("duplicate fragment")]
    Duplicate,
    /// Fragments of a larger set are stored: this one is from an earlier, coarser attempt.
    #[error("fragment of an earlier set")]
    FewerFragments,
    /// The set is larger than [`MAX_FRAGMENTS`].
    #[error("more than {MAX_FRAGMENTS} fragments")]
    TooMany,
    /// The message would be longer than [`limits::MAX_MESSAGE`].
    #[error("message longer than {} octets", limits::MAX_MESSAGE)]
    TooLong,
}

impl Reassembly {
    /// An empty store.
    #[must_use]
    pub const fn new() -> Self {
        Self { current: None }
    }

    /// Takes an authentic message or fragment. A message that is no fragment is complete by itself.
    ///
    /// Fragments of another message replace what is stored, so the caller passes only those whose Message ID
    /// is the one it waits for. A larger Total Fragments replaces the set (the peer sends it again in smaller
    /// pieces), a smaller one is ignored (RFC 7383 2.6).
    pub fn insert(&mut self, message_id: u32, opened: Opened) -> Progress {
        let Some(FragmentNumber { number, total }) = opened.fragment else {
            self.current = None;
            return Progress::Complete(opened);
        };
        if usize::from(total) > MAX_FRAGMENTS {
            return Progress::Ignored(FragmentRefusal::TooMany);
        }
        let mut partial = match self.current.take() {
            Some(partial) if partial.message_id == message_id && partial.total >= total => partial,
            _ => Partial::new(message_id, total),
        };
        let progress = partial.insert(number, total, opened);
        if progress == Progress::Kept && partial.parts.len() == usize::from(partial.total) {
            return Progress::Complete(partial.join());
        }
        // A set that keeps nothing is not worth remembering.
        self.current = (!partial.parts.is_empty()).then_some(partial);
        progress
    }

    /// Forgets what is stored.
    pub fn clear(&mut self) {
        self.current = None;
    }

    /// Octets stored.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.current.as_ref().map_or(0, |partial| partial.octets)
    }
}

impl Partial {
    const fn new(message_id: u32, total: u16) -> Self {
        Self { message_id, total, first: PayloadType::NONE, parts: BTreeMap::new(), octets: 0 }
    }

    fn insert(&mut self, number: u16, total: u16, opened: Opened) -> Progress {
        if total < self.total {
            return Progress::Ignored(FragmentRefusal::FewerFragments);
        }
        if self.parts.contains_key(&number) {
            return Progress::Ignored(FragmentRefusal::Duplicate);
        }
        let octets = self.octets.saturating_add(opened.payloads.len());
        if octets > limits::MAX_MESSAGE {
            return Progress::Ignored(FragmentRefusal::TooLong);
        }
        if number == 1 {
            self.first = opened.first;
        }
        self.octets = octets;
        self.parts.insert(number, opened.payloads);
        Progress::Kept
    }

    fn join(self) -> Opened {
        let mut payloads = Zeroizing::new(Vec::with_capacity(self.octets));
        for part in self.parts.values() {
            payloads.extend_from_slice(part);
        }
        Opened { first: self.first, payloads, fragment: None }
    }
}
