//! IKE_SA_INIT: cookies, other groups, forged answers, and what a stranger can make a responder do.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adit_crypto::{
    ActiveKeyExchange, CipherSpec, CryptoError, CryptoProvider, DhGroup, KeyExchange as Kex, PrfId,
    SecureRandom,
};
use adit_ike::config::InitiatorConfig;
use adit_ike::proposal::{IkeProposal, offer_ike};
use adit_ike::time::Instant;
use adit_ike::wire::*;
use adit_ike::{
    CloseReason, CookieJar, Discard, Event, Failure, Path, Refused, RefusedCause, Session, Stage,
};
use support::raw::{self, CLIENT, GATEWAY, Raw, find, notify, path, start};
use support::{config, initiator, responder};

/// An initiator that waits for an answer, and a network that is the test.
struct Waiting {
    session: Session,
    now: Instant,
    path: Path,
    events: Vec<Event>,
    sent: Vec<Message>,
    raw: Vec<Vec<u8>>,
}

impl Waiting {
    fn new(config: InitiatorConfig) -> Self {
        let path = path(CLIENT, GATEWAY, 500);
        let provider = adit_crypto::default_provider();
        let session = Session::connect(Arc::new(config), provider, start(), path).unwrap();
        let mut waiting =
            Self { session, now: start(), path, events: Vec::new(), sent: Vec::new(), raw: Vec::new() };
        waiting.drain();
        waiting
    }

    fn drain(&mut self) {
        while let Some(transmit) = self.session.poll_transmit() {
            let skip = if transmit.path.encapsulated { 4 } else { 0 };
            if let Ok(message) = Message::parse(&transmit.payload[skip..]) {
                self.sent.push(message);
            }
            self.raw.push(transmit.payload);
        }
        while let Some(event) = self.session.poll_event() {
            self.events.push(event);
        }
    }

    fn last(&self) -> &Message {
        self.sent.last().unwrap()
    }

    fn group(&self) -> DhGroup {
        let Some(Payload::Ke(ke)) =
            self.last().payloads.iter().find(|payload| matches!(payload, Payload::Ke(_)))
        else {
            panic!("no KE")
        };
        ke.group
    }

    fn answer_from(&mut self, spi: IkeSpi, payloads: Vec<Payload>) -> Result<(), Discard> {
        let flags = Flags::response(Role::Responder);
        let header = Header::new(self.last().header.initiator_spi, spi, ExchangeType::IKE_SA_INIT, flags, 0);
        let mut datagram = Message { header, payloads }.encode().unwrap();
        self.give(&mut datagram)
    }

    fn answer(&mut self, payloads: Vec<Payload>) -> Result<(), Discard> {
        self.answer_from(IkeSpi::ZERO, payloads)
    }

    fn give(&mut self, datagram: &mut [u8]) -> Result<(), Discard> {
        let result = self.session.handle_message(self.now, self.path, datagram);
        self.drain();
        result
    }

    fn cookie(&mut self, cookie: &[u8]) -> Result<(), Discard> {
        self.answer(vec![Payload::Notify(Notify::new(NotifyType::COOKIE, cookie))])
    }

    fn other_group(&mut self, group: u16) -> Result<(), Discard> {
        self.answer(vec![Payload::Notify(Notify::new(NotifyType::INVALID_KE_PAYLOAD, group.to_be_bytes()))])
    }

    /// Lets time pass until the session has ended; says how long that took.
    fn wait(&mut self) -> Duration {
        let start = self.now;
        for _ in 0..100 {
            let Some((at, _)) = self.session.poll_timeout() else { return self.now.saturating_since(start) };
            self.now = self.now.max(at);
            self.session.handle_timeout(self.now);
            self.drain();
        }
        panic!("deadlines never end")
    }

    fn failure(&self) -> &Failure {
        match support::closed(&self.events) {
            Some(CloseReason::Failed(failure)) => failure,
            other => panic!("{other:?}"),
        }
    }

