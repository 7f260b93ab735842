//! Opening: ESP packets become IP packets (RFC 4303 3.4, RFC 4301 5.2).
//!
//! Owns [`InboundSa`] and the order of its checks: what costs little and needs no key first, nothing that
//! changes the SA before the ICV was found right. Leaves out finding the SA ([`crate::Sad`]) and what the
//! host does with the packet.

use std::fmt;
use std::ops::Range;

use adit_crypto::OpeningKey;

use crate::inner::Inner;
use crate::params::{AadBytes, HEADER_LEN, Layout};
use crate::replay::WindowError;
use crate::sequence::infer;
use crate::{Discard, DiscardCounters, ReplayWindow, SaError, SaParams, Selectors, Traffic, trailer};

/// The receiving half of a Child SA.
pub struct InboundSa {
    spi: u32,
    layout: Layout,
    window: ReplayWindow,
    key: Box<dyn OpeningKey>,
    selectors: Selectors,
    traffic: Traffic,
    discards: DiscardCounters,
}

impl InboundSa {
    /// An SA that has received nothing yet.
    ///
    /// # Errors
    /// [`SaError`] if the SPI is reserved, the window has an impossible size or the cipher refuses its keys.
    pub fn new(params: &SaParams) -> Result<Self, SaError> {
        let spi = params.checked_spi()?;
        let layout = Layout::new(params.cipher, params.esn)?;
        let window = ReplayWindow::new(params.replay_window)?;
        let key = params.cipher.opening_key(params.encr_key.expose(), params.integ_key.expose())?;
        Ok(Self {
            spi,
            layout,
            window,
            key,
            selectors: params.selectors.clone(),
            traffic: Traffic::default(),
            discards: DiscardCounters::default(),
        })
    }

    /// The SPI of its packets: the one we chose.
    #[must_use]
    pub fn spi(&self) -> u32 {
        self.spi
    }

    /// What it may carry.
    #[must_use]
    pub fn selectors(&self) -> &Selectors {
        &self.selectors
    }

    /// What it has delivered.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// What it has dropped.
    #[must_use]
    pub fn discards(&self) -> &DiscardCounters {
        &self.discards
    }

    /// The highest sequence number that was authentic; 0 before the first.
    #[must_use]
    pub fn highest_sequence(&self) -> u64 {
        self.window.top()
    }

    /// Opens the ESP packet in `datagram` (the UDP payload) in place and gives where the inner packet is.
    ///
    /// One attempt is made: with extended sequence numbers the window and the low half determine the high
    /// half (RFC 4303, appendix A2).
    ///
    /// # Errors
    /// [`Discard`] with the cause, counted. `datagram` then holds nothing a caller may use.
    #[inline]
    pub fn open(&mut self, datagram: &mut [u8]) -> Result<Range<usize>, Discard> {
        match self.try_open(datagram) {
            Ok(range) => {
                self.traffic.add(range.len());
                Ok(range)
            }
            Err(cause) => {
                self.discards.count(cause);
                Err(cause)
            }
        }
    }

    #[inline]
    fn try_open(&mut self, datagram: &mut [u8]) -> Result<Range<usize>, Discard> {
        let front = self.layout.front();
        let plaintext_end = datagram.len().checked_sub(self.layout.icv_len).ok_or(Discard::TooShort)?;
        let plaintext_len = plaintext_end.checked_sub(front).ok_or(Discard::TooShort)?;
        if plaintext_len < trailer::TRAILER_LEN {
            return Err(Discard::TooShort);
        }
        if plaintext_len & (self.layout.align - 1) != 0 {
            return Err(Discard::Misaligned);
        }
        let (header, body) = datagram.split_first_chunk_mut::<HEADER_LEN>().ok_or(Discard::TooShort)?;
        let (spi, low) = crate::sequence::halves(u64::from_be_bytes(*header));
        if spi != self.spi {
            return Err(Discard::UnknownSpi);
        }
        let sequence = if self.layout.esn {
            infer(self.window.top(), self.window.size(), low).ok_or(Discard::BehindWindow)?
        } else {
            u64::from(low)
        };
        self.window.check(sequence).map_err(|refused| match refused {
            WindowError::Zero => Discard::ZeroSequence,
            WindowError::Replayed => Discard::Replayed,
            WindowError::Behind => Discard::BehindWindow,
        })?;
        let aad = AadBytes::new(&self.layout, spi, sequence);
        self.key.open(aad.aad(&self.layout), body).map_err(|_| Discard::BadIntegrity)?;
        self.window.mark(sequence);

        let plaintext = datagram.get(front..plaintext_end).ok_or(Discard::TooShort)?;
        let (payload, next_header) = trailer::strip(plaintext)?;
        if !matches!(next_header, crate::inner::NEXT_HEADER_IPV4 | crate::inner::NEXT_HEADER_IPV6) {
            return Err(Discard::NextHeader);
        }
        let inner = Inner::parse(payload).ok_or(Discard::MalformedInner)?;
        if inner.next_header() != next_header {
            return Err(Discard::MalformedInner);
        }
        if !self.selectors.permits_inbound(&inner) {
            return Err(Discard::InvalidSelectors);
        }
        Ok(front..front + inner.len())
    }

    /// As if `top` had been received, for tests far into the sequence space.
    #[cfg(test)]
    pub(crate) fn jump_to(&mut self, top: u64) {
        self.window.mark(top);
    }
}

impl fmt::Debug for InboundSa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundSa")
            .field("spi", &format_args!("{:08x}", self.spi))
            .field("esn", &self.layout.esn)
            .field("highest_sequence", &self.highest_sequence())
            .field("traffic", &self.traffic)
            .field("discarded", &self.discards.total())
            .finish_non_exhaustive()
    }
}
