//! The initiator's check of the answer (RFC 7296 2.7).

use adit_crypto::DhGroup;

use super::mismatch::{Mismatch, MismatchReason};
use super::names::describe_proposal;
use super::select::{Selected, cipher_of, is_understood, prf_of};
use super::suite::{EspSuite, IkeSuite};
use crate::wire::{Proposal, ProtocolId, SecurityAssociation, Transform, TransformType};

/// Checks the answer to an offer for an IKE SA.
///
/// # Errors
/// [`Mismatch`] unless it is one proposal that picks exactly one transform of each kind from the proposal of
/// ours with its number.
pub fn accept_ike(
    answer: &SecurityAssociation,
    offer: &SecurityAssociation,
) -> Result<Selected<IkeSuite>, Mismatch> {
    let answer = Answer::new(answer, offer, ProtocolId::IKE)?;
    let encr = answer.one(TransformType::ENCR)?;
    let integ = answer.at_most_one(TransformType::INTEG)?;
    let prf = answer.one(TransformType::PRF)?;
    let ke = answer.one(TransformType::KE)?;
    let cipher = cipher_of(encr, integ)
        .ok_or_else(|| answer.mismatch(MismatchReason::NotOneAlgorithm(TransformType::INTEG)))?;
    let suite = IkeSuite { cipher, prf: prf_of(prf), group: DhGroup(ke.id) };
    Ok(Selected { suite, proposal: answer.proposal.clone() })
}

/// Checks the answer to an offer for a Child SA.
///
/// # Errors
/// As [`accept_ike`].
pub fn accept_esp(
    answer: &SecurityAssociation,
    offer: &SecurityAssociation,
) -> Result<Selected<EspSuite>, Mismatch> {
    let answer = Answer::new(answer, offer, ProtocolId::ESP)?;
    let encr = answer.one(TransformType::ENCR)?;
    let integ = answer.at_most_one(TransformType::INTEG)?;
    let esn = answer.one(TransformType::ESN)?;
    let ke = if answer.was_offered(TransformType::KE) {
        Some(answer.one(TransformType::KE)?)
    } else {
        answer.at_most_one(TransformType::KE)?
    };
    let cipher = cipher_of(encr, integ)
        .ok_or_else(|| answer.mismatch(MismatchReason::NotOneAlgorithm(TransformType::INTEG)))?;
    let group = ke.map_or(DhGroup::NONE, |ke| DhGroup(ke.id));
    let suite = EspSuite { cipher, group, esn: esn.id == 1 };
    Ok(Selected { suite, proposal: answer.proposal.clone() })
}

/// An answer whose transforms are all from the proposal it names.
struct Answer<'a> {
    payload: &'a SecurityAssociation,
    proposal: &'a Proposal,
    offer: &'a SecurityAssociation,
    offered: &'a Proposal,
}

impl<'a> Answer<'a> {
    fn new(
        payload: &'a SecurityAssociation,
        offer: &'a SecurityAssociation,
        protocol: ProtocolId,
    ) -> Result<Self, Mismatch> {
        let [proposal] = payload.proposals.as_slice() else {
            let reason = MismatchReason::NotOneProposal(payload.proposals.len());
            return Err(Mismatch::new(reason, payload, lines(offer)));
        };
        let names = |ours: &&Proposal| {
            ours.number == proposal.number
                && ours.protocol == protocol
                && ours.protocol == proposal.protocol
                && ours.spi.len() == proposal.spi.len()
        };
        let Some(offered) = offer.proposals.iter().find(names) else {
            return Err(Mismatch::new(MismatchReason::NotAnAnswer, payload, lines(offer)));
        };
        let answer = Self { payload, proposal, offer, offered };
        for transform in &proposal.transforms {
            // Saying "none" where nothing was offered changes nothing, and some peers do.
            let says_none = transform.id == 0
                && matches!(transform.transform_type, TransformType::INTEG | TransformType::KE)
                && !answer.was_offered(transform.transform_type);
            let was_offered = offered.transforms.contains(transform) && is_understood(transform);
            if !was_offered && !says_none {
                return Err(answer.mismatch(MismatchReason::NotOffered(transform.transform_type)));
            }
        }
        Ok(answer)
    }

    fn was_offered(&self, transform_type: TransformType) -> bool {
        self.offered.transforms_of(transform_type).next().is_some()
    }

    fn at_most_one(&self, transform_type: TransformType) -> Result<Option<&'a Transform>, Mismatch> {
        let mut transforms = self.proposal.transforms_of(transform_type);
        match (transforms.next(), transforms.next()) {
            (transform, None) => Ok(transform),
            _ => Err(self.mismatch(MismatchReason::NotOneAlgorithm(transform_type))),
        }
    }

    fn one(&self, transform_type: TransformType) -> Result<&'a Transform, Mismatch> {
        self.at_most_one(transform_type)?
            .ok_or_else(|| self.mismatch(MismatchReason::NotOneAlgorithm(transform_type)))
    }

    fn mismatch(&self, reason: MismatchReason) -> Mismatch {
        Mismatch::new(reason, self.payload, lines(self.offer))
    }
}

fn lines(offer: &SecurityAssociation) -> Vec<String> {
    offer.proposals.iter().map(describe_proposal).collect()
}
