//! What this build refuses, because going on without it would weaken security or keep the tunnel from coming up.

use crate::model::{Ikev2Payload, Keyword, SecurityAssociation, Spanned, is_set};
use crate::report::{Diagnostic, Problems};
use crate::rules::plan;

use super::algorithms::SUPPORTED_GROUPS;

/// Reports everything in the payload that this build must not ignore and cannot do; `for_app`: what an app and its system do
/// can be done.
pub(super) fn check(ikev2: &Ikev2Payload<'_>, for_app: bool, problems: &mut Problems) {
    if !for_app {
        routing(ikev2, problems);
    }
    eap(ikev2, problems);
    post_quantum_psk(ikev2, problems);
    post_quantum_exchange(ikev2, problems);
    algorithms(ikev2, problems);
}

fn refuse(ikev2: &Ikev2Payload<'_>, key: &str, message: &str, help: &str, problems: &mut Problems) {
    problems.push(ikev2.section.diagnose(key, plan::UNSUPPORTED.code, message).help(help));
}

fn warn(ikev2: &Ikev2Payload<'_>, key: &str, message: &str, help: &str, problems: &mut Problems) {
    let diagnostic = Diagnostic::warning(plan::NOT_OBEYED.code, ikev2.section.span_of(key), message);
    problems.push(diagnostic.help(help).at(ikev2.section.path_of(key)));
}

/// Traffic that must never leave outside of the tunnel would. An app's system keeps it in, or an interface that blocks does,
/// once the tunnel was up.
fn routing(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    if is_set(ikev2.include_all_networks) {
        let message = "IncludeAllNetworks promises that nothing leaves outside of the tunnel; this build cannot keep it";
        let help = "set it to 0 to connect without this protection";
        refuse(ikev2, "IncludeAllNetworks", message, help, problems);
    }
}

/// EAP methods other than MSCHAPv2, and a server that proves itself by the shared secret.
fn eap(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    if !ikev2.uses_eap() {
        return;
    }
    // With a certificate and no password the method is EAP-TLS.
    if ikev2.section.has("PayloadCertificateUUID") && !has_text(ikev2, "AuthPassword") {
        let message = "EAP-TLS (ExtendedAuthEnabled with a certificate and no password) is not built";
        let help = "use AuthenticationMethod Certificate without EAP, or EAP with AuthName and AuthPassword";
        refuse(ikev2, "PayloadCertificateUUID", message, help, problems);
    }
    let method = ikev2.authentication_method.map(|method| method.value);
    if method == Some(crate::model::AuthenticationMethod::SharedSecret) {
        let message = "EAP behind a shared secret is not built: the server must prove itself by certificate";
        let help = "use AuthenticationMethod None for EAP, or the shared secret without ExtendedAuthEnabled";
        refuse(ikev2, "ExtendedAuthEnabled", message, help, problems);
    }
}

fn has_text(ikev2: &Ikev2Payload<'_>, key: &str) -> bool {
    ikev2.section.node(key).and_then(crate::syntax::Node::as_str).is_some_and(|text| !text.is_empty())
}

/// RFC 8784. When the key is not mandatory, the connection without it is what the profile allows.
fn post_quantum_psk(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    if !ikev2.section.has("PPK") || !ikev2.section.has("PPKIdentifier") {
        return;
    }
    let mandatory = ikev2.ppk_mandatory.is_none_or(|mandatory| mandatory.value);
    if mandatory {
        let message = "a pre-shared post-quantum key (PPK) is mandatory in this profile and not built";
        let help = "PPKMandatory 0 allows to connect without it";
        refuse(ikev2, "PPK", message, help, problems);
    } else {
        let message = "PPK is not used by this build, which PPKMandatory 0 allows";
        warn(ikev2, "PPK", message, "the connection is not protected against quantum computers", problems);
    }
}

/// RFC 9370. Without fallback no proposal without the additional exchanges may be made.
fn post_quantum_exchange(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    let fallback = is_set(ikev2.allow_post_quantum_fallback);
    for association in [&ikev2.ike, &ikev2.child].into_iter().flatten() {
        let Some(method) = association.post_quantum.iter().find(|method| method.value != 0) else { continue };
        let path = association.section.path_of("PostQuantumKeyExchangeMethods");
        let diagnostic = if fallback {
            let message = "post-quantum key exchanges are not built: the fallback the profile allows is used";
            Diagnostic::warning(plan::NOT_OBEYED.code, method.span, message)
                .help("the connection is not protected against quantum computers")
        } else {
            let message = "post-quantum key exchanges are not built, and the profile allows no fallback";
            Diagnostic::error(plan::UNSUPPORTED.code, method.span, message)
                .help("AllowPostQuantumKeyExchangeFallback 1 allows to connect without them")
        };
        problems.push(diagnostic.at(path));
    }
}

/// Ciphers and groups that the engine does not have.
fn algorithms(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    for association in [&ikev2.ike, &ikev2.child].into_iter().flatten() {
        if let Some(encryption) = association.encryption.filter(|found| !found.value.is_supported()) {
            let message = format!("{} is broken and not built", encryption.value.word());
            let help = "use AES-256-GCM; the server must take it too";
            problems.push(
                association
                    .section
                    .diagnose("EncryptionAlgorithm", plan::UNSUPPORTED.code, message)
                    .help(help),
            );
        }
        group(ikev2, association, problems);
    }
}

fn group(ikev2: &Ikev2Payload<'_>, association: &SecurityAssociation<'_>, problems: &mut Problems) {
    let is_child = ikev2
        .child
        .as_ref()
        .is_some_and(|child| child.section.path().steps() == association.section.path().steps());
    // The group of a Child SA is never proposed without PFS.
    if is_child && !is_set(ikev2.enable_pfs) {
        return;
    }
    let missing = |group: &Spanned<u16>| !SUPPORTED_GROUPS.contains(&group.value);
    if let Some(group) = association.diffie_hellman_group.filter(missing) {
        let weak = if group.value < 14 { "broken and " } else { "" };
        let message = format!("Diffie-Hellman group {} is {weak}not built", group.value);
        let help = "use group 19, 14, 15, 16, 20, 21 or 31; the server must take it too";
        problems.push(
            association.section.diagnose("DiffieHellmanGroup", plan::UNSUPPORTED.code, message).help(help),
        );
    }
}
