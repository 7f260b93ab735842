//! Proposals as configured, and what they look like on the wire.

use std::fmt;

use adit_crypto::{CipherSpec, CryptoProvider, DhGroup, EncrId, IntegId, PrfId};

use super::names::join;
use crate::wire::{Proposal, ProtocolId, SecurityAssociation, Transform, TransformType};

/// What may be negotiated for an IKE SA. Every cipher goes with every PRF and every group; for other
/// combinations configure several proposals. Each list is in order of preference and not empty.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IkeProposal {
    /// Ciphers, each with its integrity algorithm.
    pub ciphers: Vec<CipherSpec>,
    /// Pseudorandom functions.
    pub prfs: Vec<PrfId>,
    /// Groups, none of them [`DhGroup::NONE`].
    pub groups: Vec<DhGroup>,
}

/// What may be negotiated for a Child SA. As [`IkeProposal`], each list in order of preference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EspProposal {
    /// Ciphers, each with its integrity algorithm; not empty.
    pub ciphers: Vec<CipherSpec>,
    /// Groups of a key exchange of its own (PFS). [`DhGroup::NONE`] among them: it may be left out. Empty
    /// means no key exchange, as does NONE alone. Not used for the Child SA made by IKE_AUTH.
    pub groups: Vec<DhGroup>,
    /// Whether to use extended sequence numbers: `[false]`, `[true]`, or both in order of preference. Empty
    /// counts as `[false]`.
    pub esn: Vec<bool>,
}

impl IkeProposal {
    /// The same without algorithms that `provider` lacks.
    #[must_use]
    pub fn supported_by(&self, provider: &CryptoProvider) -> Self {
        Self {
            ciphers: supported_ciphers(&self.ciphers, provider),
            prfs: self.prfs.iter().copied().filter(|prf| provider.prf(*prf).is_some()).collect(),
            groups: supported_groups(&self.groups, provider),
        }
    }

    /// True if some suite can come of it.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.ciphers.is_empty() && !self.prfs.is_empty() && !self.groups.is_empty()
    }
}

impl EspProposal {
    /// The same without algorithms that `provider` lacks.
    #[must_use]
    pub fn supported_by(&self, provider: &CryptoProvider) -> Self {
        Self {
            ciphers: supported_ciphers(&self.ciphers, provider),
            groups: supported_groups(&self.groups, provider),
            esn: self.esn.clone(),
        }
    }

    /// The same for IKE_AUTH, whose Child SA takes its keys from the key exchange of IKE_SA_INIT
    /// (RFC 7296 1.2).
    #[must_use]
    pub fn without_key_exchange(&self) -> Self {
        Self { groups: Vec::new(), ..self.clone() }
    }

    /// Groups in order; NONE alone if none is configured.
    pub(super) fn groups(&self) -> &[DhGroup] {
        if self.groups.is_empty() { &[DhGroup::NONE] } else { &self.groups }
    }

    /// ESN options in order.
    pub(super) fn esn(&self) -> &[bool] {
        if self.esn.is_empty() { &[false] } else { &self.esn }
    }
}

impl fmt::Display for IkeProposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; PRF {}; {}", join(&self.ciphers), join(&self.prfs), join(&self.groups))
    }
}

impl fmt::Display for EspProposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", join(&self.ciphers))?;
        match self.groups() {
            [DhGroup::NONE] => {}
            groups => write!(f, "; PFS {}", join(groups))?,
        }
        match self.esn() {
            [true] => f.write_str("; ESN"),
            [false] => Ok(()),
            _ => f.write_str("; with or without ESN"),
        }
    }
}

/// The SA payload that offers `proposals` for an IKE SA. `spi` is empty in IKE_SA_INIT and our new SPI when
/// rekeying.
///
/// Ciphers that do not share an integrity algorithm go into proposals of their own, so that exactly the
/// configured combinations are offered; an AEAD needs a proposal without integrity anyway (RFC 7296 3.3,
/// RFC 5282 8).
#[must_use]
pub fn offer_ike(proposals: &[IkeProposal], spi: &[u8]) -> SecurityAssociation {
    let bodies = proposals.iter().flat_map(|proposal| {
        let prfs = proposal.prfs.iter().map(|prf| Transform::new(TransformType::PRF, prf.0));
        let groups = proposal.groups.iter().map(|group| Transform::new(TransformType::KE, group.0));
        let tail: Vec<_> = prfs.chain(groups).collect();
        cipher_runs(&proposal.ciphers, tail)
    });
    numbered(ProtocolId::IKE, spi, bodies)
}