    /// The real gateway's answer to the last message.
    fn real_answer(&self) -> (Session, Vec<u8>) {
        let provider = adit_crypto::default_provider();
        let at = path(GATEWAY, CLIENT, 500);
        let request = self.raw.last().unwrap();
        let mut gateway =
            Session::respond(Arc::new(responder()), provider, self.now, at, 0, request).unwrap();
        let answer = gateway.poll_transmit().unwrap().payload;
        (gateway, answer)
    }

    /// The real answer still makes a session.
    fn assert_comes_up(&mut self) {
        let (mut gateway, mut answer) = self.real_answer();
        self.give(&mut answer).unwrap();
        let mut request = self.raw.last().unwrap()[4..].to_vec();
        gateway.handle_message(self.now, path(GATEWAY, CLIENT, 4500), &mut request).unwrap();
        let asked =
            std::iter::from_fn(|| gateway.poll_event()).any(|event| matches!(event, Event::Ask { .. }));
        assert!(asked, "the gateway believes our AUTH, which covers the message it answered");
    }
}

fn two_groups() -> InitiatorConfig {
    let mut config = initiator();
    config.common.ike_proposals[0].groups =
        vec![DhGroup::ECP_384, DhGroup::CURVE25519, DhGroup::ECP_256, DhGroup::MODP_2048];
    config
}

#[test]
fn b05_cookie_and_other_group_are_followed_in_either_order() {
    for cookie_first in [true, false] {
        let mut client = Waiting::new(two_groups());
        assert_eq!(client.group(), DhGroup::ECP_384);
        let (spi, first) = (client.last().header.initiator_spi, client.last().payloads.clone());
        if cookie_first {
            client.cookie(b"cookie").unwrap();
            client.other_group(31).unwrap();
        } else {
            client.other_group(31).unwrap();
            client.cookie(b"cookie").unwrap();
        }
        assert_eq!(client.sent.len(), 3);
        assert_eq!(client.group(), DhGroup::CURVE25519);
        let last = &client.last().payloads;
        let Payload::Notify(cookie) = &last[0] else { panic!("the cookie comes first") };
        assert_eq!((cookie.notify_type, cookie.data.as_slice()), (NotifyType::COOKIE, b"cookie".as_slice()));
        assert_eq!(client.last().header.initiator_spi, spi, "the cookie is bound to the SPI");
        let nonce = |payloads: &[Payload]| payloads.iter().find(|p| matches!(p, Payload::Nonce(_))).cloned();
        assert_eq!(nonce(last), nonce(&first), "and to the nonce");
        client.assert_comes_up();
    }
}

#[test]
fn b05_endless_cookies_end() {
    let mut client = Waiting::new(initiator());
    for n in 0..100_u8 {
        let _ = client.cookie(&[n; 8]);
    }
    assert!(client.sent.len() <= 4, "{} messages", client.sent.len());
    client.wait();
    assert_eq!(client.failure(), &Failure::CookieLoop);
}

#[test]
fn b05_endless_alternation_of_cookie_and_group_ends() {
    let mut client = Waiting::new(two_groups());
    for n in 0..100_u8 {
        let _ = client.cookie(&[n; 8]);
        let _ = client.other_group(if n % 2 == 0 { 31 } else { 20 });
    }
    assert!(client.sent.len() <= 6, "{} messages", client.sent.len());
    client.wait();
    let failure = client.failure();
    assert!(matches!(failure, Failure::CookieLoop | Failure::KeyExchangeRefused { .. }), "{failure:?}");
}

#[test]
fn b05_group_in_use_not_offered_zero_or_missing_is_not_followed() {
    for data in [&[0, 20][..], &[0, 2], &[0, 0], &[4, 0], &[255, 255], &[], &[0], &[0, 31, 0]] {
        let mut client = Waiting::new(two_groups());
        let _ = client.answer(vec![Payload::Notify(Notify::new(NotifyType::INVALID_KE_PAYLOAD, data))]);
        assert_eq!(client.sent.len(), 1, "{data:?}");
        let waited = client.wait();
        assert!(waited < Duration::from_secs(10));
        let failure = client.failure();
        assert!(
            matches!(failure, Failure::KeyExchangeRefused { .. } | Failure::Protocol { .. }),
            "{failure:?}"
        );
    }
}

