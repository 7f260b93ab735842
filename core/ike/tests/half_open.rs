//! Between IKE_SA_INIT and the end of IKE_AUTH: a peer without credentials, and messages that lack something.

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
use std::time::Duration;

use adit_ike::identity::Identity;
use adit_ike::wire::*;
use adit_ike::{AuthFailure, CloseReason, Command, Event, Failure, Session};
use support::certificates::P256_A;
use support::credentials::{self, CLIENT, SERVER};
use support::raw::{Raw, id_payload, is_only, notify};
use support::{initiator, responder};

fn client_id() -> Identity {
    Identity::from_text(CLIENT).unwrap()
}

fn made_nothing(raw: &Raw) {
    let made = raw.events.iter().any(|event| {
        matches!(
            event,
            Event::Established(_) | Event::Child(_) | Event::IkeRekeyed { .. } | Event::Ask { .. }
        )
    });
    assert!(!made, "{:#?}", raw.events);
}

/// Everything an established session would take.
fn requests(raw: &Raw) -> Vec<(ExchangeType, Vec<Payload>)> {
    let ike = vec![
        Payload::Sa(adit_ike::proposal::offer_ike(&support::config().ike_proposals, &[9; 8])),
        Payload::Nonce(Nonce(vec![7; 32])),
        support::raw::ke(&*support::raw::generate(&raw.provider, adit_crypto::DhGroup::CURVE25519)),
    ];
    vec![
        (ExchangeType::INFORMATIONAL, vec![]),
        (ExchangeType::INFORMATIONAL, vec![Payload::Delete(Delete::ike_sa())]),
        (ExchangeType::INFORMATIONAL, vec![notify(NotifyType::AUTHENTICATION_FAILED)]),
        (ExchangeType::CREATE_CHILD_SA, raw.child_request(None, 0xc0de_0002)),
        (ExchangeType::CREATE_CHILD_SA, raw.child_request(Some(0xc0de_0001), 0xc0de_0003)),
        (ExchangeType::CREATE_CHILD_SA, ike),
        (ExchangeType::IKE_INTERMEDIATE, vec![]),
    ]
}

#[test]
fn b01_b02_nothing_but_ike_auth_is_taken_before_authentication() {
    let mut raw = Raw::client(responder(), |_| {});
    for (exchange, payloads) in requests(&raw) {
        raw.send(exchange, &payloads);
        assert!(raw.inbox.is_empty() && raw.closed().is_none());
        made_nothing(&raw);
    }
    // The message IDs were not used up: IKE_AUTH is still the first.
    let mut raw = Raw::client(responder(), |_| {});
    let auth = raw.secret_auth(Role::Initiator, &client_id(), b"rig secret");
    let request = raw.auth_request(&client_id(), vec![auth]);
    raw.ask(ExchangeType::IKE_AUTH, &request);
    support::established(&raw.events);
}

#[test]
fn b02_nothing_but_ike_auth_is_taken_half_way_through_eap() {
    let mut raw = Raw::client(credentials::responder(credentials::server(P256_A)), |_| {});
    let request = raw.auth_request(&client_id(), vec![]);
    let answer = raw.ask(ExchangeType::IKE_AUTH, &request);
    assert!(answer.iter().any(|payload| matches!(payload, Payload::Eap(_))));
    for (exchange, payloads) in requests(&raw) {
        raw.send(exchange, &payloads);
        assert!(raw.inbox.is_empty() && raw.closed().is_none());
        made_nothing(&raw);
    }
}

#[test]
fn b02_a_client_takes_no_request_before_the_server_is_authenticated() {
    let mut raw = Raw::server(initiator(), |_| {});
    for (exchange, payloads) in requests(&raw) {
        raw.inbox.clear();
        raw.send(exchange, &payloads);
        assert!(raw.inbox.is_empty() && raw.closed().is_none());
        made_nothing(&raw);
    }
}

#[test]
fn b15_a_half_open_session_is_forgotten() {
    let mut raw = Raw::client(responder(), |_| {});
    assert!(raw.session.is_half_open() && raw.session.spis().is_some());
    raw.wait(Duration::from_secs(29));
    assert!(raw.closed().is_none());
    raw.wait(Duration::from_secs(2));
    assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::PeerGone { .. }))));
    assert!(raw.session.is_closed() && raw.session.poll_timeout().is_none());

    // EAP does not win time.
    let mut raw = Raw::client(credentials::responder(credentials::server(P256_A)), |_| {});
    raw.wait(Duration::from_secs(20));
    let request = raw.auth_request(&client_id(), vec![]);
    raw.ask(ExchangeType::IKE_AUTH, &request);
    assert!(raw.session.is_half_open() && raw.session.spis().is_some());
    raw.wait(Duration::from_secs(11));
    assert!(raw.session.is_closed());
}

