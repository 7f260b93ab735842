//! What an answer to IKE_SA_INIT says.

use adit_crypto::{DhGroup, HashId};

use crate::event::Path;
use crate::proposal::{IkeSuite, accept_ike};
use crate::session::context::Context;
use crate::session::init::PeerSupport;
use crate::session::parts::Parts;
use crate::wire::{Header, NotifyType, Proposal, SecurityAssociation, Transform, TransformType};

/// A server's answer that takes the proposal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SaInitAnswer {
    /// What it chose.
    pub suite: IkeSuite,
    /// The additional key exchanges it chose, in order; empty when none was offered.
    pub additional: Vec<Additional>,
    /// What it says of itself.
    pub support: ServerSupport,
}

/// An additional key exchange (RFC 9370 2.2.1) in an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Additional {
    /// Its place, 1 to 7.
    pub place: u8,
    /// The method; 0 is "none".
    pub method: u16,
}

/// What a server announces in IKE_SA_INIT, and what NAT detection shows. Unauthenticated.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerSupport {
    /// It takes part in NAT detection, so ESP can go in UDP (RFC 7296 2.23).
    pub nat_traversal: bool,
    /// An address translator stands in front of us.
    pub local_nat: bool,
    /// An address translator stands in front of the server, or it says so to force ESP into UDP.
    pub remote_nat: bool,
    /// IKEV2_FRAGMENTATION_SUPPORTED (RFC 7383 2.3).
    pub fragmentation: bool,
    /// SIGNATURE_HASH_ALGORITHMS (RFC 7427 4); `None`: it announced none.
    pub signature_hashes: Option<Vec<HashId>>,
    /// INTERMEDIATE_EXCHANGE_SUPPORTED (RFC 9242 3.1), which it sends only when asked.
    pub intermediate: bool,
    /// USE_PPK (RFC 8784 3), which it sends only when asked.
    pub ppk: bool,
    /// CHILDLESS_IKEV2_SUPPORTED (RFC 6023 3).
    pub childless: bool,
    /// MULTIPLE_AUTH_SUPPORTED (RFC 4739 3.1).
    pub multiple_authentication: bool,
}

/// Why an answer is none.
pub(super) enum Refused {
    Protocol(String),
    NotOffered(String),
}

/// Reads an answer without an error notify against what was offered.
pub(super) fn read(
    cx: &Context,
    parts: &Parts,
    path: Path,
    header: &Header,
    offer: &SecurityAssociation,
    group: DhGroup,
) -> Result<SaInitAnswer, Refused> {
    let (Some(sa), Some(ke), Some(_)) = (&parts.sa, &parts.ke, &parts.nonce) else {
        return Err(Refused::Protocol("SA, KE or Nonce payload missing".into()));
    };
    if header.responder_spi.is_zero() {
        return Err(Refused::Protocol("the responder's SPI is zero".into()));
    }
    let additional = additional(sa, offer)?;
    let plain = accept_ike(&without_additional(sa), &without_additional(offer))
        .map_err(|mismatch| Refused::NotOffered(mismatch.to_string()))?;
    if ke.group != plain.suite.group || ke.group != group {
        return Err(Refused::Protocol("the KE payload does not fit the proposal".into()));
    }
    let support = PeerSupport::read(cx, parts, path, header.initiator_spi, header.responder_spi);
    Ok(SaInitAnswer {
        suite: plain.suite,
        additional,
        support: ServerSupport {
            nat_traversal: support.nat_traversal,
            local_nat: support.local_nat,
            remote_nat: support.remote_nat,
            fragmentation: support.fragmentation,
            signature_hashes: support.hashes,
            intermediate: parts.has(NotifyType::INTERMEDIATE_EXCHANGE_SUPPORTED),
            ppk: parts.has(NotifyType::USE_PPK),
            childless: parts.has(NotifyType::CHILDLESS_IKEV2_SUPPORTED),
            multiple_authentication: parts.has(NotifyType::MULTIPLE_AUTH_SUPPORTED),
        },
    })
}

/// RFC 9370 2.2.2: one transform of each additional type that was offered.
fn additional(sa: &SecurityAssociation, offer: &SecurityAssociation) -> Result<Vec<Additional>, Refused> {
    let (Some(chosen), Some(offered)) = (sa.proposals.first(), offer.proposals.first()) else {
        return Err(Refused::Protocol("an SA payload without a proposal".into()));
    };
    let mut found = Vec::new();
    for (place, kind) in (1_u8..=7).zip(6_u8..) {
        let ours = of(offered, kind);
        match (ours.is_empty(), of(chosen, kind).as_slice()) {
            (true, []) => {}
            // The types may be left out where "none" was offered.
            (false, []) if ours.iter().any(|transform| transform.id == 0) => {
                found.push(Additional { place, method: 0 });
            }
            (false, []) => {
                let detail = format!("additional key exchange {place} was offered and is not in the answer");
                return Err(Refused::Protocol(detail));
            }
            (_, [one]) if ours.contains(one) => found.push(Additional { place, method: one.id }),
            (_, _) => {
                return Err(Refused::NotOffered(format!("another additional key exchange {place}")));
            }
        }
    }
    Ok(found)
}

fn of(proposal: &Proposal, kind: u8) -> Vec<&Transform> {
    proposal.transforms_of(TransformType(kind)).collect()
}

fn without_additional(sa: &SecurityAssociation) -> SecurityAssociation {
    let mut plain = sa.clone();
    for proposal in &mut plain.proposals {
        proposal.transforms.retain(|transform| !(6..=12).contains(&transform.transform_type.0));
    }
    plain
}