#[test]
fn b05_copies_of_an_answer_that_was_followed_change_nothing() {
    let mut client = Waiting::new(two_groups());
    client.cookie(b"cookie").unwrap();
    client.other_group(31).unwrap();
    for _ in 0..3 {
        assert_eq!(client.cookie(b"cookie"), Err(Discard::Unprotected));
        assert_eq!(client.other_group(31), Err(Discard::Unprotected));
    }
    assert_eq!(client.sent.len(), 3);
    client.assert_comes_up();
    // But a server that knows nothing else is given up.
    let mut client = Waiting::new(initiator());
    for _ in 0..20 {
        let _ = client.cookie(b"cookie");
    }
    assert!(client.wait() < Duration::from_secs(10));
    assert_eq!(client.failure(), &Failure::CookieLoop);
}

#[test]
fn b06_forged_answers_do_not_keep_the_real_one_out() {
    type Forge = fn(&mut Waiting);
    let forgeries: [Forge; 9] = [
        |client| drop(client.answer(vec![notify(NotifyType::NO_PROPOSAL_CHOSEN)])),
        |client| drop(client.answer(vec![notify(NotifyType::INVALID_MAJOR_VERSION)])),
        |client| drop(client.answer(vec![notify(NotifyType::INVALID_SYNTAX)])),
        // REDIRECT, which we did not ask for.
        |client| {
            drop(client.answer(vec![Payload::Notify(Notify::new(NotifyType(16407), [1, 4, 192, 0, 2, 9]))]))
        },
        // Garbage where a key exchange should stand.
        |client| {
            let mut payloads = forged_answer(client);
            payloads[1] = Payload::Ke(KeyExchange { group: DhGroup::CURVE25519, data: vec![0; 32] });
            drop(client.answer_from(IkeSpi([7; 8]), payloads));
        },
        |client| {
            let mut payloads = forged_answer(client);
            payloads[1] = Payload::Ke(KeyExchange { group: DhGroup::CURVE25519, data: vec![9; 31] });
            drop(client.answer_from(IkeSpi([7; 8]), payloads));
        },
        |client| {
            let payloads = forged_answer(client);
            drop(client.answer_from(IkeSpi::ZERO, payloads));
        },
        // Our own message.
        |client| {
            let mut own = client.raw[0].clone();
            assert!(client.give(&mut own).is_err());
        },
        // IKEv1, and version 3.
        |client| {
            let flags = Flags::response(Role::Responder);
            let spi = client.last().header.initiator_spi;
            let header = Header::new(spi, IkeSpi::ZERO, ExchangeType::IKE_SA_INIT, flags, 0);
            for version in [0x10, 0x30] {
                let mut datagram = Message { header, payloads: vec![] }.encode().unwrap();
                datagram[17] = version;
                drop(client.give(&mut datagram));
            }
        },
    ];
    for forge in forgeries {
        let mut client = Waiting::new(initiator());
        forge(&mut client);
        client.assert_comes_up();
        // All of them, and more than once.
        let mut client = Waiting::new(initiator());
        for forge in forgeries {
            forge(&mut client);
            forge(&mut client);
        }
        client.assert_comes_up();
    }
}

/// An answer that is right but for what the test changes.
fn forged_answer(client: &Waiting) -> Vec<Payload> {
    let (_, answer) = client.real_answer();
    Message::parse(&answer).unwrap().payloads
}

#[test]
fn b06_an_error_alone_is_reported_after_a_while_with_what_to_do() {
    let mut client = Waiting::new(initiator());
    client.answer(vec![notify(NotifyType::NO_PROPOSAL_CHOSEN)]).unwrap_err();
    assert!(support::closed(&client.events).is_none());
    let waited = client.wait();
    assert!(waited >= Duration::from_secs(2) && waited <= Duration::from_secs(5), "{waited:?}");
    assert_eq!(client.sent.len(), 2, "one more try meanwhile");
    let Failure::NoProposalChosen { stage: Stage::Ike, offered } = client.failure() else { panic!() };
    assert!(offered.contains("AES-GCM-16-256") && offered.contains("Curve25519"), "{offered}");
}

