//! Every cipher suite and group the product has, in IKE and in ESP, on every provider that has it; messages in
//! fragments.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use adit_crypto::{CipherSpec, CryptoProvider, DhGroup, IntegId, PrfId};
use adit_ike::config::Config;
use adit_ike::wire::{Header, PayloadType};
use adit_ike::{ChildEvent, Command, Event};
use support::certificates::{P384, RSA_A};
use support::credentials::{self, PASSWORD, USER};
use support::{Pair, established, initiator, responder};

fn ciphers() -> Vec<CipherSpec> {
    let mut list = vec![CipherSpec::aes_gcm(128), CipherSpec::aes_gcm(256), CipherSpec::chacha20_poly1305()];
    for integ in [
        IntegId::HMAC_SHA1_96,
        IntegId::HMAC_SHA2_256_128,
        IntegId::HMAC_SHA2_384_192,
        IntegId::HMAC_SHA2_512_256,
    ] {
        list.extend([CipherSpec::aes_cbc(128, integ), CipherSpec::aes_cbc(256, integ)]);
    }
    list
}

const PRFS: [PrfId; 4] = [PrfId::HMAC_SHA1, PrfId::HMAC_SHA2_256, PrfId::HMAC_SHA2_384, PrfId::HMAC_SHA2_512];
const GROUPS: [u16; 7] = [14, 15, 16, 19, 20, 21, 31];

fn providers() -> [CryptoProvider; 3] {
    let default = adit_crypto::default_provider();
    // ring alone has neither groups nor SHA-1.
    let ring = CryptoProvider {
        key_exchanges: default.key_exchanges,
        hashes: default.hashes,
        ..adit_crypto::ring_provider()
    };
    [default, ring, adit_crypto::rustcrypto_provider()]
}

/// A session with this suite, rekeyed once of each kind. False if the provider lacks something.
fn runs(provider: CryptoProvider, cipher: CipherSpec, prf: PrfId, group: DhGroup, esn: bool) -> bool {
    let has = provider.cipher(cipher).is_some()
        && provider.prf(prf).is_some()
        && provider.key_exchange(group).is_some();
    if !has {
        return false;
    }
    let (mut client, mut gateway) = (initiator(), responder());
    let set = |config: &mut Config| {
        config.ike_proposals[0].ciphers = vec![cipher];
        config.ike_proposals[0].prfs = vec![prf];
        config.ike_proposals[0].groups = vec![group];
        config.child.proposals[0].ciphers = vec![cipher];
        config.child.proposals[0].groups = vec![group];
        config.child.proposals[0].esn = vec![esn];
    };
    set(&mut client.common);
    set(&mut gateway.common);
    let mut pair = Pair::with_providers(client, gateway, provider, provider);
    pair.settle();
    for command in [Command::RekeyChild, Command::RekeyIke, Command::RekeyChild] {
        let now = pair.now;
        pair.client.request(now, command);
        pair.settle();
    }
    pair.assert_one_child();
    let suite = established(&pair.client_events).suite;
    assert_eq!((suite.cipher, suite.prf, suite.group), (cipher, prf, group));
    let children = pair.client_events.iter().filter_map(|event| match event {
        Event::Child(ChildEvent::Install { suite, inbound, outbound, .. }) => {
            assert_eq!((inbound.esn, outbound.esn), (esn, esn));
            assert_ne!(inbound.encr_key, outbound.encr_key);
            Some(*suite)
        }
        _ => None,
    });
    assert!(children.into_iter().all(|suite| suite.cipher == cipher && suite.esn == esn));
    true
}

#[test]
fn each_cipher_prf_and_group_makes_a_session_on_each_provider() {
    for provider in providers() {
        let (mut run, mut skipped) = (0, Vec::new());
        let mut count = |ran: bool, what: String| {
            if ran { run += 1 } else { skipped.push(what) }
        };
        for (index, cipher) in ciphers().into_iter().enumerate() {
            let prf = PRFS[index % PRFS.len()];
            let ran = runs(provider, cipher, prf, DhGroup::CURVE25519, index % 2 == 0);
            count(ran, cipher.to_string());
        }
        for (index, group) in GROUPS.map(DhGroup).into_iter().enumerate() {
            let ran = runs(provider, CipherSpec::aes_gcm(256), PRFS[index % 4], group, false);
            count(ran, group.to_string());
        }
        println!("{}: {run} suites run, not in this provider: {skipped:?}", provider.name);
        assert!(run >= 5);
        if provider.name == adit_crypto::default_provider().name {
            assert!(skipped.is_empty(), "{skipped:?}");
        }
    }
}

