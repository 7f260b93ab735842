//! A client whose key stays with the system, end to end; and the errors that only a server or a mistake of ours can cause.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::sync::Arc;

use adit_bindings::{AditError, Answer, Credentials, Question, Session, SessionEvent, SessionOptions};
use adit_test_gateway::{TestGateway, TestGatewayKind};
use support::{first, is_closed, is_up, options, until, up, with};

fn with_key(gateway: &TestGateway) -> SessionOptions {
    let credentials = Credentials {
        key_reference: Some("keychain:tester".into()),
        key_certificates: gateway.client_certificates().unwrap(),
        ..Credentials::default()
    };
    SessionOptions { credentials, ..options(gateway) }
}

/// Starts a session up to its question for a signature.
fn asked(gateway: &TestGateway) -> (Arc<Session>, u64, String, Vec<u8>) {
    let session = Session::new(with_key(gateway)).unwrap();
    let seen = until(&session, |event| matches!(event, SessionEvent::Ask { .. }));
    let Some(SessionEvent::Ask { token, deadline_ms, question }) = seen.last() else { panic!() };
    let Question::Sign { key, scheme, message } = question else { panic!("{question:?}") };
    assert_eq!((key.as_str(), scheme.as_str()), ("keychain:tester", "ecdsa-sha256"));
    assert!(*deadline_ms >= 1_000 && message.len() > 100, "{deadline_ms} {}", message.len());
    assert_eq!(gateway.clients().unwrap(), 0);
    (session, *token, scheme.clone(), message.clone())
}

fn end(session: &Session) -> AditError {
    first(&until(session, is_closed), |event| match event {
        SessionEvent::Closed { error } => error.clone(),
        _ => None,
    })
}

#[test]
fn the_systems_key_signs_and_the_tunnel_stands() {
    let gateway = TestGateway::new(TestGatewayKind::ClientCertificate).unwrap();
    let (session, token, scheme, message) = asked(&gateway);
    assert!(matches!(session.answer(token, Answer::Done), Err(AditError::Usage { .. })), "no such answer");
    let bytes = gateway.sign(scheme, message).unwrap();
    session.answer(token, Answer::Signature { bytes }).unwrap();
    until(&session, is_up);
    assert_eq!(gateway.clients().unwrap(), 1);
    session.stop().unwrap();
}

#[test]
fn a_refusal_and_a_signature_of_another_key_are_errors_that_the_server_never_sees() {
    let gateway = TestGateway::new(TestGatewayKind::ClientCertificate).unwrap();
    let other = TestGateway::new(TestGatewayKind::ClientCertificate).unwrap();
    for refused in [true, false] {
        let (session, token, scheme, message) = asked(&gateway);
        let answer = match refused {
            true => Answer::Refused { reason: "the device is locked".into() },
            false => Answer::Signature { bytes: other.sign(scheme, message).unwrap() },
        };
        session.answer(token, answer).unwrap();
        match end(&session) {
            AditError::Credentials { message, advice, code } => {
                assert_eq!(message.contains("the device is locked"), refused, "{message}");
                assert!(message.contains("keychain:tester") && !advice.is_empty(), "{message}");
                assert_eq!(code, "clientCertificateInvalid");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(gateway.clients().unwrap(), 0);
    }
}

#[test]
fn a_profile_whose_key_nobody_has_makes_no_tunnel() {
    let gateway = TestGateway::new(TestGatewayKind::ClientCertificate).unwrap();
    match Session::new(options(&gateway)).map(drop) {
        Err(AditError::Profile { message, code, .. }) => {
            assert!(message.contains("PayloadCertificateUUID"), "{message}");
            assert_eq!(code, "configurationFailed");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pre_shared_key_connects_and_a_wrong_one_is_a_matter_of_credentials() {
    let gateway = TestGateway::new(TestGatewayKind::SharedSecret).unwrap();
    let (session, _tun, _) = up(options(&gateway));
    session.stop().unwrap();
    let gateway = TestGateway::new(TestGatewayKind::WrongSharedSecret).unwrap();
    let session = Session::new(options(&gateway)).unwrap();
    match end(&session) {
        AditError::Credentials { code, message, .. } => {
            assert_eq!(code, "authenticationFailed");
            assert!(
                !message.contains("not-the-secret")
                    && !session.log_tail().unwrap().contains("not-the-secret")
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_that_takes_other_algorithms_is_an_error_of_the_negotiation() {
    let gateway = TestGateway::new(TestGatewayKind::OtherProposals).unwrap();
    let session = Session::new(options(&gateway)).unwrap();
    match end(&session) {
        AditError::Negotiation { message, advice, code } => {
            assert!(message.contains("AES"), "it says what was offered: {message}");
            assert!(advice.contains("IKESecurityAssociationParameters"), "{advice}");
            assert_eq!(code, "negotiationFailed");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_panic_of_ours_ends_the_tunnel_with_an_internal_error_and_the_next_one_works() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let mut given = options(&gateway);
    given.overrides_json = with(&gateway, r#""panic_when_connecting":true"#);
    let session = Session::new(given).unwrap();
    match end(&session) {
        AditError::Internal { message, advice, code } => {
            assert!(message.contains("panicked") && advice.contains("report"), "{message} {advice}");
            assert_eq!(code, "pluginFailed");
        }
        other => panic!("{other:?}"),
    }
    assert!(session.is_closed().unwrap());
    let (session, _tun, _) = up(options(&gateway));
    session.stop().unwrap();
}
