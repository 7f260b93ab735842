//! Changing messages on their way, and making up new ones.
//!
//! With the testing provider an encrypted message holds its payloads as they are, between an IV and an ICV nobody
//! checks. So a message can be taken apart, changed and put together again with lengths that fit, which mere
//! flipping of bits seldom achieves.

use adit_ike::wire::{
    ExchangeType, Flags, GENERIC_HEADER_LEN, Header, IkeSpi, PayloadChain, PayloadType, Reader,
};
use arbitrary::{Arbitrary, Unstructured};

/// A change to one message.
#[derive(Arbitrary, Debug)]
pub(super) enum Change {
    /// Exclusive or into the octet at a place.
    Octet { at: u16, with: u8 },
    /// A word at a place, as lengths and numbers are.
    Word { at: u16, value: u16 },
    /// Cuts the datagram.
    Truncate { to: u16 },
    /// Another header field: exchange type, flags or message ID.
    Header { field: u8, value: u8 },
    /// Removes a payload of the innermost chain.
    Remove { payload: u8 },
    /// Repeats a payload at the end.
    Repeat { payload: u8 },
    /// Puts one payload in the place of another.
    Swap { one: u8, other: u8 },
    /// Another type for a payload.
    Retype { payload: u8, kind: u8 },
    /// Exclusive or into an octet of a payload's body.
    Body { payload: u8, at: u8, with: u8 },
    /// Octets out of a payload's body, and others in.
    Splice {
        payload: u8,
        at: u8,
        out: u8,
        #[arbitrary(with = octets)]
        add: Vec<u8>,
    },
    /// A payload more.
    Add {
        kind: u8,
        #[arbitrary(with = octets)]
        body: Vec<u8>,
    },
}

/// The innermost chain of a message: type and body of each payload.
type Chain = Vec<(u8, Vec<u8>)>;

/// How messages are framed: IV and ICV octets of the cipher in use, and what padding fills up to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Framing {
    pub iv: usize,
    pub icv: usize,
    pub block: usize,
}

/// Applies `change` to a message without non-ESP marker.
pub(super) fn change(message: &mut Vec<u8>, change: &Change, framing: Framing) {
    let rebuild = |message: &mut Vec<u8>, edit: &dyn Fn(&mut Chain)| {
        if let Some((header, mut chain, sealed)) = take_apart(message, framing) {
            edit(&mut chain);
            *message = put_together(&header, &chain, sealed.then_some(framing));
        }
    };
    match change {
        Change::Octet { at, with } => {
            let at = usize::from(*at) % message.len().max(1);
            if let Some(octet) = message.get_mut(at) {
                *octet ^= with;
            }
        }
        Change::Word { at, value } => {
            let at = usize::from(*at) % message.len().max(1);
            if let Some(word) = message.get_mut(at..at + 2) {
                word.copy_from_slice(&value.to_be_bytes());
            }
        }
        Change::Truncate { to } => message.truncate(usize::from(*to)),
        Change::Header { field, value } => {
            // Exchange type, flags, the last octet of the message ID, the version.
            let at = [18, 19, 23, 17][usize::from(*field % 4)];
            if let Some(octet) = message.get_mut(at) {
                *octet = *value;
            }
        }
        Change::Remove { payload } => rebuild(message, &|chain| {
            if let Some(at) = pick(chain, *payload) {
                chain.remove(at);
            }
        }),
        Change::Repeat { payload } => rebuild(message, &|chain| {
            if let Some(at) = pick(chain, *payload) {
                chain.push(chain[at].clone());
            }
        }),
        Change::Swap { one, other } => rebuild(message, &|chain| {
            if let (Some(one), Some(other)) = (pick(chain, *one), pick(chain, *other)) {
                chain.swap(one, other);
            }
        }),
        Change::Retype { payload, kind } => rebuild(message, &|chain| {
            if let Some(at) = pick(chain, *payload) {
                chain[at].0 = likely_type(*kind);
            }
        }),
        Change::Body { payload, at, with } => rebuild(message, &|chain| {
            if let Some(payload) = pick(chain, *payload) {
                let body = &mut chain[payload].1;
                let at = usize::from(*at) % body.len().max(1);
                if let Some(octet) = body.get_mut(at) {
                    *octet ^= with;
                }
            }
        }),
        Change::Splice { payload, at, out, add } => rebuild(message, &|chain| {
            if let Some(payload) = pick(chain, *payload) {
                let body = &mut chain[payload].1;
                let at = usize::from(*at).min(body.len());
                let end = (at + usize::from(*out)).min(body.len());
                body.splice(at..end, add.iter().copied());
            }
        }),
        Change::Add { kind, body } => {
            rebuild(message, &|chain| chain.push((likely_type(*kind), body.clone())));
        }
    }
}

