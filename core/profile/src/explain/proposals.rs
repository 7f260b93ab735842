//! The exact proposals of an IKEv2 tunnel: transforms by IANA number, PRF and additional key exchanges too.

use serde::Serialize;

use crate::gather::Gather as _;
use crate::ikev2::Associations;
use crate::ikev2::algorithms::Suite;

use super::Part;

/// What a tunnel offers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Proposals {
    /// For the IKE SA (IKE_SA_INIT), best first.
    pub ike: Vec<Proposal>,
    /// For Child SAs (IKE_AUTH and CREATE_CHILD_SA), best first.
    pub child: Vec<Proposal>,
    /// The profile has no dictionary: the list that Apple's client was observed to send.
    pub observed: bool,
}

/// One proposal: every transform in it must be taken.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Proposal {
    /// The transforms, in the order of their types.
    pub transforms: Vec<Transform>,
}

/// One transform (RFC 7296 section 3.3.2).
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Transform {
    /// Transform type: 1 encryption, 2 PRF, 3 integrity, 4 key exchange, 5 extended sequence
    /// numbers (ESN), 6 to 12 additional key exchanges 1 to 7 (RFC 9370).
    #[serde(rename = "type")]
    pub kind: u8,
    /// Transform ID, as in the IANA registry.
    pub id: u16,
    /// Key length in bits, where the algorithm has several.
    pub key_bits: Option<u16>,
    /// The registry's name.
    pub name: &'static str,
}

/// Transform type of the first additional key exchange (RFC 9370 section 2.2.1).
const ADDITIONAL_KEY_EXCHANGE_1: u8 = 6;

impl Proposals {
    /// The proposals that the two associations make.
    #[must_use]
    pub fn of(associations: &Associations) -> Self {
        let ike: Vec<Proposal> = associations
            .ike
            .suites()
            .iter()
            .flat_map(|suite| {
                with_rounds(ike(*suite), &associations.ike.post_quantum, associations.post_quantum_fallback)
            })
            .gather();
        let mut children: Vec<Proposal> = Vec::new();
        for suite in associations.child.suites() {
            let pfs = associations.perfect_forward_secrecy;
            let rounds: &[u16] = if pfs { &associations.child.post_quantum } else { &[] };
            for proposal in with_rounds(child(*suite, pfs), rounds, associations.post_quantum_fallback) {
                // Without PFS suites may differ in their group alone, which is not proposed.
                if !children.contains(&proposal) {
                    children.push(proposal);
                }
            }
        }
        Self { ike, child: children, observed: associations.ike.is_observed() }
    }

    /// The one proposal that a combination of algorithms makes, for an IKE SA or a Child SA.
    #[must_use]
    pub fn of_suite(suite: Suite, for_child: bool, perfect_forward_secrecy: bool) -> Proposal {
        if for_child { child(suite, perfect_forward_secrecy) } else { ike(suite) }
    }

    /// In words.
    pub(super) fn explain(&self, associations: &Associations) -> Part {
        let mut lines = Vec::new();
        if self.observed {
            lines.push(
                "The profile names no algorithms: this is the list that Apple's client was observed to send; Apple does \
                 not document it, and it changes between systems."
                    .into(),
            );
        }
        for (title, proposals) in [("IKE SA", &self.ike), ("Child SA (ESP)", &self.child)] {
            for (place, proposal) in proposals.iter().enumerate() {
                let number = if proposals.len() > 1 { format!(" {}", place + 1) } else { String::new() };
                lines.push(format!("{title}, proposal{number}: {}.", proposal.describe()));
            }
        }
        if associations.perfect_forward_secrecy {
            lines.push("Each rekey of the Child SA makes a new key exchange (EnablePFS).".into());
        } else {
            lines.push("The Child SA is rekeyed from the IKE SA's keys: EnablePFS is not 1.".into());
        }
        if associations.ike.post_quantum_rounds().next().is_some() {
            lines.push(if associations.post_quantum_fallback {
                "A server without these additional key exchanges is taken too.".into()
            } else {
                "A server without these additional key exchanges is refused.".to_owned()
            });
        }
        Part { title: "What is proposed on the wire", lines }
    }
}

