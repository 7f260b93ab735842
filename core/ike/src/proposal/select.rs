//! The responder's choice (RFC 7296 2.7, 3.3.6).

use adit_crypto::{CipherSpec, CryptoProvider, DhGroup, EncrId, IntegId, PrfId};

use super::configured::{EspProposal, IkeProposal, encryption_transform, takes_key_length};
use super::mismatch::{Mismatch, MismatchReason};
use super::suite::{EspSuite, IkeSuite};
use crate::wire::{Proposal, ProtocolId, SecurityAssociation, Transform, TransformType};

/// A suite and the proposal it stands in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Selected<S> {
    /// The algorithms.
    pub suite: S,
    /// The peer's proposal, cut down to the chosen transforms, with its number and the peer's SPI.
    pub proposal: Proposal,
}

impl<S> Selected<S> {
    /// The SA payload that answers with this choice; `spi` is ours, of the same length as the peer's.
    #[must_use]
    pub fn answer(&self, spi: &[u8]) -> SecurityAssociation {
        let proposal = Proposal { spi: spi.to_vec(), ..self.proposal.clone() };
        SecurityAssociation { proposals: vec![proposal] }
    }
}

/// Chooses a suite for an IKE SA.
///
/// Our order decides, with one exception: among what one of our proposals allows, the group of the KE payload
/// that came with the offer is preferred, because another one costs a round trip with INVALID_KE_PAYLOAD. If
/// the suite's group is not `sent_group`, that is what the caller answers.
///
/// Algorithms that `provider` lacks are never chosen.
///
/// # Errors
/// [`Mismatch`]: answer NO_PROPOSAL_CHOSEN.
pub fn select_ike(
    offer: &SecurityAssociation,
    ours: &[IkeProposal],
    provider: &CryptoProvider,
    sent_group: Option<DhGroup>,
) -> Result<Selected<IkeSuite>, Mismatch> {
    let wanted = || ours.iter().map(ToString::to_string).collect();
    let candidates = candidates(offer, ProtocolId::IKE, wanted)?;
    let mut closest = Closest::default();
    for our in ours {
        let our = our.supported_by(provider);
        for groups in preferred_groups(&our.groups, sent_group.unwrap_or(DhGroup::NONE)) {
            for cipher in &our.ciphers {
                for candidate in &candidates {
                    let prf = our.prfs.iter().find(|prf| candidate.has(TransformType::PRF, prf.0));
                    let usable = |group: &&DhGroup| **group != DhGroup::NONE && candidate.has_group(**group);
                    let group = groups.iter().find(usable);
                    let has_cipher = candidate.has_cipher(*cipher);
                    if let (true, Some(prf), Some(group)) = (has_cipher, prf, group) {
                        let suite = IkeSuite { cipher: *cipher, prf: *prf, group: *group };
                        return Ok(candidate.ike(suite));
                    }
                    closest.note(&[
                        (candidate.has_encryption(*cipher), TransformType::ENCR),
                        (candidate.has_integrity(*cipher), TransformType::INTEG),
                        (prf.is_some(), TransformType::PRF),
                        (group.is_some(), TransformType::KE),
                    ]);
                }
            }
        }
    }
    Err(Mismatch::new(MismatchReason::NothingInCommon(closest.missing()), offer, wanted()))
}