#[test]
fn b07_of_two_answers_the_first_counts_and_the_other_changes_nothing() {
    let mut client = Waiting::new(initiator());
    let (_, mut second) = client.real_answer();
    client.assert_comes_up();
    let spis = client.session.spis();
    assert!(client.give(&mut second).is_err());
    assert_eq!(client.session.spis(), spis);
}

#[test]
fn b07_a_late_answer_to_the_first_group_is_no_answer_to_the_second() {
    let mut client = Waiting::new(two_groups());
    let mut gateway = responder();
    gateway.common.ike_proposals[0].groups.push(DhGroup::ECP_384);
    let at = path(GATEWAY, CLIENT, 500);
    let provider = adit_crypto::default_provider();
    let mut late = Session::respond(Arc::new(gateway), provider, start(), at, 0, &client.raw[0]).unwrap();
    let mut late = late.poll_transmit().unwrap().payload;
    client.other_group(31).unwrap();
    assert_eq!(client.give(&mut late), Err(Discard::Unprotected));
    client.assert_comes_up();
}

#[test]
fn b08_b09_bad_public_values_are_refused_by_both_roles() {
    let provider = adit_crypto::default_provider();
    let groups = [14, 15, 16, 19, 20, 21, 31].map(DhGroup);
    for group in groups {
        let good = raw::generate(&provider, group).public_value().to_vec();
        let (short, long) = (good[1..].to_vec(), [&good[..], &[1]].concat());
        let huge = [&good[..], &vec![7; 60_000]].concat();
        let mut cases = vec![vec![0; good.len()], vec![0xff; good.len()], short, long, huge, Vec::new()];
        if (14..=16).contains(&group.0) {
            let mut one = vec![0; good.len()];
            *one.last_mut().unwrap() = 1;
            cases.push(one);
        }
        if (19..=21).contains(&group.0) {
            let compressed = [&[2], &good[..good.len() / 2]].concat();
            cases.push(compressed);
        }
        // 2^255 - 1 is no low-order value of Curve25519.
        cases.retain(|case| group != DhGroup::CURVE25519 || case.as_slice() != [0xff; 32]);
        for data in cases {
            let mut gateway = responder();
            gateway.common.ike_proposals[0].groups = vec![group];
            let payloads = vec![
                Payload::Sa(offer_ike(&gateway.common.ike_proposals, &[])),
                Payload::Ke(KeyExchange { group, data: data.clone() }),
                Payload::Nonce(Nonce(raw::nonce(&provider))),
            ];
            let request = raw::init_request(&provider, payloads);
            let refused = respond(&provider, gateway, &request).unwrap_err();
            assert!(!matches!(refused.cause, RefusedCause::Failure(Failure::NoProposalInCommon { .. })));

            let mut config = initiator();
            config.common.ike_proposals[0].groups = vec![group];
            let mut client = Waiting::new(config);
            let payloads = vec![
                client.last().payloads[0].clone(),
                Payload::Ke(KeyExchange { group, data }),
                Payload::Nonce(Nonce(raw::nonce(&provider))),
            ];
            assert!(client.answer_from(IkeSpi([7; 8]), payloads).is_err(), "group {group}");
            assert_eq!(client.sent.len(), 1);
        }
    }
}

fn respond(
    provider: &CryptoProvider,
    gateway: adit_ike::config::ResponderConfig,
    request: &[u8],
) -> Result<Session, Refused> {
    Session::respond(Arc::new(gateway), *provider, start(), path(GATEWAY, CLIENT, 500), 0, request)
}

fn reply(refused: &Refused) -> Message {
    Message::parse(refused.reply.as_ref().expect("a reply")).unwrap()
}

