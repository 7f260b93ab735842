//! What every step of a session may use: provider, time, path and the queues to the host.

use std::collections::VecDeque;

use adit_crypto::{CryptoError, CryptoProvider};

use crate::event::{ChildId, Event, Path, Token, Transmit};
use crate::time::Instant;

/// Events the host has not taken yet. A host that never polls loses the newest, which only a broken one does:
/// every call of ours adds a handful.
const EVENTS_MAX: usize = 1024;

/// Datagrams not yet taken. More than one fragmented exchange in each direction never waits.
const TRANSMITS_MAX: usize = 1024;

/// Shared by all phases.
#[derive(Debug)]
pub(crate) struct Context {
    pub provider: CryptoProvider,
    /// The latest time the host told us.
    pub now: Instant,
    /// Where the peer is, for IKE.
    pub path: Path,
    /// ESP stays on this path until a peer that moved has shown that it is reached by the other (RFC 4555 3.7).
    pub held: Option<Path>,
    /// The last datagram to the peer, ESP included.
    pub last_sent: Instant,
    /// First 16 bits of our SPIs, or zero.
    pub spi_tag: u16,
    /// What the server shows goes to the host, and it is asked for MOBIKE.
    pub observing: bool,
    /// The user was asked for the password, and is asked again if the server allows another try.
    pub asking: bool,
    /// Keys go to the host.
    #[cfg(feature = "keylog")]
    pub key_log: bool,
    transmits: VecDeque<Transmit>,
    events: VecDeque<Event>,
    next_child: u32,
    next_token: u32,
}

impl Context {
    pub fn new(provider: CryptoProvider, now: Instant, path: Path, spi_tag: u16) -> Self {
        Self {
            provider,
            now,
            path,
            held: None,
            last_sent: now,
            spi_tag,
            observing: false,
            asking: false,
            #[cfg(feature = "keylog")]
            key_log: false,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            next_child: 0,
            next_token: 0,
        }
    }

    /// Time never goes backwards here, whatever the host says.
    pub fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    pub fn event(&mut self, event: Event) {
        if self.events.len() < EVENTS_MAX {
            self.events.push_back(event);
        }
    }

    /// Queues an IKE message for the current path.
    pub fn send(&mut self, message: &[u8]) {
        self.send_to(self.path, message);
    }

    /// Queues an IKE message for `path`.
    pub fn send_to(&mut self, path: Path, message: &[u8]) {
        if self.transmits.len() < TRANSMITS_MAX {
            // RFC 3948 2.2: four zero octets where an ESP packet has its SPI.
            self.last_sent = self.now;
            let marker: &[u8] = if path.encapsulated { &[0; 4] } else { &[] };
            self.transmits.push_back(Transmit { path, payload: [marker, message].concat() });
        }
    }

    /// Queues a NAT keepalive (RFC 3948 2.3).
    pub fn send_keepalive(&mut self) {
        self.last_sent = self.now;
        if self.transmits.len() < TRANSMITS_MAX {
            self.transmits.push_back(Transmit { path: self.path, payload: vec![0xff] });
        }
    }

    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub fn has_output(&self) -> bool {
        !self.transmits.is_empty() || !self.events.is_empty()
    }

    pub fn next_child_id(&mut self) -> ChildId {
        self.next_child = self.next_child.wrapping_add(1);
        ChildId(self.next_child)
    }

    pub fn next_token(&mut self) -> Token {
        self.next_token = self.next_token.wrapping_add(1);
        Token(self.next_token)
    }

    /// A fresh IKE SPI, never zero.
    pub fn ike_spi(&self) -> Result<[u8; 8], CryptoError> {
        let mut spi = [0; 8];
        loop {
            self.provider.random.fill(&mut spi)?;
            self.tag(&mut spi);
            if spi != [0; 8] {
                return Ok(spi);
            }
        }
    }

    /// A fresh ESP SPI. The values up to 255 are reserved (RFC 4303 2.1).
    pub fn esp_spi(&self, taken: impl Fn(u32) -> bool) -> Result<u32, CryptoError> {
        let mut bytes = [0; 4];
        loop {
            self.provider.random.fill(&mut bytes)?;
            self.tag(&mut bytes);
            let spi = u32::from_be_bytes(bytes);
            if spi > 255 && !taken(spi) {
                return Ok(spi);
            }
        }
    }

    /// A fresh nonce: 32 octets are at least half of every PRF key here (RFC 7296 2.10).
    pub fn nonce(&self) -> Result<Vec<u8>, CryptoError> {
        let mut nonce = vec![0; 32];
        self.provider.random.fill(&mut nonce)?;
        Ok(nonce)
    }

    fn tag(&self, spi: &mut [u8]) {
        if self.spi_tag != 0
            && let Some(head) = spi.first_chunk_mut::<2>()
        {
            *head = self.spi_tag.to_be_bytes();
        }
    }
}
