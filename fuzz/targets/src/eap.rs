//! EAP packets, and both state machines of EAP-MSCHAPv2.
//!
//! Input: packets, each behind a byte that says what to do and two bytes of length. The byte's lowest bits choose
//! who gets the packet: the client, the server, or both as an honest answer of the other, changed at one place.
//!
//! Invariants: a packet that was read is written as the same bytes; the state machines answer a bounded number of
//! times, never succeed before they ran with each other to the end, and do nothing after their end.

use adit_crypto::Secret;
use adit_ike::eap::{Authenticator, Packet, Peer, ServerStep, Step, UserSecret};

use crate::provider::{provider, restart};

/// Neither may be in what the client sends.
const PASSWORD: &str = "correct horse battery staple";

/// Drives client and server.
pub fn eap(data: &[u8]) {
    restart();
    let password = Secret::from(PASSWORD.as_bytes());
    let mut run = Run {
        peer: Peer::new("carol", &password).expect("good credentials"),
        server: Authenticator::new("gateway").expect("a good name"),
        user: UserSecret::Password(password),
        to_peer: Vec::new(),
        to_server: Vec::new(),
        peer_ended: false,
        server_ended: false,
        tampered: false,
        replies: 0,
        refusals: 0,
    };
    run.peer.allow_retries(2);
    run.to_peer = run.server.start(&provider()).expect("randomness");
    let mut rest = data;
    while let Some(([action, high, low], tail)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(tail.len());
        let (packet, tail) = tail.split_at(length);
        rest = tail;
        round_trip(packet);
        match action % 4 {
            0 => run.peer_takes(packet, true),
            1 => run.server_takes(packet, true),
            2 => run.peer_takes(&changed(&run.to_peer, packet), !packet.is_empty()),
            _ => run.server_takes(&changed(&run.to_server, packet), !packet.is_empty()),
        }
    }
}

struct Run {
    peer: Peer,
    server: Authenticator,
    user: UserSecret,
    /// The last packet each side sent.
    to_peer: Vec<u8>,
    to_server: Vec<u8>,
    peer_ended: bool,
    server_ended: bool,
    /// Some packet was not what the other side sent.
    tampered: bool,
    replies: u32,
    refusals: u32,
}

impl Run {
    fn peer_takes(&mut self, packet: &[u8], tampered: bool) {
        self.tampered |= tampered;
        let mut step = self.peer.handle(packet, &provider());
        if let Step::Refused(_) = step {
            assert!(!self.peer_ended);
            self.tampered = true;
            step = match self.refusals.is_multiple_of(2) {
                true => self.peer.try_again("carol", &Secret::from(PASSWORD.as_bytes()), &provider()),
                false => self.peer.give_in(),
            };
            self.refusals += 1;
            assert!(self.refusals <= 2, "it asks without end");
            assert!(!matches!(step, Step::Refused(_)));
        }
        match step {
            Step::Refused(_) => {}
            Step::Reply(reply) => {
                assert!(!self.peer_ended, "an answer after the end");
                assert!(matches!(Packet::parse(&reply), Ok(Packet::Response { .. })));
                assert!(!reply.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes()));
                self.replies += 1;
                assert!(self.replies <= 64, "it answers without end");
                self.to_server = reply;
            }
            Step::Success { msk } => {
                assert!(!self.peer_ended && msk.len() == 64);
                // EAP-Success itself proves nothing and may be forged; what came before it may not.
                self.peer_ended = true;
            }
            Step::Failure(failure) => {
                assert!(!failure.to_string().contains(PASSWORD));
                self.peer_ended = true;
            }
        }
        assert!(self.peer.notices().len() <= 8);
        self.peer.notices().iter().for_each(|notice| assert!(!notice.chars().any(char::is_control)));
    }

    fn server_takes(&mut self, packet: &[u8], tampered: bool) {
        self.tampered |= tampered;
        let mut step = self.server.handle(packet, &provider());
        if matches!(step, ServerStep::NeedUser) {
            let known = self.server.needs_user().is_some_and(|user| user.account() == b"carol");
            step = self.server.provide_user(known.then_some(&self.user), &provider());
        }
        match step {
            ServerStep::Reply(reply) => {
                assert!(!self.server_ended, "a request after the end");
                assert!(matches!(Packet::parse(&reply), Ok(Packet::Request { .. })));
                self.to_peer = reply;
            }
            ServerStep::Success { packet, msk, user } => {
                assert!(!self.server_ended && msk.len() == 64);
                assert_eq!(user.account(), b"carol");
                assert!(matches!(Packet::parse(&packet), Ok(Packet::Success { .. })));
                assert!(self.replies > 0, "a success without the client");
                self.server_ended = true;
                self.to_peer = packet;
            }
            ServerStep::Failure { packet, .. } => {
                assert!(matches!(Packet::parse(&packet), Ok(Packet::Failure { .. })));
                self.server_ended = true;
                self.to_peer = packet;
            }
            ServerStep::NeedUser => panic!("asked twice"),
        }
    }
}

fn round_trip(packet: &[u8]) {
    if let Ok(parsed) = Packet::parse(packet) {
        assert_eq!(parsed.encode(), packet);
        assert!(!format!("{parsed:?}").is_empty());
    }
}

/// `honest` with the octets of `change` laid over it, from the place its first octet says.
fn changed(honest: &[u8], change: &[u8]) -> Vec<u8> {
    let mut packet = honest.to_vec();
    if let Some((at, octets)) = change.split_first() {
        for (to, from) in packet.iter_mut().skip(usize::from(*at)).zip(octets) {
            *to ^= from;
        }
    }
    packet
}
