//! IKE messages as bytes: reading, writing, describing, choosing proposals.
//!
//! Input: a message, without non-ESP marker. Its tail is also read as the inside of an Encrypted payload.
//!
//! Invariants: what was read can be written, reads back as the same, and is written the same way twice; a
//! description has a bounded number of lines and no control characters; a selected proposal is accepted by the
//! side that offered it.

use adit_crypto::{CipherSpec, DhGroup, IntegId, PrfId};
use adit_ike::describe::{MAX_LINES, describe, describe_header, describe_payloads};
use adit_ike::identity::Identity;
use adit_ike::proposal::{
    EspProposal, IkeProposal, accept_esp, accept_ike, describe_proposal, select_esp, select_ike,
};
use adit_ike::wire::{Header, Message, Payload, PayloadType, SecurityAssociation, encode_inner, parse_inner};

use crate::provider::provider;

/// Reads, describes, writes and compares a message.
pub fn ike_message(data: &[u8]) {
    if let Ok(header) = Header::parse(data) {
        assert!(!describe_header(&header).contains('\n'));
    }
    if let Ok(message) = Message::parse(data) {
        check_text(&describe(&message));
        round_trip(&message);
        message.payloads.iter().for_each(look_into);
    }
    if let Some((first, octets)) = data.split_first()
        && let Ok(payloads) = parse_inner(PayloadType(*first), octets)
    {
        check_text(&describe_payloads(&payloads));
        let (first, encoded) = encode_inner(&payloads).expect("what was read can be written");
        let again = parse_inner(first, &encoded).expect("what was written can be read");
        assert_eq!(again, payloads);
        payloads.iter().for_each(look_into);
    }
}

fn round_trip(message: &Message) {
    let encoded = message.encode().expect("what was read can be written");
    let again = Message::parse(&encoded).expect("what was written can be read");
    assert_eq!(again.payloads, message.payloads);
    let (was, is) = (&message.header, &again.header);
    assert_eq!((was.initiator_spi, was.responder_spi), (is.initiator_spi, is.responder_spi));
    assert_eq!((was.version, was.exchange, was.flags), (is.version, is.exchange, is.flags));
    assert_eq!(was.message_id, is.message_id);
    assert_eq!(again.encode().expect("written before"), encoded);
}

fn check_text(text: &str) {
    // One line more says how many were left out.
    assert!(text.lines().count() <= MAX_LINES + 1, "{} lines", text.lines().count());
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "control characters in a description");
}

/// Calls what a session calls to understand a payload.
fn look_into(payload: &Payload) {
    match payload {
        Payload::Sa(offer) => proposals(offer),
        Payload::IdI(id) | Payload::IdR(id) => {
            if let Ok(identity) = Identity::parse_payload(&id.body()) {
                let again = Identity::parse_payload(&identity.payload_body()).expect("our own payload");
                assert_eq!(again, identity);
                assert!(identity.matches(&again).is_ok(), "{identity} does not match itself");
            }
            let _ = id.as_address();
        }
        Payload::CertReq(request) => drop(request.authority_hashes().count()),
        Payload::Notify(notify) => {
            let _ = (notify.esp_spi(), notify.data_u16());
            assert!(notify.data_u16_list().count() <= notify.data.len() / 2);
        }
        Payload::Cp(configuration) => {
            configuration.attributes.iter().for_each(|attribute| drop(attribute.value()));
        }
        Payload::TsI(selectors) | Payload::TsR(selectors) => {
            assert!(selectors.ip().count() <= selectors.selectors.len());
        }
        _ => {}
    }
}

fn proposals(offer: &SecurityAssociation) {
    for proposal in &offer.proposals {
        assert!(!describe_proposal(proposal).contains('\n'));
        for transform in &proposal.transforms {
            assert!(transform.attributes().is_ok() || transform.key_length().is_err());
        }
    }
    let mut numbers: Vec<_> = offer.proposals.iter().map(|proposal| proposal.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    // The answer names its proposal by number: an offer that uses one twice may be misunderstood.
    let unambiguous = numbers.len() == offer.proposals.len();
    let ciphers = vec![
        CipherSpec::aes_gcm(256),
        CipherSpec::chacha20_poly1305(),
        CipherSpec::aes_cbc(128, IntegId::HMAC_SHA2_256_128),
    ];
    let groups = vec![DhGroup::CURVE25519, DhGroup::ECP_256, DhGroup::MODP_2048];
    let ike =
        IkeProposal { ciphers: ciphers.clone(), prfs: vec![PrfId::HMAC_SHA2_256], groups: groups.clone() };
    for sent_group in [None, Some(DhGroup::ECP_256)] {
        if let Ok(selected) = select_ike(offer, std::slice::from_ref(&ike), &provider(), sent_group) {
            let accepted = accept_ike(&selected.answer(&vec![7; selected.proposal.spi.len()]), offer);
            assert!(!unambiguous || accepted.is_ok_and(|accepted| accepted.suite == selected.suite));
        }
    }
    let esp = EspProposal { ciphers, groups, esn: vec![true, false] };
    for first_child in [true, false] {
        let ours = if first_child { esp.without_key_exchange() } else { esp.clone() };
        if let Ok(selected) = select_esp(offer, &[ours], &provider(), None, first_child) {
            let accepted = accept_esp(&selected.answer(&vec![7; selected.proposal.spi.len()]), offer);
            // The key exchange transforms of an IKE_AUTH offer are left aside, which its sender does not know.
            let sure = unambiguous && !first_child;
            assert!(!sure || accepted.is_ok_and(|accepted| accepted.suite == selected.suite));
        }
    }
}
