//! PEM text (RFC 7468), as far as certificates need it.

use super::x509::CertificateError;

const BEGIN: &[u8] = b"-----BEGIN ";

/// Whether bytes are PEM text rather than DER.
pub(super) fn is_pem(bytes: &[u8]) -> bool {
    bytes.first() != Some(&0x30) && crate::source::find(bytes, BEGIN).is_some()
}

/// The certificates among the blocks of a PEM text; other blocks are passed over.
pub(super) fn certificates(bytes: &[u8]) -> Result<Vec<Vec<u8>>, CertificateError> {
    const LABELS: [&[u8]; 3] = [b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"];
    blocks(bytes, &LABELS, usize::MAX).ok_or(CertificateError::BadPem)
}

/// What the first `most` blocks with one of the labels hold; other blocks are passed over. `None` when the text is
/// broken: a line is missing, or what stands between two of them is not Base64.
pub(crate) fn blocks(bytes: &[u8], labels: &[&[u8]], most: usize) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while found.len() < most
        && let Some(at) = crate::source::find(rest, BEGIN)
    {
        let block = rest.get(at + BEGIN.len()..).unwrap_or_default();
        let label_length = crate::source::find(block, b"-----")?;
        let (label, block) = block.split_at_checked(label_length)?;
        let body = block.get(5..).unwrap_or_default();
        let body_length = crate::source::find(body, b"-----END ")?;
        let (body, after) = body.split_at_checked(body_length)?;
        if labels.contains(&label) {
            found.push(decode(body)?);
        }
        rest = after;
    }
    Some(found)
}

/// Base64 with line breaks.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let decoded = crate::syntax::decode_base64(text);
    (decoded.not_ascii.is_none() && decoded.stray.is_none() && !decoded.incomplete)
        .then(|| decoded.bytes.to_vec())
}