#[test]
fn a05_ike_auth_without_a_payload_it_needs_is_invalid_syntax() {
    let without = |kind: PayloadType, raw: &mut Raw| {
        let auth = raw.secret_auth(Role::Initiator, &client_id(), b"rig secret");
        let mut request = raw.auth_request(&client_id(), vec![auth]);
        request.retain(|payload| payload.payload_type() != kind);
        raw.ask(ExchangeType::IKE_AUTH, &request)
    };
    for kind in [PayloadType::IDI, PayloadType::SA, PayloadType::TSI, PayloadType::TSR] {
        let mut raw = Raw::client(responder(), |_| {});
        assert!(is_only(&without(kind, &mut raw), NotifyType::INVALID_SYNTAX), "{kind}");
        assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::Protocol { .. }))));
        made_nothing(&raw);
    }
    // No AUTH asks for EAP, which this gateway does not have.
    let mut raw = Raw::client(responder(), |_| {});
    assert!(is_only(&without(PayloadType::AUTH, &mut raw), NotifyType::AUTHENTICATION_FAILED));
    made_nothing(&raw);
    // No SK at all: nothing that could be believed.
    let mut raw = Raw::client(responder(), |_| {});
    let request = raw.auth_request(&client_id(), vec![]);
    let clear = raw.in_clear(ExchangeType::IKE_AUTH, Flags::request(Role::Initiator), 1, request);
    assert!(raw.inject(&clear).is_err());
    assert!(raw.inbox.is_empty() && raw.closed().is_none());
}

#[test]
fn a05_an_answer_without_a_payload_it_needs_ends_the_client_and_tells_the_server() {
    let server_id = Identity::from_text(SERVER).unwrap();
    for kind in [
        PayloadType::IDR,
        PayloadType::AUTH,
        PayloadType::SA,
        PayloadType::TSI,
        PayloadType::TSR,
        PayloadType::CP,
    ] {
        let mut raw = Raw::server(initiator(), |_| {});
        let (_, asked) = raw.request().unwrap();
        let auth = raw.secret_auth(Role::Responder, &server_id, b"rig secret");
        let mut answer = raw.auth_response(&asked, vec![Payload::IdR(id_payload(&server_id)), auth]);
        answer.retain(|payload| payload.payload_type() != kind);
        raw.respond(&answer);
        let Some(CloseReason::Failed(failure)) = raw.closed() else { panic!("{kind}: {:#?}", raw.events) };
        let fits = match kind {
            PayloadType::IDR | PayloadType::AUTH => {
                matches!(failure, Failure::Authentication(AuthFailure::NoProof))
            }
            PayloadType::CP => matches!(failure, Failure::NoAddress),
            PayloadType::SA => matches!(failure, Failure::Protocol { .. }),
            _ => matches!(failure, Failure::TrafficSelectors { .. }),
        };
        assert!(fits, "{kind}: {failure:?}");
        let (exchange, payloads) = raw.request().expect("the server is told");
        assert_eq!(exchange, ExchangeType::INFORMATIONAL);
        assert!(matches!(payloads[0], Payload::Delete(_) | Payload::Notify(_)));
        made_nothing(&raw);
    }
}

#[test]
fn a06_ike_auth_with_a_payload_twice_is_invalid_syntax() {
    for twice in [
        PayloadType::IDI,
        PayloadType::AUTH,
        PayloadType::SA,
        PayloadType::TSI,
        PayloadType::TSR,
        PayloadType::CP,
    ] {
        let mut raw = Raw::client(responder(), |_| {});
        let auth = raw.secret_auth(Role::Initiator, &client_id(), b"rig secret");
        let mut request = raw.auth_request(&client_id(), vec![auth]);
        let again = request.iter().find(|payload| payload.payload_type() == twice).unwrap().clone();
        request.push(again);
        assert!(is_only(&raw.ask(ExchangeType::IKE_AUTH, &request), NotifyType::INVALID_SYNTAX), "{twice}");
        made_nothing(&raw);
    }
    for twice in [PayloadType::IDR, PayloadType::AUTH, PayloadType::SA, PayloadType::TSI] {
        let mut raw = Raw::server(initiator(), |_| {});
        let (_, asked) = raw.request().unwrap();
        let id = Identity::from_text(SERVER).unwrap();
        let auth = raw.secret_auth(Role::Responder, &id, b"rig secret");
        let mut answer = raw.auth_response(&asked, vec![Payload::IdR(id_payload(&id)), auth]);
        let again = answer.iter().find(|payload| payload.payload_type() == twice).unwrap().clone();
        answer.push(again);
        raw.respond(&answer);
        assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::Protocol { .. }))), "{twice}");
        made_nothing(&raw);
    }
}