/// Chooses a suite for a Child SA; [`select_ike`] says how.
///
/// `sent_group` is the group of the KE payload of CREATE_CHILD_SA, `None` without one. For the Child SA made
/// by IKE_AUTH pass proposals [`EspProposal::without_key_exchange`]; key exchange transforms that a peer
/// offers there all the same are left aside (`first_child`).
///
/// # Errors
/// [`Mismatch`]: answer NO_PROPOSAL_CHOSEN.
pub fn select_esp(
    offer: &SecurityAssociation,
    ours: &[EspProposal],
    provider: &CryptoProvider,
    sent_group: Option<DhGroup>,
    first_child: bool,
) -> Result<Selected<EspSuite>, Mismatch> {
    let wanted = || ours.iter().map(ToString::to_string).collect();
    let mut offered = offer.clone();
    if first_child {
        for proposal in &mut offered.proposals {
            proposal.transforms.retain(|transform| transform.transform_type != TransformType::KE);
        }
    }
    let candidates = candidates(&offered, ProtocolId::ESP, wanted)?;
    let mut closest = Closest::default();
    for our in ours {
        let our = our.supported_by(provider);
        for groups in preferred_groups(our.groups(), sent_group.unwrap_or(DhGroup::NONE)) {
            for cipher in &our.ciphers {
                for candidate in &candidates {
                    let group = groups.iter().find(|group| candidate.has_group(**group));
                    let esn = our.esn().iter().find(|esn| candidate.has(TransformType::ESN, (**esn).into()));
                    if let (true, Some(group), Some(esn)) = (candidate.has_cipher(*cipher), group, esn) {
                        let suite = EspSuite { cipher: *cipher, group: *group, esn: *esn };
                        return Ok(candidate.esp(suite));
                    }
                    closest.note(&[
                        (candidate.has_encryption(*cipher), TransformType::ENCR),
                        (candidate.has_integrity(*cipher), TransformType::INTEG),
                        (group.is_some(), TransformType::KE),
                        (esn.is_some(), TransformType::ESN),
                    ]);
                }
            }
        }
    }
    Err(Mismatch::new(MismatchReason::NothingInCommon(closest.missing()), offer, wanted()))
}

/// First only the group that was sent, then all of them.
fn preferred_groups(groups: &[DhGroup], sent: DhGroup) -> [Vec<DhGroup>; 2] {
    [groups.iter().copied().filter(|group| *group == sent).collect(), groups.to_vec()]
}

/// A proposal of the peer's as far as it is understood.
#[derive(Debug)]
struct Candidate<'a> {
    proposal: &'a Proposal,
    /// Its transforms without those whose attributes we do not understand.
    transforms: Vec<&'a Transform>,
}

fn candidates<'a>(
    offer: &'a SecurityAssociation,
    protocol: ProtocolId,
    wanted: impl Fn() -> Vec<String>,
) -> Result<Vec<Candidate<'a>>, Mismatch> {
    // RFC 7296 3.3.1: the first is 1. That the others follow in order is checked when the payload is read.
    if offer.proposals.first().is_some_and(|first| first.number != 1) {
        return Err(Mismatch::new(MismatchReason::Numbering, offer, wanted()));
    }
    let proposals = offer.proposals.iter().filter(|proposal| proposal.protocol == protocol);
    Ok(proposals.filter_map(Candidate::new).collect())
}

impl<'a> Candidate<'a> {
    /// `None` if a transform type is not known for the protocol: then the whole proposal is unacceptable
    /// (RFC 7296 3.3.6).
    fn new(proposal: &'a Proposal) -> Option<Self> {
        let known = |transform_type| match transform_type {
            TransformType::ENCR | TransformType::INTEG | TransformType::KE => true,
            TransformType::PRF => proposal.protocol == ProtocolId::IKE,
            TransformType::ESN => proposal.protocol == ProtocolId::ESP,
            _ => false,
        };
        if !proposal.transforms.iter().all(|transform| known(transform.transform_type)) {
            return None;
        }
        let transforms = proposal.transforms.iter().filter(|transform| is_understood(transform)).collect();
        Some(Self { proposal, transforms })
    }

