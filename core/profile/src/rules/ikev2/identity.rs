//! The key of the identity that a tunnel authenticates with, as far as the profile tells it.

use crate::certificate::KeyKind;
use crate::ikev2::certificate_type::fitting;
use crate::model::{AuthenticationMethod, CertificateType};
use crate::rules::Tunnel;
use crate::rules::prelude::*;

/// A key and where the profile tells of it.
pub(super) struct Key {
    /// The certificate types it fits, the plainest first.
    pub fits: &'static [CertificateType],
    /// The value that tells it.
    pub span: crate::report::Span,
}

/// The payload that `PayloadCertificateUUID` names, for a tunnel that authenticates by certificate and not by EAP.
pub(super) fn payload<'a>(cx: &Context<'a>, tunnel: &Tunnel<'_>) -> Option<&'a crate::model::Payload<'a>> {
    if tunnel.method() != Some(AuthenticationMethod::Certificate) || !tunnel.is_without_eap() {
        return None;
    }
    cx.payload_named(tunnel.settings.str("PayloadCertificateUUID")?.value)
}

/// The identity's key: in a PKCS#12 file that opens, or as a SCEP or ACME payload asks for it.
pub(super) fn key(cx: &Context<'_>, tunnel: &Tunnel<'_>) -> Option<Key> {
    let payload = payload(cx, tunnel)?;
    let section = &payload.section;
    let (kind, key) = match payload.kind()? {
        "com.apple.security.pkcs12" => {
            (cx.certificate(payload)?.identity()?.key_kind.clone(), "PayloadContent")
        }
        // SCEP makes RSA keys only.
        "com.apple.security.scep" => (KeyKind::Rsa(0), "PayloadType"),
        "com.apple.security.acme" => match (section.str("KeyType")?.value, section.int("KeySize")?.value) {
            ("RSA", _) => (KeyKind::Rsa(0), "KeyType"),
            ("ECSECPrimeRandom", 256) => (KeyKind::P256, "KeySize"),
            ("ECSECPrimeRandom", 384) => (KeyKind::P384, "KeySize"),
            ("ECSECPrimeRandom", 521) => (KeyKind::P521, "KeySize"),
            _ => return None,
        },
        _ => return None,
    };
    Some(Key { fits: fitting(&kind)?, span: section.span_of(key) })
}