#[test]
fn a07_an_unknown_payload_is_passed_over_and_a_critical_one_refused_by_its_number() {
    let unknown = || Payload::Unknown { payload_type: PayloadType(13), data: vec![1, 2, 3] };
    let mut raw = Raw::client(responder(), |payloads| payloads.push(unknown()));
    let auth = raw.secret_auth(Role::Initiator, &client_id(), b"rig secret");
    let mut request = raw.auth_request(&client_id(), vec![auth]);
    request.push(unknown());
    raw.ask(ExchangeType::IKE_AUTH, &request);
    support::established(&raw.events);

    let provider = adit_crypto::default_provider();
    let (mut payloads, _) = support::raw::init_payloads(&provider);
    payloads.push(unknown());
    let mut request = support::raw::init_request(&provider, payloads);
    let flag = request.len() - 6;
    request[flag] = 0x80;
    let path = support::raw::path(support::raw::GATEWAY, support::raw::CLIENT, 500);
    let now = support::raw::start();
    let refused = Session::respond(Arc::new(responder()), provider, now, path, 0, &request).unwrap_err();
    let reply = Message::parse(&refused.reply.unwrap()).unwrap();
    let notify = support::raw::find(&reply.payloads, NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD).unwrap();
    assert_eq!(notify.data, [13]);
}

#[test]
fn a14_an_id_payload_that_is_no_identity_is_refused() {
    for (kind, data) in [(1, vec![10, 0, 0]), (0, vec![1]), (9, vec![0x30, 0x50, 1]), (11, vec![7; 60_000])] {
        let mut raw = Raw::client(responder(), |_| {});
        let auth = raw.secret_auth(Role::Initiator, &client_id(), b"rig secret");
        let mut request = raw.auth_request(&client_id(), vec![auth]);
        request[0] = Payload::IdI(Identification::new(IdType(kind), data));
        assert!(is_only(&raw.ask(ExchangeType::IKE_AUTH, &request), NotifyType::INVALID_SYNTAX), "{kind}");
        made_nothing(&raw);
    }
}

#[test]
fn a19_certificates_of_other_encodings_are_not_fetched() {
    let server_id = Identity::from_text(SERVER).unwrap();
    for (encoding, data) in [(12, b"\x00http://127.0.0.1/".to_vec()), (4, vec![9]), (200, vec![1; 60_000])] {
        let mut raw = Raw::server(credentials::eap("u", "p"), |_| {});
        let (_, asked) = raw.request().unwrap();
        let mut front = vec![Payload::IdR(id_payload(&server_id))];
        front.extend(raw.key_auth(Role::Responder, &server_id, &credentials::server(P256_A), None));
        front[1] = Payload::Cert(Certificate { encoding: CertEncoding(encoding), data });
        let answer = raw.auth_response(&asked, front);
        raw.respond(&answer);
        let Some(CloseReason::Failed(Failure::Authentication(failure))) = raw.closed() else {
            panic!("{:#?}", raw.closed())
        };
        assert!(matches!(failure, AuthFailure::NoCertificate | AuthFailure::Certificate(_)), "{failure:?}");
    }
}

#[test]
fn an_error_instead_of_proof_says_what_to_do() {
    for (notify_type, expected) in [
        (NotifyType::AUTHENTICATION_FAILED, "LocalIdentifier"),
        (NotifyType::NO_PROPOSAL_CHOSEN, "ChildSecurityAssociationParameters"),
        (NotifyType::TS_UNACCEPTABLE, "selectors"),
        (NotifyType::INTERNAL_ADDRESS_FAILURE, "pool"),
        (NotifyType(8192), "log"),
    ] {
        let mut raw = Raw::server(initiator(), |_| {});
        raw.request().unwrap();
        raw.respond(&[notify(notify_type)]);
        let Some(CloseReason::Failed(failure)) = raw.closed() else { panic!() };
        assert!(failure.advice().contains(expected), "{failure}: {}", failure.advice());
    }
}

#[test]
fn a_close_during_the_handshake_ends_at_once() {
    let mut raw = Raw::server(initiator(), |_| {});
    raw.session.request(raw.now, Command::RekeyIke);
    raw.session.request(raw.now, Command::Close);
    raw.pump();
    assert_eq!(raw.closed(), Some(&CloseReason::Requested));
    assert!(raw.session.poll_timeout().is_none());
}
