//! Which `CertificateType` names which kind of key: one reading for rules and plans.

use crate::certificate::KeyKind;
use crate::model::{CertificateType, Keyword};

/// The certificate types that a key fits, the plainest first: none for a key that Apple has no type for, `None` for a
/// kind of key that is not known here.
pub(crate) fn fitting(kind: &KeyKind) -> Option<&'static [CertificateType]> {
    Some(match kind {
        KeyKind::Rsa(_) => &[CertificateType::Rsa, CertificateType::RsaPss],
        KeyKind::P256 => &[CertificateType::Ecdsa256],
        KeyKind::P384 => &[CertificateType::Ecdsa384],
        KeyKind::P521 => &[CertificateType::Ecdsa521],
        KeyKind::Ed25519 => &[],
        KeyKind::Other(_) => return None,
    })
}

/// The type to name in a message.
pub(crate) fn word(fitting: &[CertificateType]) -> &'static str {
    fitting.first().map_or("of a kind Apple has no CertificateType for", |found| found.word())
}