/// The SA payload that offers `proposals` for a Child SA with ESP, in which we receive under `spi`.
#[must_use]
pub fn offer_esp(proposals: &[EspProposal], spi: u32) -> SecurityAssociation {
    let bodies = proposals.iter().flat_map(|proposal| {
        let groups = match proposal.groups() {
            [DhGroup::NONE] => &[],
            groups => groups,
        };
        let groups = groups.iter().map(|group| Transform::new(TransformType::KE, group.0));
        let esn = proposal.esn().iter().map(|esn| Transform::new(TransformType::ESN, (*esn).into()));
        cipher_runs(&proposal.ciphers, groups.chain(esn).collect())
    });
    numbered(ProtocolId::ESP, &spi.to_be_bytes(), bodies)
}

/// The groups among `proposals` that a KE payload can be of, each once, in order of preference.
#[must_use]
pub fn ike_groups(proposals: &[IkeProposal]) -> Vec<DhGroup> {
    distinct(proposals.iter().flat_map(|proposal| &proposal.groups))
}

/// The groups among `proposals` that a KE payload can be of, each once, in order of preference; empty if a
/// key exchange is never wanted.
#[must_use]
pub fn esp_groups(proposals: &[EspProposal]) -> Vec<DhGroup> {
    distinct(proposals.iter().flat_map(|proposal| &proposal.groups))
}

fn distinct<'a>(groups: impl Iterator<Item = &'a DhGroup>) -> Vec<DhGroup> {
    let mut out = Vec::new();
    for group in groups {
        if *group != DhGroup::NONE && !out.contains(group) {
            out.push(*group);
        }
    }
    out
}

/// The transform for an encryption algorithm.
pub(super) fn encryption_transform(spec: CipherSpec) -> Transform {
    if spec.key_bits == 0 {
        Transform::new(TransformType::ENCR, spec.encr.0)
    } else {
        Transform::with_key_length(TransformType::ENCR, spec.encr.0, spec.key_bits)
    }
}

/// True if the Key Length attribute belongs to this algorithm (RFC 7296 3.3.5).
pub(super) const fn takes_key_length(encr: EncrId) -> bool {
    !matches!(encr, EncrId::DES | EncrId::TRIPLE_DES | EncrId::NULL | EncrId::CHACHA20_POLY1305)
}

/// One list of transforms for each run of ciphers with the same integrity algorithm.
fn cipher_runs(ciphers: &[CipherSpec], tail: Vec<Transform>) -> Vec<Vec<Transform>> {
    ciphers
        .chunk_by(|a, b| a.integ == b.integ && a.is_aead() == b.is_aead())
        .map(|run| {
            let integ = run.first().map_or(IntegId::NONE, |spec| spec.integ);
            let integ = (integ != IntegId::NONE).then(|| Transform::new(TransformType::INTEG, integ.0));
            run.iter()
                .map(|spec| encryption_transform(*spec))
                .chain(integ)
                .chain(tail.iter().cloned())
                .collect()
        })
        .collect()
}

fn numbered(
    protocol: ProtocolId,
    spi: &[u8],
    bodies: impl Iterator<Item = Vec<Transform>>,
) -> SecurityAssociation {
    let proposals = (1..=u8::MAX)
        .zip(bodies)
        .map(|(number, transforms)| Proposal { number, protocol, spi: spi.to_vec(), transforms })
        .collect();
    SecurityAssociation { proposals }
}

fn supported_ciphers(ciphers: &[CipherSpec], provider: &CryptoProvider) -> Vec<CipherSpec> {
    ciphers.iter().copied().filter(|spec| provider.cipher(*spec).is_some()).collect()
}

fn supported_groups(groups: &[DhGroup], provider: &CryptoProvider) -> Vec<DhGroup> {
    let usable = |group: &DhGroup| *group == DhGroup::NONE || provider.key_exchange(*group).is_some();
    groups.iter().copied().filter(usable).collect()
}
