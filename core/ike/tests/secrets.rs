//! F03: no secret in anything that is printed.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use std::fmt::Debug;
use std::sync::Arc;

use adit_crypto::Secret;
use adit_ike::config::LocalAuth;
use adit_ike::{ChildEvent, Command, Event};
use support::certificates::RSA_A;
use support::credentials::{self, PASSWORD, USER};
use support::{Pair, initiator, responder};

/// The ways bytes show up in text.
fn spellings(secret: &[u8]) -> Vec<String> {
    let hex: String = secret.iter().map(|octet| format!("{octet:02x}")).collect();
    let list = format!("{secret:?}");
    let spaced: Vec<String> = secret.iter().map(|octet| format!("{octet:02x}")).collect();
    vec![hex.to_uppercase(), hex, list[1..list.len() - 1].to_owned(), spaced.join(" "), spaced.join(":")]
}

fn assert_hides(text: &str, secrets: &[Vec<u8>]) {
    for secret in secrets {
        for spelling in spellings(secret) {
            assert!(!text.contains(&spelling), "{spelling} in {text}");
        }
        if let Ok(plain) = std::str::from_utf8(secret)
            && plain.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        {
            assert!(!text.contains(plain), "{plain} in {text}");
        }
    }
}

fn all(things: &[&dyn Debug]) -> String {
    things.iter().map(|thing| format!("{thing:?} {thing:#?}")).collect()
}

/// Keys of Child SAs.
fn keys(events: &[Event]) -> Vec<Vec<u8>> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Child(ChildEvent::Install { inbound, outbound, .. }) => Some([inbound, outbound]),
            _ => None,
        })
        .flatten()
        .map(|params| params.encr_key.expose().to_vec())
        .collect()
}

fn check(mut pair: Pair, mut secrets: Vec<Vec<u8>>) {
    // In the middle of everything, and after it.
    let mut text = String::new();
    for _ in 0..200 {
        pair.collect();
        text += &all(&[&pair.client, &pair.gateway]);
        let Some((side, transmit)) = pair.queue.pop_front() else { break };
        pair.deliver(side, &transmit);
    }
    for command in [Command::RekeyChild, Command::RekeyIke] {
        pair.client.request(pair.now, command);
        text += &all(&[&pair.client, &pair.gateway]);
        pair.settle();
    }
    secrets.extend(keys(&pair.client_events));
    text += &all(&[&pair.client, &pair.gateway, &pair.client_events, &pair.gateway_events]);
    for event in pair.client_events.iter().chain(&pair.gateway_events) {
        match event {
            Event::Message(message) => text += &message.text,
            Event::Closed(adit_ike::CloseReason::Failed(failure)) => {
                text += &format!("{failure} {}", failure.advice());
            }
            _ => {}
        }
    }
    assert_hides(&text, &secrets);
    assert!(text.len() > 1000);
}

#[test]
fn f03_a_pre_shared_key_is_nowhere() {
    let config = all(&[&initiator(), &responder()]);
    assert_hides(&config, &[b"rig secret".to_vec()]);
    check(Pair::new(initiator(), responder()), vec![b"rig secret".to_vec()]);
    let mut wrong = initiator();
    wrong.local_auth = LocalAuth::SharedKey(Secret::from(b"another one".as_slice()));
    let mut pair = Pair::new(wrong, responder());
    pair.settle();
    let text = all(&[&pair.client_events, &pair.gateway_events, &pair.client]);
    assert_hides(&text, &[b"rig secret".to_vec(), b"another one".to_vec()]);
}

#[test]
fn f03_a_password_and_what_is_made_of_it_are_nowhere() {
    let gateway = || credentials::responder(credentials::server(RSA_A));
    let config = all(&[&credentials::eap(USER, PASSWORD), &gateway()]);
    assert_hides(&config, &[PASSWORD.as_bytes().to_vec()]);
    check(Pair::new(credentials::eap(USER, PASSWORD), gateway()), vec![PASSWORD.as_bytes().to_vec()]);
    let mut pair = Pair::new(credentials::eap(USER, "mistyped!"), gateway());
    pair.settle();
    let text = all(&[&pair.client_events, &pair.gateway_events, &pair.client, &pair.gateway]);
    assert_hides(&text, &[PASSWORD.as_bytes().to_vec(), b"mistyped!".to_vec()]);
}

#[test]
fn f03_a_private_key_is_nowhere() {
    let client = || credentials::initiator(LocalAuth::Certificate(Arc::new(credentials::client(RSA_A))));
    let gateway = || credentials::responder(credentials::server(RSA_A));
    // Any 24 octets of the key that are not in its public part.
    let private = RSA_A[RSA_A.len() - 200..RSA_A.len() - 176].to_vec();
    assert_hides(&all(&[&client(), &gateway()]), std::slice::from_ref(&private));
    check(Pair::new(client(), gateway()), vec![private]);
}
