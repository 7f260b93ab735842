//! Who proves what in a plan: the client's secret, identity or EAP credentials, and the certificates that servers are judged
//! by.
//!
//! Certificate payloads are opened here with the password that the profile or the user gives; what the rules tell of the
//! references between payloads is not told again.

use crate::certificate::payload::{self, Password};
use crate::certificate::{self, Identity, KeyKind, pkcs12};
use crate::model::{AuthenticationMethod, CertificateType, Ikev2Payload, Keyword, Payload, Profile};
use crate::report::{Diagnostic, Problems, codes};
use crate::rules::plan;
use crate::secret::{Secret, SecretText};

use super::certificate_type;
use super::requirements::Which;
use super::settings::{Authentication, EapCredentials};

/// How the client proves who it is. `None` when an error was reported.
pub(super) fn authentication(
    profile: &Profile<'_>,
    ikev2: &Ikev2Payload<'_>,
    which: Which<'_>,
    problems: &mut Problems,
) -> Option<Authentication> {
    let method = ikev2.authentication_method?.value;
    if ikev2.uses_eap() {
        if ikev2.section.has("PayloadCertificateUUID") {
            const KEY: &str = "PayloadCertificateUUID";
            let message = "PayloadCertificateUUID is not obeyed by this build: EAP goes by name and password";
            let diagnostic = Diagnostic::warning(plan::NOT_OBEYED.code, ikev2.section.span_of(KEY), message);
            problems
                .push(diagnostic.help("remove it if EAP-TLS is not meant").at(ikev2.section.path_of(KEY)));
        }
        return Some(Authentication::Eap(EapCredentials {
            name: ikev2.auth_name.map(|name| name.value.to_owned()).filter(|name| !name.is_empty()),
            password: ikev2
                .auth_password
                .map(|password| password.value.expose())
                .filter(|password| !password.is_empty())
                .map(|password| SecretText::new(password.to_owned())),
            eap_only: method == AuthenticationMethod::None,
        }));
    }
    match method {
        AuthenticationMethod::None | AuthenticationMethod::SharedSecret => {
            let secret = ikev2.shared_secret?.value.expose();
            Some(Authentication::SharedSecret(Secret::new(secret.as_bytes().to_vec())))
        }
        AuthenticationMethod::Certificate if which.identity_at_host => {
            Some(Authentication::CertificateAtHost)
        }
        AuthenticationMethod::Certificate => {
            let identity = identity(profile, ikev2, which, problems)?;
            check_key_kind(ikev2, &identity, problems);
            Some(Authentication::Certificate(Box::new(identity)))
        }
    }
}

/// Finds and opens the PKCS#12 payload that `PayloadCertificateUUID` names.
fn identity(
    profile: &Profile<'_>,
    ikev2: &Ikev2Payload<'_>,
    which: Which<'_>,
    problems: &mut Problems,
) -> Option<Identity> {
    const KEY: &str = "PayloadCertificateUUID";
    let section = &ikev2.section;
    let uuid = ikev2.payload_certificate_uuid?;
    let payload = profile.payload_with_uuid(uuid.value)?;
    match payload.kind() {
        Some(payload::PKCS12) => open_identity(payload, which, problems),
        Some("com.apple.security.scep" | "com.apple.security.acme" | "com.apple.ADCertificate.managed") => {
            let message = "the identity is to be fetched from a certificate authority, which is not built";
            let help = "use a PKCS#12 payload";
            problems.push(section.diagnose(KEY, plan::UNSUPPORTED.code, message).help(help));
            None
        }
        // ref.cert-not-identity tells of every other.
        _ => None,
    }
}

/// Opens a PKCS#12 payload.
fn open_identity(payload: &Payload<'_>, which: Which<'_>, problems: &mut Problems) -> Option<Identity> {
    let section = &payload.section;
    let content = section.bytes(payload::CONTENT);
    if !section.has(payload::CONTENT) {
        problems.push(payload::missing(payload::PKCS12).error(section));
    }
    let inside = section.secret(payload::PASSWORD).map(|password| password.value.expose());
    if inside.is_none() && section.has(payload::PASSWORD) {
        return None;
    }
    let password = inside.or(which.pkcs12_password.map(SecretText::expose));
    match pkcs12::open(content?.value, password.unwrap_or("")) {
        Ok(identity) => Some(identity),
        Err(error) => {
            let given = if password.is_some() { Password::Given } else { Password::Missing };
            problems.push(payload::about_pkcs12(&error, given).error(section));
            None
        }
    }
}

/// `CertificateType` must say what the key is; without it RSA is meant.
fn check_key_kind(ikev2: &Ikev2Payload<'_>, identity: &Identity, problems: &mut Problems) {
    const KEY: &str = "CertificateType";
    let section = &ikev2.section;
    let Some(fits) = certificate_type::fitting(&identity.key_kind) else {
        let identifier = match &identity.key_kind {
            KeyKind::Other(identifier) => identifier,
            _ => "unknown",
        };
        let message = format!("the identity's key is of a kind that is not built ({identifier})");
        problems.push(
            section
                .diagnose("PayloadCertificateUUID", plan::UNSUPPORTED.code, message)
                .help("use an RSA key, or an ECDSA key on P-256, P-384 or P-521"),
        );
        return;
    };
    let word = certificate_type::word(fits);
    match ikev2.certificate_type {
        Some(found) if !fits.contains(&found.value) => {
            let message =
                format!("CertificateType is {}, but the identity's key is {word}", found.value.word());
            problems.push(
                section.diagnose(KEY, codes::CERTTYPE_MISMATCH, message).help("write the key's own type"),
            );
        }
        None if !fits.contains(&CertificateType::Rsa) && !section.has(KEY) => {
            let message = format!("without CertificateType RSA is meant, but the identity's key is {word}");
            let span = section.span_of("PayloadCertificateUUID");
            let diagnostic = Diagnostic::warning(codes::CERTTYPE_DEFAULT_RSA, span, message);
            problems.push(diagnostic.help("add CertificateType").at(section.path_of(KEY)));
        }
        _ => {}
    }
}

/// Whether a payload brings a certificate that servers are judged by.
pub(super) fn is_anchor(payload: &Payload<'_>) -> bool {
    matches!(payload.kind(), Some(payload::ROOT | payload::PKCS1 | payload::PEM))
}

/// The certificates of all root, PKCS#1 and PEM payloads.
pub(super) fn anchors(profile: &Profile<'_>, problems: &mut Problems) -> Vec<Vec<u8>> {
    let mut anchors = Vec::new();
    for found in profile.payloads() {
        let Some(kind @ (payload::ROOT | payload::PKCS1 | payload::PEM)) = found.kind() else { continue };
        let section = &found.section;
        let Some(content) = section.bytes(payload::CONTENT) else {
            if !section.has(payload::CONTENT) {
                problems.push(payload::missing(kind).error(section));
            }
            continue;
        };
        match certificate::read_certificates(content.value) {
            Ok(found) => {
                if let Some(complaint) = payload::mixup(kind, found.was_pem) {
                    let diagnostic =
                        Diagnostic::warning(complaint.code, content.span, complaint.message.as_str());
                    problems.push(diagnostic.help(complaint.help).at(section.path_of(complaint.key)));
                }
                anchors.extend(found.der);
            }
            Err(error) => problems.push(payload::about_certificates(&error).error(section)),
        }
    }
    anchors
}
