//! The rules between the security association dictionaries.

use crate::model::{Ikev2Payload, Keyword};
use crate::report::{Diagnostic, Problems, codes};

use super::{Association, Associations};

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
    let associations = Associations::of(&ikev2.section, None);
    let strength = |one: &Association| one.weakest_cipher().map(crate::model::EncryptionAlgorithm::strength);
    if ikev2.child.is_some() && strength(&associations.ike) < strength(&associations.child) {
        let section = &ikev2.section;
        let key = "EnforceStrictAlgorithmSelection";
        let message = "the cipher of the IKE SA is weaker than that of its Child SA";
        let diagnostic = Diagnostic::error(codes::STRICT_ORDER, section.span_of(key), message);
        let help = "give the IKE SA a cipher at least as strong: AES-128 < AES-256 = ChaCha20Poly1305";
        problems.push(diagnostic.help(help).at(section.path_of(key)));
    }
}
