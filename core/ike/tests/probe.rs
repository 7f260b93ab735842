//! Probes of IKE_SA_INIT: what is sent, what is followed, what an answer says, and forged answers.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{CipherSpec, DhGroup, PrfId, default_provider};
use adit_ike::probe::{Additional, Question, SaInitProbe};
use adit_ike::proposal::IkeProposal;
use adit_ike::time::Instant;
use adit_ike::wire::*;
use adit_ike::{Discard, Failure, Path, Session, Stage};
use support::raw::{CLIENT, GATEWAY, path, start};
use support::responder;

const PATIENCE: Duration = Duration::from_secs(10);

fn question(groups: &[DhGroup], additional: &[u16]) -> Question {
    let proposal = IkeProposal {
        ciphers: vec![CipherSpec::aes_gcm(256)],
        prfs: vec![PrfId::HMAC_SHA2_256],
        groups: groups.to_vec(),
    };
    Question { proposal, additional: additional.to_vec(), ppk: false, patience: PATIENCE }
}

struct Probe {
    probe: SaInitProbe,
    now: Instant,
    sent: Vec<Vec<u8>>,
}

impl Probe {
    fn new(question: Question) -> Self {
        let probe = SaInitProbe::new(question, default_provider(), start(), at()).unwrap();
        let mut probe = Self { probe, now: start(), sent: Vec::new() };
        probe.drain();
        probe
    }

    fn drain(&mut self) {
        while let Some(transmit) = self.probe.poll_transmit() {
            self.sent.push(transmit.payload);
        }
    }

    fn request(&self) -> Message {
        Message::parse(self.sent.last().unwrap()).unwrap()
    }

    fn give(&mut self, datagram: &[u8]) -> Result<(), Discard> {
        let result = self.probe.handle_message(self.now, at(), datagram);
        self.drain();
        result
    }

    /// An answer with these payloads.
    fn answer(&mut self, payloads: Vec<Payload>) -> Result<(), Discard> {
        let request = self.request().header;
        let spi = IkeSpi([7; 8]);
        let flags = Flags::response(Role::Responder);
        let header = Header::new(request.initiator_spi, spi, ExchangeType::IKE_SA_INIT, flags, 0);
        let datagram = Message { header, payloads }.encode().unwrap();
        self.give(&datagram)
    }

    fn notify(&mut self, kind: NotifyType, data: &[u8]) -> Result<(), Discard> {
        self.answer(vec![Payload::Notify(Notify::new(kind, data.to_vec()))])
    }

    fn failure(&self) -> &Failure {
        self.probe.result().unwrap().as_ref().unwrap_err()
    }

    fn group(&self) -> DhGroup {
        let payloads = self.request().payloads;
        payloads.iter().find_map(|one| if let Payload::Ke(ke) = one { Some(ke.group) } else { None }).unwrap()
    }

    fn offer(&self) -> SecurityAssociation {
        let payloads = self.request().payloads;
        payloads.into_iter().find_map(|one| if let Payload::Sa(sa) = one { Some(sa) } else { None }).unwrap()
    }

    /// An answer that chooses all that was offered, changed.
    fn choose(&mut self, change: impl FnOnce(&mut Vec<Transform>), notifies: &[NotifyType]) {
        let mut sa = self.offer();
        change(&mut sa.proposals[0].transforms);
        let group = self.group();
        let length = if group == DhGroup::ECP_256 { 64 } else { 32 };
        let mut payloads = vec![
            Payload::Sa(sa),
            Payload::Ke(KeyExchange { group, data: vec![9; length] }),
            Payload::Nonce(Nonce(vec![5; 32])),
        ];
        payloads.extend(notifies.iter().map(|kind| Payload::Notify(Notify::status(*kind))));
        self.answer(payloads).unwrap();
    }
}

fn at() -> Path {
    path(CLIENT, GATEWAY, 500)
}

#[test]
fn a_real_gateway_takes_the_proposal_and_says_what_it_knows() {
    let mut probe = Probe::new(question(&[DhGroup::CURVE25519], &[]));
    let server = path(GATEWAY, CLIENT, 500);
    let mut gateway =
        Session::respond(Arc::new(responder()), default_provider(), start(), server, 0, &probe.sent[0])
            .unwrap();
    let answer = gateway.poll_transmit().unwrap().payload;
    probe.give(&answer).unwrap();
    let answer = probe.probe.result().unwrap().as_ref().unwrap().clone();
    assert_eq!(answer.suite.group, DhGroup::CURVE25519);
    assert_eq!(answer.additional, []);
    assert!(answer.support.nat_traversal && answer.support.fragmentation && !answer.support.local_nat);
    assert!(answer.support.signature_hashes.is_some());
    assert_eq!(probe.probe.poll_timeout(), None, "nothing is due after the result");
    assert_eq!(probe.give(&[0; 28]), Err(Discard::Closed));
}