#[test]
fn a05_a_request_without_sa_ke_or_nonce_is_invalid_syntax() {
    let provider = adit_crypto::default_provider();
    for left_out in 0..3 {
        let (mut payloads, _) = raw::init_payloads(&provider);
        payloads.remove(left_out);
        let refused = respond(&provider, responder(), &raw::init_request(&provider, payloads)).unwrap_err();
        let reply = reply(&refused);
        assert!(raw::is_only(&reply.payloads, NotifyType::INVALID_SYNTAX));
        assert!(reply.header.responder_spi.is_zero());
        // And an answer without them is none.
        let mut client = Waiting::new(initiator());
        let mut payloads = forged_answer(&client);
        payloads.remove(left_out);
        assert_eq!(client.answer_from(IkeSpi([7; 8]), payloads), Err(Discard::Unprotected));
        client.assert_comes_up();
    }
}

#[test]
fn a06_a_payload_that_may_stand_once_and_stands_twice_is_refused() {
    let provider = adit_crypto::default_provider();
    for twice in 0..3 {
        let (mut payloads, _) = raw::init_payloads(&provider);
        payloads.push(payloads[twice].clone());
        let refused = respond(&provider, responder(), &raw::init_request(&provider, payloads)).unwrap_err();
        assert!(raw::is_only(&reply(&refused).payloads, NotifyType::INVALID_SYNTAX));
        let mut client = Waiting::new(initiator());
        let mut payloads = forged_answer(&client);
        payloads.push(payloads[twice].clone());
        assert_eq!(client.answer_from(IkeSpi([7; 8]), payloads), Err(Discard::Unprotected));
        client.assert_comes_up();
    }
}

#[test]
fn a08_a_private_reserved_or_other_group_in_ke_gets_invalid_ke_payload() {
    let provider = adit_crypto::default_provider();
    for group in [0, 1, 1024, 1035, 65535, 20] {
        let (mut payloads, _) = raw::init_payloads(&provider);
        payloads[1] = Payload::Ke(KeyExchange { group: DhGroup(group), data: vec![5; 32] });
        let refused = respond(&provider, responder(), &raw::init_request(&provider, payloads)).unwrap_err();
        let reply = reply(&refused);
        let wanted = find(&reply.payloads, NotifyType::INVALID_KE_PAYLOAD).expect("INVALID_KE_PAYLOAD");
        assert_eq!(wanted.data, [0, 31], "one we take and it offered");
    }
    // An answer in a group that is not the proposal's.
    let mut client = Waiting::new(initiator());
    let mut payloads = forged_answer(&client);
    payloads[1] = Payload::Ke(KeyExchange { group: DhGroup::ECP_256, data: vec![5; 64] });
    assert_eq!(client.answer_from(IkeSpi([7; 8]), payloads), Err(Discard::Unprotected));
    client.assert_comes_up();
}

fn transforms(list: &[(TransformType, u16, Option<u16>)]) -> SecurityAssociation {
    let transforms = list
        .iter()
        .map(|(kind, id, bits)| match bits {
            Some(bits) => Transform::with_key_length(*kind, *id, *bits),
            None => Transform::new(*kind, *id),
        })
        .collect();
    let proposal = Proposal { number: 1, protocol: ProtocolId::IKE, spi: vec![], transforms };
    SecurityAssociation { proposals: vec![proposal] }
}