    fn of(&self, transform_type: TransformType) -> impl Iterator<Item = &'a Transform> {
        self.transforms.iter().copied().filter(move |transform| transform.transform_type == transform_type)
    }

    fn find(&self, wanted: &Transform) -> Option<&'a Transform> {
        self.transforms.iter().copied().find(|transform| *transform == wanted)
    }

    fn has(&self, transform_type: TransformType, id: u16) -> bool {
        self.of(transform_type).any(|transform| transform.id == id)
    }

    fn offers_any(&self, transform_type: TransformType) -> bool {
        self.proposal.transforms_of(transform_type).next().is_some()
    }

    /// True if the group may be chosen; leaving the key exchange out may be if there is no transform for it
    /// or one that says so.
    fn has_group(&self, group: DhGroup) -> bool {
        self.has(TransformType::KE, group.0)
            || (group == DhGroup::NONE && !self.offers_any(TransformType::KE))
    }

    fn has_cipher(&self, cipher: CipherSpec) -> bool {
        self.has_encryption(cipher) && self.has_integrity(cipher)
    }

    fn has_encryption(&self, cipher: CipherSpec) -> bool {
        self.find(&encryption_transform(cipher)).is_some()
    }

    /// True if the integrity transforms allow the cipher: its own, or for an AEAD none at all or "none"
    /// (RFC 5282 8).
    fn has_integrity(&self, cipher: CipherSpec) -> bool {
        self.has(TransformType::INTEG, cipher.integ.0)
            || (cipher.is_aead() && !self.offers_any(TransformType::INTEG))
    }

    fn ike(&self, suite: IkeSuite) -> Selected<IkeSuite> {
        let transforms = [
            Some(encryption_transform(suite.cipher)),
            self.integrity(suite.cipher),
            Some(Transform::new(TransformType::PRF, suite.prf.0)),
            Some(Transform::new(TransformType::KE, suite.group.0)),
        ];
        self.selected(suite, transforms.into_iter().flatten().collect())
    }

    fn esp(&self, suite: EspSuite) -> Selected<EspSuite> {
        let ke = self.offers_any(TransformType::KE).then(|| Transform::new(TransformType::KE, suite.group.0));
        let transforms = [
            Some(encryption_transform(suite.cipher)),
            self.integrity(suite.cipher),
            ke,
            Some(Transform::new(TransformType::ESN, suite.esn.into())),
        ];
        self.selected(suite, transforms.into_iter().flatten().collect())
    }

    fn integrity(&self, cipher: CipherSpec) -> Option<Transform> {
        self.offers_any(TransformType::INTEG).then(|| Transform::new(TransformType::INTEG, cipher.integ.0))
    }

    fn selected<S>(&self, suite: S, transforms: Vec<Transform>) -> Selected<S> {
        let Proposal { number, protocol, ref spi, .. } = *self.proposal;
        Selected { suite, proposal: Proposal { number, protocol, spi: spi.clone(), transforms } }
    }
}

/// True if the transform's attributes are those its algorithm has: a Key Length where one belongs, and
/// nothing else.
pub(super) fn is_understood(transform: &Transform) -> bool {
    match (transform.transform_type, transform.key_length()) {
        (TransformType::ENCR, Ok(bits)) => bits.is_some() == takes_key_length(EncrId(transform.id)),
        (_, Ok(bits)) => bits.is_none(),
        (_, Err(_)) => false,
    }
}

/// The cipher that an encryption and an integrity transform make. `None` if they do not fit together.
pub(super) fn cipher_of(encr: &Transform, integ: Option<&Transform>) -> Option<CipherSpec> {
    let key_bits = encr.key_length().ok()?.unwrap_or(0);
    let integ = integ.map_or(IntegId::NONE, |transform| IntegId(transform.id));
    let spec = CipherSpec { encr: EncrId(encr.id), key_bits, integ };
    (spec.is_aead() == (integ == IntegId::NONE)).then_some(spec)
}

/// The PRF a transform names.
pub(super) const fn prf_of(transform: &Transform) -> PrfId {
    PrfId(transform.id)
}

/// Remembers the fewest kinds in which a pair of proposals differs.
#[derive(Default)]
struct Closest(Option<Vec<TransformType>>);

impl Closest {
    fn note(&mut self, kinds: &[(bool, TransformType)]) {
        let missing: Vec<_> = kinds.iter().filter(|(found, _)| !found).map(|(_, kind)| *kind).collect();
        let closer = self.0.as_ref().is_none_or(|best| missing.len() < best.len());
        if closer && !missing.is_empty() {
            self.0 = Some(missing);
        }
    }

    fn missing(self) -> Vec<TransformType> {
        self.0.unwrap_or_default()
    }
}
