//! Tests of the codecs: bytes of others, round trips, truncations, hostile input, arbitrary input.

mod adversarial;
mod captures;
mod known_bytes;
mod nat;
mod properties;
mod samples;
mod truncation;

use super::{ParseError, Payload, PayloadType, encode_inner, parse_inner};

/// Reads one payload from its body.
fn read_body(payload_type: PayloadType, body: &[u8]) -> Result<Payload, ParseError> {
    let length = u16::try_from(body.len() + 4).unwrap().to_be_bytes();
    let octets = [&[0, 0], length.as_slice(), body].concat();
    parse_inner(payload_type, &octets).map(|mut payloads| {
        assert_eq!(payloads.len(), 1);
        payloads.pop().unwrap()
    })
}

/// Reads one payload with its generic header, whatever that says comes next.
fn read_payload(payload_type: PayloadType, octets: &[u8]) -> Payload {
    read_body(payload_type, &octets[4..]).unwrap()
}

/// The body of one payload as written.
fn body_of(payload: &Payload) -> Vec<u8> {
    let (first, octets) = encode_inner(std::slice::from_ref(payload)).unwrap();
    assert_eq!(first, payload.payload_type());
    octets[4..].to_vec()
}
