//! The security association dictionaries: defaults, inheritance, and the rules between them.

use crate::model::{Ikev2Payload, Keyword, SecurityAssociation};
use crate::report::{Diagnostic, Problems, codes};

use super::algorithms::Suite;

/// Minutes that a security association lives unless the profile says otherwise.
const DEFAULT_LIFETIME_MINUTES: u32 = 1440;

/// What the two dictionaries come to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Associations {
    /// For the IKE SA, best first.
    pub ike: Vec<Suite>,
    /// For Child SAs, best first.
    pub child: Vec<Suite>,
    /// There is no IKE dictionary, so `ike` is what was observed.
    pub observed: bool,
    pub ike_lifetime_minutes: u32,
    pub child_lifetime_minutes: u32,
}

/// Fills in defaults and inheritance.
///
/// A dictionary that is there gives one proposal, with the schema's default for each missing key. No IKE dictionary:
/// the list Apple's client was observed to send. No child dictionary: what the IKE SA has. An empty child dictionary is
/// one, so it means defaults, not inheritance.
pub(super) fn resolve(ikev2: &Ikev2Payload<'_>) -> Associations {
    let ike: Vec<Suite> = match &ikev2.ike {
        Some(association) => vec![suite(association)],
        None => Suite::OBSERVED.to_vec(),
    };
    let lifetime = |association: &SecurityAssociation<'_>| {
        association.lifetime_minutes.map_or(DEFAULT_LIFETIME_MINUTES, |minutes| minutes.value)
    };
    let ike_lifetime_minutes = ikev2.ike.as_ref().map_or(DEFAULT_LIFETIME_MINUTES, lifetime);
    Associations {
        child: ikev2.child.as_ref().map_or_else(|| ike.clone(), |association| vec![suite(association)]),
        observed: ikev2.ike.is_none(),
        child_lifetime_minutes: ikev2.child.as_ref().map_or(ike_lifetime_minutes, lifetime),
        ike_lifetime_minutes,
        ike,
    }
}

fn suite(association: &SecurityAssociation<'_>) -> Suite {
    Suite {
        encryption: association.encryption.map_or(Suite::DEFAULT.encryption, |found| found.value),
        integrity: association.integrity.map_or(Suite::DEFAULT.integrity, |found| found.value),
        group: association.diffie_hellman_group.map_or(Suite::DEFAULT.group, |found| found.value),
    }
}

/// `EnforceStrictAlgorithmSelection`: the system rejects a payload whose algorithms are weak, or whose IKE SA is weaker
/// than its child.
pub(super) fn judge(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    if !crate::model::is_set(ikev2.enforce_strict_algorithm_selection) {
        return;
    }
    for association in [&ikev2.ike, &ikev2.child].into_iter().flatten() {
        let section = &association.section;
        if let Some(encryption) = association.encryption.filter(|found| !found.value.is_supported()) {
            let message = format!("EnforceStrictAlgorithmSelection forbids {}", encryption.value.word());
            let help = "use AES-256-GCM; the server must take it too";
            problems.push(section.diagnose("EncryptionAlgorithm", codes::STRICT_CIPHER, message).help(help));
        }
        if let Some(group) = association.diffie_hellman_group.filter(|group| group.value < 14) {
            let message = format!("EnforceStrictAlgorithmSelection forbids group {}", group.value);
            let help = "use group 19 or 14; the server must take it too";
            problems.push(section.diagnose("DiffieHellmanGroup", codes::STRICT_DH, message).help(help));
        }
    }
    let associations = resolve(ikev2);
    let strength = |suites: &[Suite]| suites.iter().map(|suite| suite.encryption.strength()).min();
    if ikev2.child.is_some() && strength(&associations.ike) < strength(&associations.child) {
        let section = &ikev2.section;
        let key = "EnforceStrictAlgorithmSelection";
        let message = "the cipher of the IKE SA is weaker than that of its Child SA";
        let diagnostic = Diagnostic::error(codes::STRICT_ORDER, section.span_of(key), message);
        let help = "give the IKE SA a cipher at least as strong: AES-128 < AES-256 = ChaCha20Poly1305";
        problems.push(diagnostic.help(help).at(section.path_of(key)));
    }
}
