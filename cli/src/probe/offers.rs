//! The profile's proposals as the engine offers them, one by one.

use adit_crypto::{CipherSpec, CryptoProvider, DhGroup, EncrId, IntegId, PrfId};
use adit_ike::proposal::{EspProposal, IkeProposal};
use adit_profile::explain::{Proposal, Transform};

/// An IKE proposal that can be asked about.
pub struct IkeOffer {
    /// What the engine runs of it.
    pub proposal: IkeProposal,
    /// Additional key exchanges, offered and not run.
    pub additional: Vec<u16>,
}

/// The proposal, or what this engine lacks for it.
pub fn ike(proposal: &Proposal, provider: &CryptoProvider) -> Result<IkeOffer, String> {
    let missing = missing(proposal, provider);
    if !missing.is_empty() {
        return Err(missing.join(", "));
    }
    let group = first(proposal, 4).map_or(DhGroup::NONE, DhGroup);
    let proposal_of = IkeProposal {
        ciphers: vec![cipher(proposal)],
        prfs: first(proposal, 2).map(PrfId).into_iter().collect(),
        groups: vec![group],
    };
    let additional = proposal.transforms.iter().filter(|one| (6..=12).contains(&one.kind)).map(|one| one.id);
    Ok(IkeOffer { proposal: proposal_of, additional: additional.collect() })
}

/// The Child SA's proposal, or what this engine lacks for it.
pub fn child(proposal: &Proposal, provider: &CryptoProvider) -> Result<EspProposal, String> {
    let mut missing = missing(proposal, provider);
    if proposal.transforms.iter().any(|one| (6..=12).contains(&one.kind) && one.id != 0) {
        missing.push("additional key exchanges in rekeys (IKE_FOLLOWUP_KE)".into());
    }
    if !missing.is_empty() {
        return Err(missing.join(", "));
    }
    let groups = first(proposal, 4).map(DhGroup).into_iter().collect();
    Ok(EspProposal { ciphers: vec![cipher(proposal)], groups, esn: vec![false] })
}

fn missing(proposal: &Proposal, provider: &CryptoProvider) -> Vec<String> {
    let lacks = |kind: u8, id: u16| match kind {
        1 => provider.cipher(cipher(proposal)).is_none(),
        2 => provider.prf(PrfId(id)).is_none(),
        4 => provider.key_exchange(DhGroup(id)).is_none(),
        _ => false,
    };
    let integrity = proposal.transforms.iter().find(|one| one.kind == 3);
    let words = |one: &Transform| match (one.kind, integrity) {
        (4, _) => format!("group {} ({})", one.id, one.name),
        (1, Some(integrity)) => format!("{} with {}", one.name, integrity.name),
        _ => one.name.to_owned(),
    };
    proposal.transforms.iter().filter(|one| lacks(one.kind, one.id)).map(words).collect()
}

fn cipher(proposal: &Proposal) -> CipherSpec {
    let encryption = proposal.transforms.iter().find(|one| one.kind == 1);
    CipherSpec {
        encr: EncrId(encryption.map_or(0, |one| one.id)),
        key_bits: encryption.and_then(|one| one.key_bits).unwrap_or(0),
        integ: first(proposal, 3).map_or(IntegId::NONE, IntegId),
    }
}

fn first(proposal: &Proposal, kind: u8) -> Option<u16> {
    proposal.transforms.iter().find(|one| one.kind == kind).map(|one| one.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(transforms: &[(u8, u16, Option<u16>)]) -> Proposal {
        let one =
            |&(kind, id, key_bits): &(u8, u16, Option<u16>)| Transform { kind, id, key_bits, name: "it" };
        Proposal { transforms: transforms.iter().map(one).collect() }
    }

    #[test]
    fn what_the_engine_lacks_is_named_and_the_rest_becomes_an_offer() {
        let provider = adit_crypto::default_provider();
        let good = proposal(&[
            (1, 12, Some(256)),
            (2, 5, None),
            (3, 12, None),
            (4, 19, None),
            (6, 36, None),
            (7, 0, None),
        ]);
        let offer = ike(&good, &provider).unwrap_or_else(|missing| panic!("{missing}"));
        assert_eq!(offer.additional, [36, 0]);
        assert_eq!(offer.proposal.to_string(), "AES-CBC-256/HMAC-SHA2-256-128; PRF HMAC-SHA2-256; ECP-256");
        for (place, wrong) in
            [(0, (1, 3, None)), (0, (1, 2, None)), (3, (4, 17, None)), (3, (4, 2, None)), (3, (4, 32, None))]
        {
            let mut transforms = vec![(1, 12, Some(256)), (2, 5, None), (3, 12, None), (4, 19, None)];
            transforms[place] = wrong;
            assert!(ike(&proposal(&transforms), &provider).is_err(), "{wrong:?}");
        }
        let esp = child(&proposal(&[(1, 20, Some(128)), (4, 31, None), (5, 0, None)]), &provider).unwrap();
        assert_eq!(esp.to_string(), "AES-GCM-16-128; PFS Curve25519");
        assert!(child(&proposal(&[(1, 20, Some(128)), (4, 31, None), (6, 36, None)]), &provider).is_err());
    }
}