#[test]
fn a09_a10_proposals_that_lack_a_kind_or_name_what_nobody_has_are_not_chosen() {
    use TransformType as T;
    let gcm = (T::ENCR, 20, Some(256));
    let cbc = (T::ENCR, 12, Some(256));
    let (prf, ke) = ((T::PRF, 5, None), (T::KE, 31, None));
    let cases: Vec<Vec<_>> = vec![
        vec![gcm, prf],
        vec![gcm, ke],
        vec![prf, ke],
        vec![gcm, prf, ke, (T::INTEG, 12, None)],
        vec![cbc, prf, ke],
        vec![(T::INTEG, 12, None), prf, ke],
        vec![cbc, (T::INTEG, 5, None), prf, ke],
        vec![(T::ENCR, 3, None), (T::INTEG, 2, None), prf, ke],
        vec![gcm, (T::PRF, 4, None), ke],
        vec![gcm, prf, (T::KE, 22, None)],
        vec![gcm, prf, (T::KE, 24, None)],
        vec![(T::ENCR, 20, None), prf, ke],
        vec![(T::ENCR, 28, Some(256)), prf, ke],
    ];
    let provider = adit_crypto::default_provider();
    let mut gateway = responder();
    // A gateway whose file names them all is no weaker: the provider does not have them.
    gateway.common.ike_proposals.push(IkeProposal {
        ciphers: vec![CipherSpec {
            encr: adit_crypto::EncrId::TRIPLE_DES,
            key_bits: 0,
            integ: adit_crypto::IntegId::HMAC_SHA1_96,
        }],
        prfs: vec![PrfId::AES128_XCBC, PrfId::HMAC_SHA2_256],
        groups: vec![DhGroup(22), DhGroup(24), DhGroup::CURVE25519],
    });
    for case in cases {
        let (mut payloads, _) = raw::init_payloads(&provider);
        payloads[0] = Payload::Sa(transforms(&case));
        let gateway = clone(&gateway);
        let refused = respond(&provider, gateway, &raw::init_request(&provider, payloads)).unwrap_err();
        assert!(raw::is_only(&reply(&refused).payloads, NotifyType::NO_PROPOSAL_CHOSEN), "{case:?}");
        let RefusedCause::Failure(Failure::NoProposalInCommon { offered, wanted, .. }) = &refused.cause
        else {
            panic!("{refused:?}")
        };
        assert!(!offered.is_empty() && wanted.contains("AES-GCM-16-256"));
    }
}

fn clone(gateway: &adit_ike::config::ResponderConfig) -> adit_ike::config::ResponderConfig {
    adit_ike::config::ResponderConfig { common: gateway.common.clone(), ..responder() }
}

#[test]
fn a20_a_newer_version_is_told_ours_and_an_older_one_nothing() {
    let provider = adit_crypto::default_provider();
    let (payloads, _) = raw::init_payloads(&provider);
    let request = raw::init_request(&provider, payloads);
    for (version, answered) in [(0x30, true), (0xf0, true), (0x10, false), (0x00, false)] {
        let mut other = request.clone();
        other[17] = version;
        let refused = respond(&provider, responder(), &other).unwrap_err();
        assert_eq!(refused.reply.is_some(), answered, "{version:x}");
        if answered {
            let reply = reply(&refused);
            assert!(raw::is_only(&reply.payloads, NotifyType::INVALID_MAJOR_VERSION));
            assert_eq!(reply.header.version, Version::V2);
            // An answer to that answer would go on for ever.
            let mut echo = refused.reply.clone().unwrap();
            echo[17] = version;
            assert!(respond(&provider, responder(), &echo).unwrap_err().reply.is_none());
        }
    }
    // A newer minor version and set reserved bits are nothing to stumble over.
    let mut other = request.clone();
    other[17] = 0x29;
    respond(&provider, responder(), &other).unwrap();
}

#[test]
fn b11_short_equal_and_long_nonces_are_refused() {
    let provider = adit_crypto::default_provider();
    for (length, prf) in [(15, 5), (257, 5), (16, 7), (31, 7), (23, 6)] {
        let (mut payloads, _) = raw::init_payloads(&provider);
        use TransformType as T;
        payloads[0] =
            Payload::Sa(transforms(&[(T::ENCR, 20, Some(256)), (T::PRF, prf, None), (T::KE, 31, None)]));
        payloads[2] = Payload::Nonce(Nonce(vec![7; length]));
        let mut gateway = responder();
        gateway.common.ike_proposals[0].prfs = vec![PrfId(prf)];
        let request = raw::init_request(&provider, payloads);
        let refused = respond(&provider, gateway, &request).unwrap_err();
        assert!(!matches!(refused.cause, RefusedCause::Failure(Failure::NoProposalInCommon { .. })));
    }
    let mut client = Waiting::new(initiator());
    let own =
        client.last().payloads.iter().find(|payload| matches!(payload, Payload::Nonce(_))).unwrap().clone();
    let mut payloads = forged_answer(&client);
    payloads[2] = own;
    assert_eq!(client.answer_from(IkeSpi([7; 8]), payloads), Err(Discard::Unprotected));
    client.assert_comes_up();

    let mut config = initiator();
    config.common.ike_proposals[0].prfs = vec![PrfId::HMAC_SHA2_512];
    let mut client = Waiting::new(config);
    let mut gateway = responder();
    gateway.common.ike_proposals[0].prfs = vec![PrfId::HMAC_SHA2_512];
    let mut session = respond(&provider, gateway, client.raw.last().unwrap()).unwrap();
    let mut payloads = Message::parse(&session.poll_transmit().unwrap().payload).unwrap().payloads;
    payloads[2] = Payload::Nonce(Nonce(vec![7; 31]));
    assert_eq!(client.answer_from(IkeSpi([7; 8]), payloads), Err(Discard::Unprotected));
}