/// A message nobody sent, as the input says, with an Encrypted payload under the given SPIs.
pub(super) fn make_up(
    input: &mut Unstructured<'_>,
    spis: (IkeSpi, IkeSpi),
    framing: Framing,
) -> arbitrary::Result<Vec<u8>> {
    let exchange = *input.choose(&[
        ExchangeType::IKE_AUTH,
        ExchangeType::CREATE_CHILD_SA,
        ExchangeType::INFORMATIONAL,
        ExchangeType::IKE_SA_INIT,
        ExchangeType::IKE_INTERMEDIATE,
    ])?;
    let flags = input.arbitrary::<u8>()?;
    let flags = Flags { initiator: flags & 1 != 0, version: false, response: flags & 2 != 0 };
    let message_id = u32::from(input.arbitrary::<u8>()? & 0x1f);
    let header = Header::new(spis.0, spis.1, exchange, flags, message_id);
    let mut chain = Chain::new();
    for _ in 0..input.int_in_range(0..=6)? {
        chain.push((likely_type(input.arbitrary()?), octets(input)?));
    }
    let sealed = exchange != ExchangeType::IKE_SA_INIT;
    Ok(put_together(&header, &chain, sealed.then_some(framing)))
}

/// Octets behind their number, at most 255.
fn octets(input: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let length = usize::from(input.arbitrary::<u8>()?).min(input.len());
    input.bytes(length).map(<[u8]>::to_vec)
}

fn pick(chain: &Chain, choice: u8) -> Option<usize> {
    (!chain.is_empty()).then(|| usize::from(choice) % chain.len())
}

/// Three in four choices are types IKE knows.
fn likely_type(choice: u8) -> u8 {
    if choice < 64 { choice.wrapping_mul(4) } else { PayloadType::SA.0 + choice % 21 }
}

/// Header, payloads, and whether they stood in an Encrypted payload. `None` for fragments and what is no message.
fn take_apart(message: &[u8], framing: Framing) -> Option<(Header, Chain, bool)> {
    let header = Header::parse(message).ok()?;
    let body = message.get(Header::LEN..)?;
    if header.next_payload != PayloadType::SK {
        return Some((header, read_chain(header.next_payload, body)?, false));
    }
    let first = PayloadType(*body.first()?);
    let inner = body.get(GENERIC_HEADER_LEN + framing.iv..body.len().checked_sub(framing.icv)?)?;
    let (padding, inner) = inner.split_last()?;
    let inner = inner.get(..inner.len().checked_sub(usize::from(*padding))?)?;
    Some((header, read_chain(first, inner)?, true))
}

fn read_chain(first: PayloadType, octets: &[u8]) -> Option<Chain> {
    PayloadChain::new(first, Reader::new(octets))
        .map(|raw| {
            let mut raw = raw.ok()?;
            Some((raw.payload_type.0, raw.body.take_rest().to_vec()))
        })
        .collect()
}

/// A message of `chain`, sealed if there is a framing.
fn put_together(header: &Header, chain: &Chain, framing: Option<Framing>) -> Vec<u8> {
    let mut inner = Vec::new();
    for (at, (_, body)) in chain.iter().enumerate() {
        inner.push(chain.get(at + 1).map_or(0, |(kind, _)| *kind));
        inner.push(0);
        inner.extend(low_u16(GENERIC_HEADER_LEN + body.len()));
        inner.extend_from_slice(body);
    }
    let first = chain.first().map_or(0, |(kind, _)| *kind);
    let mut message = vec![0; Header::LEN];
    message[..8].copy_from_slice(&header.initiator_spi.0);
    message[8..16].copy_from_slice(&header.responder_spi.0);
    message[17] = 0x20;
    message[18] = header.exchange.0;
    message[19] = u8::from(header.flags.initiator) << 3 | u8::from(header.flags.response) << 5;
    message[20..24].copy_from_slice(&header.message_id.to_be_bytes());
    match framing {
        None => {
            message[16] = first;
            message.extend(inner);
        }
        Some(framing) => {
            message[16] = PayloadType::SK.0;
            let padding = (inner.len() + 1).next_multiple_of(framing.block) - inner.len() - 1;
            let length = GENERIC_HEADER_LEN + framing.iv + inner.len() + padding + 1 + framing.icv;
            message.extend([first, 0]);
            message.extend(low_u16(length));
            message.extend(vec![0; framing.iv]);
            message.extend(inner);
            message.extend(vec![0; padding]);
            message.push(padding as u8);
            message.extend(vec![0; framing.icv]);
        }
    }
    let length = (message.len() as u32).to_be_bytes();
    message[24..28].copy_from_slice(&length);
    message
}

fn low_u16(length: usize) -> [u8; 2] {
    (length as u16).to_be_bytes()
}