impl Proposal {
    /// `ENCR_AES_GCM_16 with 256 bits, PRF_HMAC_SHA2_256, group 19 (P-256)`.
    #[must_use]
    pub fn describe(&self) -> String {
        let one = |transform: &Transform| match (transform.kind, transform.key_bits) {
            (1, Some(bits)) => format!("{} with {bits} bits", transform.name),
            (4, _) => format!("group {} ({})", transform.id, transform.name),
            (ADDITIONAL_KEY_EXCHANGE_1.., _) => {
                format!(
                    "additional key exchange {} with {}",
                    transform.kind - ADDITIONAL_KEY_EXCHANGE_1 + 1,
                    transform.name
                )
            }
            _ => transform.name.to_owned(),
        };
        self.transforms.iter().map(one).gather().join(", ")
    }
}

fn ike(suite: Suite) -> Proposal {
    let proposal = suite.ike();
    let mut transforms = vec![encryption(proposal.encryption.id, proposal.encryption.key_bits)];
    transforms.push(transform(2, proposal.prf));
    transforms.extend(proposal.integrity.map(|integrity| transform(3, integrity.id)));
    transforms.push(transform(4, proposal.group));
    Proposal { transforms }
}

fn child(suite: Suite, pfs: bool) -> Proposal {
    let proposal = suite.child(pfs);
    let mut transforms = vec![encryption(proposal.encryption.id, proposal.encryption.key_bits)];
    transforms.extend(proposal.integrity.map(|integrity| transform(3, integrity.id)));
    transforms.extend(proposal.group.map(|group| transform(4, group)));
    // Mandatory for ESP (RFC 7296 section 3.3.3).
    transforms.push(transform(5, 0));
    Proposal { transforms }
}

/// The proposal with its additional key exchanges, and with a fallback the one without them behind it.
fn with_rounds(plain: Proposal, methods: &[u16], fallback: bool) -> Vec<Proposal> {
    if methods.iter().all(|method| *method == 0) {
        return vec![plain];
    }
    let mut quantum = plain.clone();
    for (place, method) in methods.iter().enumerate() {
        let kind = ADDITIONAL_KEY_EXCHANGE_1.saturating_add(u8::try_from(place).unwrap_or(u8::MAX));
        quantum.transforms.push(transform(kind, *method));
    }
    if fallback { vec![quantum, plain] } else { vec![quantum] }
}

fn encryption(id: u16, key_bits: Option<u16>) -> Transform {
    Transform { kind: 1, id, key_bits, name: name(1, id) }
}

fn transform(kind: u8, id: u16) -> Transform {
    Transform { kind, id, key_bits: None, name: name(kind, id) }
}

/// The name in the IANA registry "IKEv2 Parameters".
fn name(kind: u8, id: u16) -> &'static str {
    match (kind, id) {
        (1, 2) => "ENCR_DES",
        (1, 3) => "ENCR_3DES",
        (1, 12) => "ENCR_AES_CBC",
        (1, 20) => "ENCR_AES_GCM_16",
        (1, 28) => "ENCR_CHACHA20_POLY1305",
        (2, 2) => "PRF_HMAC_SHA1",
        (2, 5) => "PRF_HMAC_SHA2_256",
        (2, 6) => "PRF_HMAC_SHA2_384",
        (2, 7) => "PRF_HMAC_SHA2_512",
        (3, 2) => "AUTH_HMAC_SHA1_96",
        (3, 7) => "AUTH_HMAC_SHA1_160",
        (3, 12) => "AUTH_HMAC_SHA2_256_128",
        (3, 13) => "AUTH_HMAC_SHA2_384_192",
        (3, 14) => "AUTH_HMAC_SHA2_512_256",
        (5, 0) => "no ESN",
        (5, 1) => "ESN",
        (4.., 0) => "none",
        (4.., 1) => "768-bit MODP",
        (4.., 2) => "1024-bit MODP",
        (4.., 5) => "1536-bit MODP",
        (4.., 14) => "2048-bit MODP",
        (4.., 15) => "3072-bit MODP",
        (4.., 16) => "4096-bit MODP",
        (4.., 17) => "6144-bit MODP",
        (4.., 18) => "8192-bit MODP",
        (4.., 19) => "P-256",
        (4.., 20) => "P-384",
        (4.., 21) => "P-521",
        (4.., 31) => "Curve25519",
        (4.., 32) => "Curve448",
        (4.., 36) => "ML-KEM-768",
        (4.., 37) => "ML-KEM-1024",
        _ => "unknown",
    }
}