#[test]
fn both_providers_understand_each_other() {
    let [_, ring, rustcrypto] = providers();
    for (a, b) in [(ring, rustcrypto), (rustcrypto, ring)] {
        let mut pair = Pair::with_providers(initiator(), responder(), a, b);
        pair.settle();
        pair.client.request(pair.now, Command::RekeyIke);
        pair.settle();
        pair.assert_one_child();
    }
}

fn fragments(pair: &Pair) -> (usize, usize) {
    let mut count = (0, 0);
    for (side, transmit) in &pair.log {
        let skip = if transmit.path.encapsulated { 4 } else { 0 };
        let Ok(header) = Header::parse(&transmit.payload[skip..]) else { continue };
        if header.next_payload == PayloadType::SKF {
            match side {
                support::Side::Responder => count.0 += 1,
                support::Side::Initiator => count.1 += 1,
            }
        }
    }
    count
}

#[test]
fn b14_messages_are_fragmented_both_ways_and_no_datagram_is_larger_than_asked() {
    let mut client = credentials::eap(USER, PASSWORD);
    client.common.fragment_size = 300;
    let mut gateway = credentials::responder(credentials::server(RSA_A));
    gateway.common.fragment_size = 300;
    let mut pair = Pair::established(client, gateway);
    pair.client.request(pair.now, Command::RekeyChild);
    pair.settle();
    pair.client.request(pair.now, Command::RekeyIke);
    pair.settle();
    pair.assert_one_child();
    assert!(established(&pair.client_events).fragmentation);
    let (from_client, from_gateway) = fragments(&pair);
    assert!(from_client > 0 && from_gateway > 3, "{from_client} {from_gateway}");
    let largest = pair.log.iter().filter(|(_, transmit)| transmit.path.encapsulated);
    assert!(largest.clone().count() > 0);
    assert!(largest.into_iter().all(|(_, transmit)| transmit.payload.len() <= 300));
}

#[test]
fn a_fragment_lost_or_out_of_order_is_made_up_for() {
    let config = || {
        let mut client = credentials::eap(USER, PASSWORD);
        client.common.fragment_size = 300;
        let mut gateway = credentials::responder(credentials::server(P384));
        gateway.common.fragment_size = 300;
        (client, gateway)
    };
    for lost in 2..12 {
        let (client, gateway) = config();
        let mut pair = Pair::new(client, gateway);
        let mut number = 0;
        for _ in 0..2000 {
            pair.collect();
            if let Some((side, transmit)) = pair.queue.pop_back() {
                if number != lost {
                    pair.deliver(side, &transmit);
                }
                number += 1;
            } else if pair.client_is_up() && pair.gateway_is_up() {
                break;
            } else {
                let deadline =
                    [pair.client.poll_timeout(), pair.gateway.as_ref().and_then(|g| g.poll_timeout())];
                pair.now = pair.now.max(deadline.into_iter().flatten().map(|(at, _)| at).min().unwrap());
                pair.client.handle_timeout(pair.now);
                let now = pair.now;
                if let Some(gateway) = &mut pair.gateway {
                    gateway.handle_timeout(now);
                }
            }
        }
        pair.settle();
        pair.assert_one_child();
    }
}

#[test]
fn nothing_is_fragmented_for_a_peer_that_does_not_take_it() {
    use adit_ike::wire::{NotifyType, Payload};
    let mut gateway = credentials::responder(credentials::server(RSA_A));
    gateway.common.fragment_size = 300;
    let mut raw = support::raw::Raw::client(gateway, |payloads| {
        payloads.retain(|payload| {
            !matches!(payload, Payload::Notify(notify) if notify.notify_type == NotifyType::FRAGMENTATION_SUPPORTED)
        });
    });
    let id = adit_ike::identity::Identity::from_text(credentials::CLIENT).unwrap();
    let request = raw.auth_request(&id, vec![]);
    let answer = raw.ask(adit_ike::wire::ExchangeType::IKE_AUTH, &request);
    assert!(answer.iter().any(|payload| matches!(payload, Payload::Cert(_))));
    assert!(raw.unread.is_empty());
}
