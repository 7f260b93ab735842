//! Round trips, and every truncation of something valid.

use super::samples;
use super::{body_of, read_body};
use crate::wire::*;

#[test]
fn every_kind_of_payload_survives_a_round_trip() {
    for message in [vec![samples::message()], samples::encrypted_messages().to_vec()].concat() {
        let octets = message.encode().unwrap();
        let parsed = Message::parse(&octets).unwrap();
        assert_eq!(parsed.payloads, message.payloads);
        assert_eq!(parsed.header.next_payload, message.payloads[0].payload_type());
        assert_eq!(usize::try_from(parsed.header.length), Ok(octets.len()));
        assert_eq!(parsed.encode().unwrap(), octets);
    }
}

#[test]
fn a01_every_truncation_of_a_message_is_refused() {
    for message in [vec![samples::message()], samples::encrypted_messages().to_vec()].concat() {
        let octets = message.encode().unwrap();
        for end in 0..octets.len() {
            let error = Message::parse(&octets[..end]).unwrap_err();
            assert!(error.offset <= end.max(24), "{error:?}");
            // The same with the length field corrected: now the payloads must notice.
            if end > Header::LEN {
                let mut cut = octets[..end].to_vec();
                cut[24..28].copy_from_slice(&u32::try_from(end).unwrap().to_be_bytes());
                assert!(Message::parse(&cut).is_err(), "cut to {end}");
            }
        }
    }
}

/// Payloads whose end only their own length tells: a shorter one is another valid payload.
fn any_length_is_valid(payload: &Payload, end: usize) -> bool {
    match payload {
        Payload::Ke(_) | Payload::Auth(_) => end > 4,
        Payload::Nonce(_) => end >= Nonce::MIN,
        Payload::IdI(id) | Payload::IdR(id) => id.id_type != IdType::DER_ASN1_DN && end > 4,
        Payload::Cert(_) => end > 1,
        Payload::CertReq(_) => end >= 1,
        Payload::Notify(notify) => end >= 4 + notify.spi.len(),
        Payload::VendorId(_) | Payload::Eap(_) | Payload::Unknown { .. } => true,
        _ => false,
    }
}

#[test]
fn every_truncation_of_a_payload_is_refused_or_is_another_payload() {
    for payload in samples::payloads() {
        let payload_type = payload.payload_type();
        let body = body_of(&payload);
        assert_eq!(read_body(payload_type, &body).unwrap(), payload);
        for end in 0..body.len() {
            let read = read_body(payload_type, &body[..end]);
            if any_length_is_valid(&payload, end) {
                assert_eq!(body_of(&read.unwrap()), body[..end], "{payload_type} cut to {end}");
            } else if let Payload::Cp(full) = &payload
                && let Ok(Payload::Cp(shorter)) = &read
            {
                // A configuration may end behind any attribute.
                assert!(full.attributes.starts_with(&shorter.attributes));
            } else {
                assert!(read.is_err(), "{payload_type} cut to {end}: {read:?}");
            }
        }
        let longer = [body.as_slice(), &[0]].concat();
        if !any_length_is_valid(&payload, longer.len()) {
            assert!(read_body(payload_type, &longer).is_err(), "{payload_type} with an octet more");
        }
    }
}
