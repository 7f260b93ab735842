//! Every way to prove oneself, both ways round, and every way to fail at it.

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

use adit_crypto::{HashId, Secret};
use adit_ike::auth::{ANNOUNCED_HASHES, AuthRefusal, RsaPadding};
use adit_ike::certificate::{CertificateRefusal, KeyType};
use adit_ike::config::{CertifiedKey, InitiatorConfig, LocalAuth, RemoteAuth, ResponderConfig};
use adit_ike::eap::EapFailure;
use adit_ike::identity::Identity;
use adit_ike::wire::{ExchangeType, NotifyType, Payload, Role};
use adit_ike::{AuthFailure, CloseReason, Event, Failure};
use support::certificates::{DAY, ED25519, Issuer, NOW, P256_A, P384, P521, RSA_A, RSA_B, Template, load};
use support::credentials::{self, CLIENT, PASSWORD, SERVER, USER};
use support::raw::{Raw, id_payload};
use support::{Pair, established};

fn failure(reason: Option<&CloseReason>) -> &Failure {
    match reason {
        Some(CloseReason::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

fn auth_failure(reason: Option<&CloseReason>) -> &AuthFailure {
    match failure(reason) {
        Failure::Authentication(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn padded(key: CertifiedKey, padding: RsaPadding) -> CertifiedKey {
    CertifiedKey { padding, ..key }
}

/// Nothing that left the client names the user, neither in clear nor under keys an impostor has.
fn assert_user_was_not_told(events: &[Event]) {
    for event in events {
        if let Event::Message(message) = event
            && message.sent
        {
            assert!(!message.text.contains("EAP"), "{}", message.text);
        }
    }
}

#[test]
fn each_kind_of_key_authenticates_both_sides_by_method_14() {
    let table = [
        (RSA_A, RSA_B, RsaPadding::Pkcs1, "RSA PKCS#1 v1.5 with SHA2-256"),
        (RSA_A, RSA_B, RsaPadding::Pss, "RSA-PSS with SHA2-256"),
        (P256_A, P384, RsaPadding::Pkcs1, "ECDSA with SHA2-384"),
        (P384, P521, RsaPadding::Pkcs1, "ECDSA with SHA2-512"),
        (P521, P256_A, RsaPadding::Pkcs1, "ECDSA with SHA2-256"),
        (ED25519, ED25519, RsaPadding::Pkcs1, "Ed25519"),
    ];
    for (client_key, server_key, padding, proof) in table {
        let client = padded(credentials::client(client_key), padding);
        let server = padded(credentials::server(server_key), padding);
        let client = credentials::initiator(LocalAuth::Certificate(Arc::new(client)));
        let pair = Pair::established(client, credentials::responder(server));
        pair.assert_one_child();
        let seen = established(&pair.client_events);
        assert_eq!(seen.peer.to_string(), SERVER);
        assert!(seen.peer_authentication.starts_with(proof), "{}", seen.peer_authentication);
        assert_eq!(established(&pair.gateway_events).peer.to_string(), CLIENT);
    }
}

/// A peer that announces no hashes, in either role.
fn classic(payloads: &mut Vec<Payload>) {
    payloads.retain(|payload| {
        !matches!(payload, Payload::Notify(notify) if notify.notify_type == NotifyType::SIGNATURE_HASH_ALGORITHMS)
    });
}

#[test]
fn classic_methods_are_used_with_a_peer_that_announces_no_hashes() {
    for (key, method) in [(RSA_A, 1), (P256_A, 9), (P384, 10), (P521, 11)] {
        let (client_id, server_id) =
            (Identity::from_text(CLIENT).unwrap(), Identity::from_text(SERVER).unwrap());
        let mut raw = Raw::client(credentials::responder(credentials::server(key)), classic);
        let proof = raw.key_auth(Role::Initiator, &client_id, &credentials::client(key), None);
        let request = raw.auth_request(&client_id, proof);
        let answer = raw.ask(ExchangeType::IKE_AUTH, &request);
        let auth = answer.iter().find_map(|payload| match payload {
            Payload::Auth(auth) => Some(auth.method.0),
            _ => None,
        });
        assert_eq!(auth, Some(method), "the gateway's method");
        established(&raw.events);

        let client = LocalAuth::Certificate(Arc::new(credentials::client(key)));
        let mut raw = Raw::server(credentials::initiator(client), classic);
        let (_, asked) = raw.request().unwrap();
        let auth = asked.iter().find_map(|payload| match payload {
            Payload::Auth(auth) => Some(auth.method.0),
            _ => None,
        });
        assert_eq!(auth, Some(method), "the client's method");
        let mut front = vec![Payload::IdR(id_payload(&server_id))];
        front.extend(raw.key_auth(Role::Responder, &server_id, &credentials::server(key), None));
        let answer = raw.auth_response(&asked, front);
        raw.respond(&answer);
        established(&raw.events);
    }
}

#[test]
fn c21_method_1_is_refused_from_a_peer_that_announces_hashes() {
    let id = Identity::from_text(CLIENT).unwrap();
    let mut raw = Raw::client(credentials::responder(credentials::server(RSA_A)), |_| {});
    let proof = raw.key_auth(Role::Initiator, &id, &credentials::client(RSA_A), None);
    let request = raw.auth_request(&id, proof);
    let answer = raw.ask(ExchangeType::IKE_AUTH, &request);
    assert!(support::raw::is_only(&answer, NotifyType::AUTHENTICATION_FAILED));
    assert_eq!(auth_failure(raw.closed()), &AuthFailure::Proof(AuthRefusal::Sha1Refused));
}

#[test]
fn eap_user_gets_in_and_the_server_is_proved_first() {
    for key in [RSA_A, P256_A, ED25519] {
        let responder = credentials::responder(credentials::server(key));
        let pair = Pair::established(credentials::eap(USER, PASSWORD), responder);
        pair.assert_one_child();
        assert_eq!(established(&pair.gateway_events).peer.to_string(), USER);
        assert_eq!(established(&pair.gateway_events).peer_authentication, "EAP-MSCHAPv2");
        assert_eq!(established(&pair.client_events).peer.to_string(), SERVER);
    }
}

#[test]
fn eap_wrong_password_and_unknown_user_fail_alike_on_the_wire() {
    let mut sizes = Vec::new();
    for (user, password) in [(USER, "mistyped"), ("nobody", PASSWORD)] {
        let responder = credentials::responder(credentials::server(P256_A));
        let mut pair = Pair::new(credentials::eap(user, password), responder);
        pair.settle();
        assert!(
            matches!(auth_failure(pair.client_closed()), AuthFailure::Eap(EapFailure::Rejected { .. })),
            "{:?}",
            pair.client_closed()
        );
        assert!(matches!(auth_failure(pair.gateway_closed()), AuthFailure::Eap(_)));
        let text = failure(pair.client_closed()).to_string();
        assert!(text.contains("password") && !text.contains(password), "{text}");
        let to_client = pair.log.iter().filter(|(side, _)| *side == support::Side::Initiator);
        sizes.push(to_client.map(|(_, transmit)| transmit.payload.len()).collect::<Vec<_>>());
    }
    assert_eq!(sizes[0].len(), sizes[1].len(), "no hint whether the user exists");
    assert_eq!(sizes[0].last(), sizes[1].last());
}

#[test]
fn the_gateway_tells_of_a_wrong_password_though_the_client_gives_up_without_a_word() {
    let responder = credentials::responder(credentials::server(P256_A));
    let mut pair = Pair::new(credentials::eap(USER, "mistyped"), responder);
    // IKE_SA_INIT, IKE_AUTH, the identity, the answer to the challenge; what acknowledges the refusal is lost.
    let mut left = 4;
    loop {
        pair.collect();
        let Some((side, transmit)) = pair.queue.pop_front() else { break };
        if side == support::Side::Initiator {
            pair.deliver(side, &transmit);
        } else if left > 0 {
            left -= 1;
            pair.deliver(side, &transmit);
        }
    }
    assert!(pair.gateway_closed().is_none());
    pair.now = pair.now + std::time::Duration::from_secs(3);
    let now = pair.now;
    pair.gateway().handle_timeout(now);
    pair.collect();
    let reason = auth_failure(pair.gateway_closed());
    assert!(matches!(reason, AuthFailure::Eap(EapFailure::Rejected { .. })), "{reason:?}");
}

#[test]
fn a_refusal_before_eap_began_blames_the_identities_and_not_the_password() {
    let mut responder = credentials::responder(credentials::server(P256_A));
    responder.users.clear();
    let mut pair = Pair::new(credentials::eap(USER, PASSWORD), responder);
    pair.settle();
    let failure = failure(pair.client_closed());
    assert!(matches!(failure, Failure::UnknownConnection { .. }), "{failure:?}");
    let advice = failure.advice();
    assert!(advice.contains("RemoteIdentifier") && advice.contains("LocalIdentifier"), "{advice}");
    assert!(failure.to_string().contains(SERVER), "{failure}");
}

/// The client refuses the gateway's certificate, and its user name stays its own.
fn refused_certificate(responder: ResponderConfig, change: impl Fn(&mut InitiatorConfig)) -> AuthFailure {
    let mut eap = credentials::eap(USER, PASSWORD);
    change(&mut eap);
    let mut pair = Pair::new(eap, responder);
    pair.settle();
    assert_user_was_not_told(&pair.client_events);
    assert!(!pair.client_is_up() && !pair.gateway_is_up());
    // The gateway is told, so that it does not wait.
    assert!(pair.gateway_closed().is_some() || pair.gateway().is_half_open());
    auth_failure(pair.client_closed()).clone()
}

#[test]
fn c05_nothing_is_told_to_a_server_with_a_certificate_that_is_not_good_enough() {
    let other_root = Issuer::new("C=CH, O=Adit, CN=root", P256_A);
    let stranger = credentials::certified(&Template::server(SERVER, P256_A), P256_A, &other_root);
    let failure = refused_certificate(credentials::responder(stranger), |_| {});
    assert!(
        matches!(failure, AuthFailure::Certificate(CertificateRefusal::BadSignature { .. })),
        "{failure:?}"
    );

    let other_name = Issuer::new("C=CH, O=Adit, CN=other", P256_A);
    let stranger = credentials::certified(&Template::server(SERVER, P256_A), P256_A, &other_name);
    let failure = refused_certificate(credentials::responder(stranger), |_| {});
    assert!(
        matches!(failure, AuthFailure::Certificate(CertificateRefusal::UntrustedIssuer { .. })),
        "{failure:?}"
    );

    let old = Template::server(SERVER, P256_A).valid(NOW - 20 * DAY, NOW - DAY);
    let failure = refused_certificate(
        credentials::responder(credentials::certified(&old, P256_A, &credentials::root())),
        |_| {},
    );
    assert!(matches!(failure, AuthFailure::Certificate(CertificateRefusal::Expired { .. })), "{failure:?}");

    let elsewhere = Template::server("www.rig.test", P256_A);
    let failure = refused_certificate(
        credentials::responder(credentials::certified(&elsewhere, P256_A, &credentials::root())),
        |_| {},
    );
    assert!(failure.to_string().contains(SERVER), "the name is named: {failure}");

    let failure = refused_certificate(credentials::responder(credentials::server(P256_A)), |config| {
        if let RemoteAuth::Certificate(policy) = &mut config.remote_auth {
            policy.key_types = vec![KeyType::ALL[0]];
        }
    });
    assert!(matches!(failure, AuthFailure::Certificate(_)), "{failure:?}");

    let failure = refused_certificate(credentials::responder(credentials::server(P256_A)), |config| {
        if let RemoteAuth::Certificate(policy) = &mut config.remote_auth {
            policy.issuer = Some("another CA".into());
        }
    });
    assert!(matches!(failure, AuthFailure::Certificate(_)), "{failure:?}");
}

#[test]
fn c23_a_server_of_another_identity_is_refused_whatever_its_certificate() {
    let mut responder = credentials::responder(credentials::server(P256_A));
    responder.id = Identity::from_text("other.rig.test").unwrap();
    let failure = refused_certificate(responder, |_| {});
    let AuthFailure::Identity(mismatch) = failure else { panic!("{failure:?}") };
    assert_eq!(
        (mismatch.expected.to_string().as_str(), mismatch.received.to_string().as_str()),
        (SERVER, "other.rig.test")
    );
}

#[test]
fn c06_a_server_that_leaves_out_its_proof_is_told_nothing() {
    let server_id = Identity::from_text(SERVER).unwrap();
    let eap_request = Payload::Eap(adit_ike::wire::Eap(vec![1, 1, 0, 5, 1]));
    for front in [vec![], vec![Payload::IdR(id_payload(&server_id))]] {
        let mut raw = Raw::server(credentials::eap(USER, PASSWORD), |_| {});
        raw.request().unwrap();
        let answer: Vec<_> = front.into_iter().chain([eap_request.clone()]).collect();
        raw.respond(&answer);
        assert_eq!(auth_failure(raw.closed()), &AuthFailure::NoProof);
        let (exchange, payloads) = raw.request().expect("the server is told");
        assert_eq!(exchange, ExchangeType::INFORMATIONAL);
        assert!(support::raw::is_only(&payloads, NotifyType::AUTHENTICATION_FAILED));
        assert_user_was_not_told(&raw.events);
    }
}

#[test]
fn c07_a_server_cannot_have_eap_alone_with_a_method_that_proves_nothing_of_it() {
    let server_id = Identity::from_text(SERVER).unwrap();
    let mschapv2 = [&[1, 1, 0, 26, 26, 1, 1, 0, 21, 16][..], &[7; 16]].concat();
    let md5 = [&[1, 1, 0, 22, 4, 16][..], &[7; 16]].concat();
    // Identity only, MD5-Challenge, GTC, MSCHAPv2, and success without any method.
    for packet in [vec![1, 1, 0, 5, 1], md5, vec![1, 1, 0, 6, 6, b'?'], mschapv2, vec![3, 1, 0, 4]] {
        let mut raw = Raw::server(credentials::eap(USER, PASSWORD), |_| {});
        raw.request().unwrap();
        raw.respond(&[
            Payload::IdR(id_payload(&server_id)),
            Payload::Eap(adit_ike::wire::Eap(packet.clone())),
        ]);
        assert_eq!(auth_failure(raw.closed()), &AuthFailure::NoProof, "{packet:?}");
        let (exchange, payloads) = raw.request().expect("the server is told");
        assert_eq!(exchange, ExchangeType::INFORMATIONAL, "{packet:?}");
        assert!(support::raw::is_only(&payloads, NotifyType::AUTHENTICATION_FAILED), "{packet:?}");
        assert_user_was_not_told(&raw.events);
    }
}

#[test]
fn c22_a_server_that_should_have_a_certificate_cannot_step_down() {
    let server_id = Identity::from_text(SERVER).unwrap();
    for method in [2, 13, 3, 200] {
        let mut raw = Raw::server(credentials::eap(USER, PASSWORD), |_| {});
        let (_, asked) = raw.request().unwrap();
        let Payload::Auth(mut auth) = raw.secret_auth(Role::Responder, &server_id, b"rig secret") else {
            unreachable!()
        };
        auth.method.0 = method;
        // With its certificate, which proves nothing by itself.
        let mut front = vec![Payload::IdR(id_payload(&server_id))];
        front.extend(raw.key_auth(Role::Responder, &server_id, &credentials::server(P256_A), None));
        front.pop();
        front.push(Payload::Auth(auth));
        let answer = raw.auth_response(&asked, front);
        raw.respond(&answer);
        let failure = auth_failure(raw.closed());
        assert!(matches!(failure, AuthFailure::Proof(AuthRefusal::WrongMethod { .. })), "{failure:?}");
        assert_user_was_not_told(&raw.events);
    }
}

#[test]
fn c22_a_server_with_a_shared_key_cannot_use_a_certificate_instead() {
    let server_id = Identity::from_text(SERVER).unwrap();
    let mut raw = Raw::server(support::initiator(), |_| {});
    let (_, asked) = raw.request().unwrap();
    let mut front = vec![Payload::IdR(id_payload(&server_id))];
    front.extend(raw.key_auth(
        Role::Responder,
        &server_id,
        &credentials::server(P256_A),
        Some(&ANNOUNCED_HASHES),
    ));
    let answer = raw.auth_response(&asked, front);
    raw.respond(&answer);
    assert!(matches!(auth_failure(raw.closed()), AuthFailure::Proof(AuthRefusal::WrongMethod { .. })));
}

#[test]
fn c26_auth_by_another_key_than_the_certificates_is_refused() {
    let server_id = Identity::from_text(SERVER).unwrap();
    let mut raw = Raw::server(credentials::eap(USER, PASSWORD), |_| {});
    let (_, asked) = raw.request().unwrap();
    let impostor = CertifiedKey { key: load(RSA_B), ..credentials::server(RSA_A) };
    let mut front = vec![Payload::IdR(id_payload(&server_id))];
    front.extend(raw.key_auth(Role::Responder, &server_id, &impostor, Some(&[HashId::SHA2_256])));
    let answer = raw.auth_response(&asked, front);
    raw.respond(&answer);
    let failure = auth_failure(raw.closed());
    assert!(matches!(failure, AuthFailure::Proof(AuthRefusal::BadSignature { .. })), "{failure:?}");
    assert_user_was_not_told(&raw.events);
}

#[test]
fn c30_our_own_proof_returned_to_us_is_refused() {
    let mut raw = Raw::server(support::initiator(), |_| {});
    let (_, asked) = raw.request().unwrap();
    let own = asked.iter().find(|payload| matches!(payload, Payload::Auth(_))).unwrap().clone();
    let server_id = Identity::from_text(SERVER).unwrap();
    let answer = raw.auth_response(&asked, vec![Payload::IdR(id_payload(&server_id)), own]);
    raw.respond(&answer);
    assert_eq!(auth_failure(raw.closed()), &AuthFailure::Proof(AuthRefusal::SharedKeyMismatch));

    // With our own identity too: it is not the server's.
    let mut raw = Raw::server(support::initiator(), |_| {});
    let (_, asked) = raw.request().unwrap();
    let own = asked.iter().find(|payload| matches!(payload, Payload::Auth(_))).unwrap().clone();
    let id = Identity::from_text(CLIENT).unwrap();
    let answer = raw.auth_response(&asked, vec![Payload::IdR(id_payload(&id)), own]);
    raw.respond(&answer);
    assert!(matches!(auth_failure(raw.closed()), AuthFailure::Identity(_)));
}

#[test]
fn c08_the_last_auth_must_be_made_with_the_key_of_eap() {
    // A client that stops after EAP-Success and shows another key, none, or the gateway's own proof.
    for case in 0..3 {
        let server = credentials::server(P256_A);
        let mut raw = Raw::client(credentials::responder(server), |_| {});
        let id = Identity::from_text(CLIENT).unwrap();
        let request = raw.auth_request(&id, Vec::new());
        let mut answer = raw.ask(ExchangeType::IKE_AUTH, &request);
        let mut peer = adit_ike::eap::Peer::new(USER, &Secret::from(PASSWORD.as_bytes())).unwrap();
        let msk = loop {
            let packet = answer
                .iter()
                .find_map(|payload| match payload {
                    Payload::Eap(eap) => Some(eap.0.clone()),
                    _ => None,
                })
                .expect("an EAP packet");
            match peer.handle(&packet, &raw.provider) {
                adit_ike::eap::Step::Reply(reply) => {
                    answer = raw.ask(ExchangeType::IKE_AUTH, &[Payload::Eap(adit_ike::wire::Eap(reply))]);
                }
                adit_ike::eap::Step::Success { msk } => break msk,
                adit_ike::eap::Step::Failure(failure) | adit_ike::eap::Step::Refused(failure) => {
                    panic!("{failure}")
                }
            }
        };
        let auth = match case {
            0 => vec![raw.secret_auth(Role::Initiator, &id, b"another key")],
            1 => vec![],
            _ => vec![raw.secret_auth(Role::Responder, &id, msk.expose())],
        };
        let answer = raw.ask(ExchangeType::IKE_AUTH, &auth);
        assert!(support::raw::is_only(&answer, NotifyType::AUTHENTICATION_FAILED));
        let failure = auth_failure(raw.closed());
        assert!(matches!(failure, AuthFailure::Proof(_) | AuthFailure::NoProof), "{failure:?}");
    }
}

#[test]
fn c01_eap_success_before_the_method_has_run_is_a_failure() {
    let server_id = Identity::from_text(SERVER).unwrap();
    for packet in [vec![3, 1, 0, 4], vec![3, 9, 0, 4]] {
        let mut raw = Raw::server(credentials::eap(USER, PASSWORD), |_| {});
        raw.request().unwrap();
        let mut answer = vec![Payload::IdR(id_payload(&server_id))];
        answer.extend(raw.key_auth(
            Role::Responder,
            &server_id,
            &credentials::server(P256_A),
            Some(&ANNOUNCED_HASHES),
        ));
        answer.push(Payload::Eap(adit_ike::wire::Eap(packet)));
        raw.respond(&answer);
        assert_eq!(auth_failure(raw.closed()), &AuthFailure::Eap(EapFailure::UnexpectedSuccess));
        assert_user_was_not_told(&raw.events);
    }
}

#[test]
fn c14_the_client_is_who_eap_says_not_who_its_id_payload_says() {
    let mut client = credentials::eap(USER, PASSWORD);
    client.local_id = Identity::from_text("somebody.else").unwrap();
    let pair = Pair::established(client, credentials::responder(credentials::server(P256_A)));
    assert_eq!(established(&pair.gateway_events).peer.to_string(), USER);
}

#[test]
fn a_chain_with_an_intermediate_is_followed() {
    let intermediate = Issuer::new("C=CH, O=Adit, CN=intermediate", P384);
    let ca = Template::ca("C=CH, O=Adit, CN=intermediate", load(P384).public_key()).path_length(Some(0));
    let mut server = credentials::certified(&Template::server(SERVER, RSA_A), RSA_A, &intermediate);
    let mut incomplete = credentials::responder(CertifiedKey { ..clone(&server) });
    server.chain.push(ca.issue(&credentials::root()));
    let pair = Pair::established(credentials::eap(USER, PASSWORD), credentials::responder(server));
    pair.assert_one_child();

    incomplete.users.insert("x".into(), Secret::from(b"y".as_slice()));
    let failure = refused_certificate(incomplete, |_| {});
    assert!(
        matches!(&failure, AuthFailure::Certificate(CertificateRefusal::UntrustedIssuer { issuer, .. }) if issuer.contains("intermediate")),
        "{failure:?}"
    );
}

fn clone(key: &CertifiedKey) -> CertifiedKey {
    CertifiedKey { chain: key.chain.clone(), key: key.key.clone(), padding: key.padding }
}

#[test]
fn b19_a_client_without_an_entry_fails_cleanly_and_finds_nothing_later() {
    let mut gateway = support::responder();
    gateway.shared_keys.clear();
    let mut pair = Pair::new(support::initiator(), gateway);
    pair.settle();
    assert!(matches!(auth_failure(pair.gateway_closed()), AuthFailure::UnknownPeer(_)));
    assert!(matches!(failure(pair.client_closed()), Failure::RefusedByPeer { .. }));
    // The request once more, and everything else the client sent.
    let (events, sent) = (pair.gateway_events.len(), pair.log.len());
    for (side, transmit) in pair.log.clone() {
        pair.deliver(side, &transmit);
    }
    pair.settle();
    assert_eq!((pair.gateway_events.len(), pair.log.len()), (events, sent));
}

#[test]
fn clients_certificates_are_judged_too() {
    let gateway = || credentials::responder(credentials::server(P256_A));
    let other_root = Issuer::new("C=CH, O=Other, CN=root", P256_A);
    let template = Template::new("C=CH, O=Adit, CN=client", load(RSA_A).public_key()).mail(CLIENT);
    let stranger = credentials::certified(&template, RSA_A, &other_root);
    let mut pair = Pair::new(credentials::initiator(LocalAuth::Certificate(Arc::new(stranger))), gateway());
    pair.settle();
    assert!(matches!(auth_failure(pair.gateway_closed()), AuthFailure::Certificate(_)));
    assert!(matches!(failure(pair.client_closed()), Failure::RefusedByPeer { method: "certificate", .. }));

    // Another's name.
    let mut liar = credentials::initiator(LocalAuth::Certificate(Arc::new(credentials::client(RSA_A))));
    liar.local_id = Identity::from_text("boss@rig.test").unwrap();
    let mut pair = Pair::new(liar, gateway());
    pair.settle();
    assert!(matches!(auth_failure(pair.gateway_closed()), AuthFailure::Certificate(_)));
}