#[test]
fn b16_what_is_no_first_request_makes_nothing_and_gets_no_answer() {
    let provider = adit_crypto::default_provider();
    let (payloads, _) = raw::init_payloads(&provider);
    let good = raw::init_request(&provider, payloads);
    respond(&provider, responder(), &good).unwrap();
    type Change = fn(&mut Vec<u8>);
    let changes: [Change; 6] = [
        |datagram| datagram[8] = 1,       // a responder SPI
        |datagram| datagram[..8].fill(0), // no initiator SPI
        |datagram| datagram[18] = 35,     // IKE_AUTH
        |datagram| datagram[18] = 37,     // INFORMATIONAL
        |datagram| datagram[23] = 1,      // message ID 1
        |datagram| datagram[19] = 0x20,   // a response
    ];
    for change in changes {
        let mut datagram = good.clone();
        change(&mut datagram);
        let refused = respond(&provider, responder(), &datagram).unwrap_err();
        assert!(refused.reply.is_none());
        assert_eq!(refused.cause, RefusedCause::Discard(Discard::UnknownSpi));
    }
}

#[test]
fn a01_b17_truncated_requests_are_noise_without_a_session_to_name() {
    let provider = adit_crypto::default_provider();
    let (payloads, _) = raw::init_payloads(&provider);
    let good = raw::init_request(&provider, payloads);
    for length in 0..good.len() {
        let refused = respond(&provider, responder(), &good[..length]).unwrap_err();
        assert!(refused.reply.is_none());
        assert!(!format!("{:?}", refused.cause).is_empty());
        let mut client = Waiting::new(initiator());
        assert!(client.give(&mut good[..length].to_vec()).is_err());
    }
}

#[test]
fn b18_no_answer_is_much_larger_than_its_request_and_none_is_repeated() {
    let provider = adit_crypto::default_provider();
    let mut gateway =
        support::credentials::responder(support::credentials::server(support::certificates::RSA_A));
    // A gateway that trusts a hundred CAs does not list them to strangers.
    let mut anchors = adit_ike::certificate::Anchors::new();
    anchors.add(&support::credentials::root().root().issue(&support::credentials::root())).unwrap();
    gateway.clients.as_mut().unwrap().anchors = anchors;
    let (payloads, _) = raw::init_payloads(&provider);
    let request = raw::init_request(&provider, payloads);
    let mut session = respond(&provider, gateway, &request).unwrap();
    let answer = session.poll_transmit().unwrap().payload;
    assert!(answer.len() < 3 * request.len(), "{} for {}", answer.len(), request.len());
    while session.poll_event().is_some() {}
    // Time passes: nothing is sent again before the half-open session is forgotten.
    let (at, _) = session.poll_timeout().unwrap();
    assert!(at >= start() + Duration::from_secs(30));
    session.handle_timeout(at);
    assert!(session.poll_transmit().is_none());
    // The request again, a hundred times, is answered as often, with the same octets.
    let mut session = respond(&provider, responder(), &request).unwrap();
    let answer = session.poll_transmit().unwrap().payload;
    for _ in 0..100 {
        let result = session.handle_message(start(), path(GATEWAY, CLIENT, 500), &mut request.clone());
        assert_eq!(result, Err(Discard::Retransmitted));
        assert_eq!(session.poll_transmit().unwrap().payload, answer);
        assert!(session.poll_transmit().is_none());
    }
}