#[test]
fn b05_cookie_and_other_group_are_followed_and_endless_ones_are_not() {
    let mut probe = Probe::new(question(&[DhGroup::ECP_256, DhGroup::CURVE25519], &[]));
    let spi = probe.request().header.initiator_spi;
    probe.notify(NotifyType::COOKIE, b"cookie").unwrap();
    probe.notify(NotifyType::INVALID_KE_PAYLOAD, &31_u16.to_be_bytes()).unwrap();
    assert_eq!((probe.group(), probe.request().header.initiator_spi), (DhGroup::CURVE25519, spi));
    let Payload::Notify(first) = &probe.request().payloads[0] else { panic!("the cookie comes first") };
    assert_eq!(first.notify_type, NotifyType::COOKIE);
    assert!(probe.probe.result().is_none());
    for n in 0..50_u8 {
        let _ = probe.notify(NotifyType::COOKIE, &[n; 8]);
    }
    assert_eq!(probe.failure(), &Failure::CookieLoop);
    assert!(probe.sent.len() < 8, "{}", probe.sent.len());

    let mut probe = Probe::new(question(&[DhGroup::ECP_256], &[]));
    probe.notify(NotifyType::INVALID_KE_PAYLOAD, &14_u16.to_be_bytes()).unwrap();
    let refused = Failure::KeyExchangeRefused { wanted: DhGroup::MODP_2048, offered: vec![DhGroup::ECP_256] };
    assert_eq!(probe.failure(), &refused);
    for data in [&[][..], &[1], &[0; 65]] {
        let mut probe = Probe::new(question(&[DhGroup::ECP_256], &[]));
        let kind = if data.len() > 2 { NotifyType::COOKIE } else { NotifyType::INVALID_KE_PAYLOAD };
        probe.notify(kind, data).unwrap();
        assert!(matches!(probe.failure(), Failure::Protocol { .. }), "{:?}", probe.failure());
    }
}

#[test]
fn errors_are_told_apart() {
    let mut probe = Probe::new(question(&[DhGroup::ECP_256], &[36]));
    probe.notify(NotifyType::NO_PROPOSAL_CHOSEN, &[]).unwrap();
    let Failure::NoProposalChosen { stage: Stage::Ike, offered } = probe.failure() else {
        panic!("{:?}", probe.failure())
    };
    assert!(offered.contains("then"), "the additional key exchange is named: {offered}");
    let mut probe = Probe::new(question(&[DhGroup::ECP_256], &[]));
    probe.notify(NotifyType::INVALID_SYNTAX, &[]).unwrap();
    assert!(matches!(probe.failure(), Failure::PeerError { notify: NotifyType::INVALID_SYNTAX, .. }));
    // A server of version 1.
    let mut probe = Probe::new(question(&[DhGroup::ECP_256], &[]));
    let mut old = probe.sent[0].clone();
    old[17] = 0x10;
    probe.give(&old).unwrap();
    assert_eq!(probe.failure(), &Failure::WrongVersion { major: 1 });
}

#[test]
fn additional_key_exchanges_are_offered_and_read() {
    let mut probe = Probe::new(question(&[DhGroup::CURVE25519], &[36, 0, 37]));
    let kinds: Vec<(u8, u16)> =
        probe.offer().proposals[0].transforms.iter().map(|one| (one.transform_type.0, one.id)).collect();
    assert_eq!(kinds, [(1, 20), (2, 5), (4, 31), (6, 36), (7, 0), (8, 37)]);
    let asks = probe.request().payloads.iter().any(|payload| {
        matches!(payload, Payload::Notify(notify) if notify.notify_type == NotifyType::INTERMEDIATE_EXCHANGE_SUPPORTED)
    });
    assert!(asks, "RFC 9370 2.2.1");
    let drop_none = |transforms: &mut Vec<Transform>| transforms.retain(|one| one.transform_type.0 != 7);
    probe.choose(drop_none, &[NotifyType::INTERMEDIATE_EXCHANGE_SUPPORTED, NotifyType::USE_PPK]);
    let answer = probe.probe.result().unwrap().as_ref().unwrap();
    let expected = [(1, 36), (2, 0), (3, 37)].map(|(place, method)| Additional { place, method });
    assert_eq!(answer.additional, expected);
    assert!(answer.support.intermediate && answer.support.ppk && !answer.support.nat_traversal);
}

#[test]
fn answers_with_other_additional_key_exchanges_are_refused() {
    type Change = fn(&mut Vec<Transform>);
    let changes: [Change; 4] = [
        |transforms| transforms.retain(|one| one.transform_type.0 != 6),
        |transforms| transforms.last_mut().unwrap().id = 37,
        |transforms| transforms.push(Transform::new(TransformType(6), 36)),
        |transforms| transforms.push(Transform::new(TransformType(7), 37)),
    ];
    for (place, change) in changes.into_iter().enumerate() {
        let mut probe = Probe::new(question(&[DhGroup::CURVE25519], &[36]));
        probe.choose(change, &[]);
        let failure = probe.failure();
        assert!(
            matches!(failure, Failure::Protocol { .. } | Failure::ProposalNotOffered { .. }),
            "{place}: {failure:?}"
        );
    }
}

#[test]
fn silence_ends_with_the_patience_and_noise_is_passed_over() {
    let mut probe = Probe::new(question(&[DhGroup::ECP_256], &[]));
    let own = probe.sent[0].clone();
    assert!(probe.give(&own).is_err(), "our own request is no answer");
    assert!(probe.give(&[]).is_err());
    let mut other = own.clone();
    other[0] ^= 1;
    assert_eq!(probe.give(&other), Err(Discard::UnknownSpi));
    for length in 0..own.len() {
        assert!(probe.give(&own[..length]).is_err(), "{length}");
    }
    for _ in 0..100 {
        let Some(at) = probe.probe.poll_timeout() else { break };
        assert!(at >= probe.now);
        probe.now = at;
        probe.probe.handle_timeout(at);
        probe.drain();
    }
    let Failure::NoAnswer { tries, waited } = probe.failure() else { panic!("{:?}", probe.failure()) };
    assert!(*waited >= PATIENCE && *waited < PATIENCE + Duration::from_secs(1), "{waited:?}");
    assert!((3..8).contains(tries) && probe.sent.len() == *tries as usize, "{tries}");
    assert!(probe.sent.iter().all(|datagram| *datagram == own), "what is sent again is the same");
}
