//! What arrives: whose it is, and who may begin.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use adit_ike::wire::Header;
use adit_ike::{Failure, Path, RefusedCause, Transmit};
use adit_tunnel::{Engine, Input, Tunnel};

use super::admission::Admission;
use super::event::{ClientId, Event};
use super::gateway::{Gateway, Peer, TRANSMITS_MAX};
use super::lifecycle::advice;
use super::table::Tag;

impl Gateway {
    pub(super) fn on_ike(&mut self, path: Path, datagram: &mut [u8], offset: usize) -> Input {
        let message = datagram.get(offset..).unwrap_or_default();
        let Ok(header) = Header::parse(message) else { return self.noise() };
        if header.check_version().is_err() {
            return match self.gate.other_version(self.now, &header) {
                Some(answer) => {
                    self.stats.refused = self.stats.refused.saturating_add(1);
                    self.answer(path, &answer);
                    Input::Handled
                }
                None => self.noise(),
            };
        }
        if header.responder_spi.is_zero() {
            let init = (path.remote, header.initiator_spi);
            return match self.peers.find_init(&init) {
                Some(tag) => self.pass(tag, path, datagram),
                None => self.begin(path, &header, datagram, offset),
            };
        }
        // The flag tells which end chose which SPI, also after a rekey that we began (RFC 7296 2.18).
        let ours = if header.flags.initiator { header.responder_spi } else { header.initiator_spi };
        let [high, low, ..] = ours.0;
        self.pass(Tag::from_be_bytes([high, low]), path, datagram)
    }

    /// Gives an IKE message to a peer.
    fn pass(&mut self, tag: Tag, path: Path, datagram: &mut [u8]) -> Input {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(tag) else {
            return if self.repeat(path, datagram) { Input::Handled } else { self.noise() };
        };
        // The message may be opened in place, and its octets are needed once more.
        let request = datagram.to_vec();
        let input = peer.tunnel.handle_datagram(now, path, datagram);
        let queued = self.transmits.len();
        self.settle(tag);
        if input == Input::Discarded {
            if self.repeat(path, &request) {
                return Input::Handled;
            }
            self.stats.discarded = self.stats.discarded.saturating_add(1);
        } else if self.peers.get(tag).is_none() {
            let answers = self.transmits.iter().skip(queued).map(|transmit| transmit.payload.clone());
            self.last_words.keep(now, path, request, answers.collect());
        }
        input
    }

    /// Answers a request again whose session has ended with it. False if there is none.
    fn repeat(&mut self, path: Path, request: &[u8]) -> bool {
        let answers = self.last_words.repeat(self.now, path, request);
        let any = !answers.is_empty();
        for answer in answers {
            self.transmit(answer);
        }
        any
    }

    /// Takes a message that no peer has sent before.
    fn begin(&mut self, path: Path, header: &Header, datagram: &[u8], offset: usize) -> Input {
        let message = datagram.get(offset..).unwrap_or_default();
        let from = path.remote.ip();
        let admission = self.gate.judge(&self.provider, self.now, from, header, message, self.half_open);
        self.report_cookies();
        match admission {
            Admission::Admit => {}
            Admission::Cookie(demand) => {
                self.stats.cookies_demanded = self.stats.cookies_demanded.saturating_add(1);
                self.answer(path, &demand);
                return Input::Handled;
            }
            Admission::Busy => return self.busy(),
            Admission::Noise => return self.noise(),
        }
        let Some(tag) = self.peers.vacant() else { return self.busy() };
        let config = Arc::clone(&self.responder);
        match Tunnel::respond(config, self.provider, self.now, path, tag, self.mtu, message) {
            Ok(tunnel) => {
                self.stats.handshakes = self.stats.handshakes.saturating_add(1);
                self.next_id = self.next_id.saturating_add(1);
                let peer = Peer {
                    id: ClientId(self.next_id),
                    tunnel,
                    identity: None,
                    addresses: Vec::new(),
                    info: None,
                    refusal: None,
                    half_open: false,
                };
                self.peers.insert(tag, (path.remote, header.initiator_spi), peer);
                self.settle(tag);
                self.report_cookies();
                Input::Handled
            }
            Err(refused) => {
                let RefusedCause::Failure(failure) = &refused.cause else { return self.noise() };
                if let Some(reply) = &refused.reply {
                    self.stats.refused = self.stats.refused.saturating_add(1);
                    self.answer(path, reply);
                }
                // Another group is asked for in the course of things; the client comes back with it.
                if !matches!(failure, Failure::KeyExchangeRefused { .. }) {
                    self.events.push(Event::HandshakeFailed {
                        remote: path.remote,
                        reason: failure.to_string(),
                        advice: advice(failure),
                    });
                }
                Input::Handled
            }
        }
    }

    #[inline]
    pub(super) fn on_esp(&mut self, path: Path, tag: Tag, datagram: &mut [u8]) -> Input {
        let now = self.now;
        // One that is not up any more has lost its addresses, and somebody else may hold them.
        let Some(peer) = self.peers.get_mut(tag).filter(|peer| peer.info.is_some()) else {
            return self.noise();
        };
        let input = peer.tunnel.handle_datagram(now, path, datagram);
        // A packet only puts deadlines off, so the old one is good until something happens.
        if let Some(event) = peer.tunnel.poll_event() {
            self.on_event(tag, event);
            self.settle(tag);
        }
        match &input {
            Input::Packet(range) => {
                let inner = datagram.get(range.clone()).unwrap_or_default();
                if destination(inner).is_some_and(|to| to == path.local.ip() || self.outer.contains(&to)) {
                    // It would be sent as if it came from outside, past whatever guards the socket.
                    self.stats.into_itself = self.stats.into_itself.saturating_add(1);
                    return Input::Discarded;
                }
            }
            Input::Discarded => self.stats.discarded = self.stats.discarded.saturating_add(1),
            Input::Handled => {}
        }
        input
    }

    /// Queues an answer outside any session, to where the request came from.
    fn answer(&mut self, path: Path, message: &[u8]) {
        let marker: &[u8] = if path.encapsulated { &[0; 4] } else { &[] };
        self.transmit(Transmit { path, payload: [marker, message].concat() });
    }

    /// Queues a datagram.
    pub(super) fn transmit(&mut self, transmit: Transmit) {
        if self.transmits.len() < TRANSMITS_MAX {
            self.transmits.push_back(transmit);
        } else {
            self.stats.transmits_lost = self.stats.transmits_lost.saturating_add(1);
        }
    }

    pub(super) fn noise(&mut self) -> Input {
        self.stats.noise = self.stats.noise.saturating_add(1);
        Input::Discarded
    }

    fn busy(&mut self) -> Input {
        self.stats.busy = self.stats.busy.saturating_add(1);
        Input::Discarded
    }
}

/// The destination of an IP packet, of which `head` holds the header.
#[inline]
pub(super) fn destination(head: &[u8]) -> Option<IpAddr> {
    match head.first()? >> 4 {
        4 => head.get(16..20)?.first_chunk::<4>().map(|octets| Ipv4Addr::from(*octets).into()),
        6 => head.get(24..40)?.first_chunk::<16>().map(|octets| Ipv6Addr::from(*octets).into()),
        _ => None,
    }
}