/// Counts key pairs.
#[derive(Debug)]
struct Counted(&'static dyn Kex);

static KEY_PAIRS: AtomicUsize = AtomicUsize::new(0);

impl Kex for Counted {
    fn group(&self) -> DhGroup {
        self.0.group()
    }

    fn public_len(&self) -> usize {
        self.0.public_len()
    }

    fn generate(&self, random: &dyn SecureRandom) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        KEY_PAIRS.fetch_add(1, Ordering::Relaxed);
        self.0.generate(random)
    }
}

#[test]
fn b03_a_flood_answered_with_cookies_costs_no_key_exchange() {
    let provider = adit_crypto::default_provider();
    let counted: &'static Counted =
        Box::leak(Box::new(Counted(provider.key_exchange(DhGroup::CURVE25519).unwrap())));
    let exchanges: &'static [&'static dyn Kex] = Box::leak(Box::new([counted as &dyn Kex]));
    let counting = CryptoProvider { key_exchanges: exchanges, ..provider };
    let mut jar = CookieJar::new(&counting, start()).unwrap();
    for n in 0..500_u32 {
        let from = std::net::Ipv4Addr::from(0xc633_6400 + n).into();
        let (payloads, _) = raw::init_payloads(&provider);
        let request = raw::init_request(&provider, payloads);
        let message = Message::parse(&request).unwrap();
        let Payload::Nonce(nonce) = &message.payloads[2] else { panic!() };
        let spi = message.header.initiator_spi.0;
        let cookie = jar.cookie(&counting, start(), from, spi, &nonce.0).unwrap();
        assert!(jar.check(&counting, start(), from, spi, &nonce.0, &cookie));
        let other = std::net::Ipv4Addr::LOCALHOST.into();
        assert!(!jar.check(&counting, start(), other, spi, &nonce.0, &cookie));
    }
    assert_eq!(KEY_PAIRS.load(Ordering::Relaxed), 0);
    // Behind the cookie there is exactly one, and for a request that is refused none.
    let (payloads, _) = raw::init_payloads(&provider);
    respond(&counting, responder(), &raw::init_request(&provider, payloads.clone())).unwrap();
    assert_eq!(KEY_PAIRS.load(Ordering::Relaxed), 1);
    let mut refused = payloads;
    refused[0] = Payload::Sa(offer_ike(
        &[IkeProposal { ciphers: vec![CipherSpec::aes_gcm(128)], ..config().ike_proposals[0].clone() }],
        &[],
    ));
    respond(&counting, responder(), &raw::init_request(&provider, refused)).unwrap_err();
    assert_eq!(KEY_PAIRS.load(Ordering::Relaxed), 1);
}

#[test]
fn a23_many_and_malformed_nat_detection_payloads_are_passed_over() {
    let raw = Raw::client(responder(), |payloads| {
        for length in [0, 1, 19, 21, 1000] {
            let notify = Notify::new(NotifyType::NAT_DETECTION_SOURCE_IP, vec![1; length]);
            payloads.push(Payload::Notify(notify));
        }
        let many = Notify::new(NotifyType::NAT_DETECTION_DESTINATION_IP, [3; 20]);
        payloads.extend(std::iter::repeat_n(Payload::Notify(many), 100));
    });
    assert!(raw.session.is_half_open());
}

#[test]
fn a_server_without_nat_traversal_is_refused_by_name() {
    let mut client = Waiting::new(initiator());
    let mut payloads = forged_answer(&client);
    payloads.retain(|payload| {
        !matches!(payload, Payload::Notify(notify) if notify.notify_type == NotifyType::NAT_DETECTION_SOURCE_IP)
    });
    assert_eq!(client.answer_from(IkeSpi([7; 8]), payloads), Err(Discard::Unprotected));
    client.wait();
    assert_eq!(client.failure(), &Failure::NoUdpEncapsulation);
}

#[test]
fn a_silent_server_is_given_up_with_the_number_of_tries() {
    let mut client = Waiting::new(initiator());
    let waited = client.wait();
    assert!(waited > Duration::from_secs(60) && waited < Duration::from_secs(90), "{waited:?}");
    assert!(matches!(client.failure(), Failure::NoAnswer { tries: 6, .. }), "{:?}", client.failure());
}
