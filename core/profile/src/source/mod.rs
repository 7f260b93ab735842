//! What a file is, before anything is read from it.
//!
//! Owns the recognition of formats by content ([`detect`]), the decoding of text encodings with a way back to the
//! file's own bytes ([`encoding`]), and lines and columns ([`LineIndex`]). Leaves the reading itself to
//! [`crate::syntax`]. Nothing here depends on a file's name.

pub mod encoding;
mod position;
mod text;

pub use position::{ColumnUnit, LineIndex, Position};
pub use text::SourceText;

use serde::Serialize;

use encoding::Encoding;

/// The container of a profile.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Format {
    /// An XML property list.
    Xml {
        /// How its text is encoded.
        encoding: Encoding,
    },
    /// A binary property list (`bplist0?`).
    Binary,
    /// CMS (RFC 5652) around a profile.
    Cms {
        /// How the CMS is wrapped.
        wrapping: CmsWrapping,
        /// `false`: signed data; `true`: enveloped (encrypted) data.
        enveloped: bool,
        /// What is inside; `None` as long as it was not opened ([`detect`] does not), and when it cannot be: encrypted,
        /// damaged, detached, or no property list.
        content: Option<ContentFormat>,
    },
    /// An X.509 certificate, or several: no profile.
    Certificate {
        /// Whether it stands as PEM text rather than DER.
        pem: bool,
    },
    /// A PKCS#12 file (RFC 7292): no profile.
    Pkcs12,
    /// None of them.
    Unknown,
}

/// The format of a profile that was signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ContentFormat {
    /// An XML property list.
    Xml {
        /// How its text is encoded.
        encoding: Encoding,
    },
    /// A binary property list.
    Binary,
}

impl Format {
    /// Whether this build reads what is inside.
    #[must_use]
    pub fn is_read(self) -> bool {
        self.content().is_some()
    }

    /// The property list that a profile of this format is: the file itself, or the content of the signed data.
    #[must_use]
    pub fn content(self) -> Option<ContentFormat> {
        match self {
            Self::Xml { encoding } => Some(ContentFormat::Xml { encoding }),
            Self::Binary => Some(ContentFormat::Binary),
            Self::Cms { content, .. } => content,
            Self::Certificate { .. } | Self::Pkcs12 | Self::Unknown => None,
        }
    }
}

/// How CMS is written down.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CmsWrapping {
    /// Definite lengths.
    Der,
    /// Indefinite length, which Apple's own tools write.
    Ber,
    /// Base64 between `-----BEGIN` and `-----END` lines.
    Pem,
}

/// 1.2.840.113549.1.7.2, signed data (RFC 5652 section 5.1), as a DER object identifier.
const SIGNED_DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// 1.2.840.113549.1.7.3, enveloped data (RFC 5652 section 6.1).
const ENVELOPED_DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];

/// How far into a file a tag is looked for when the file does not begin with one.
const JUNK_WINDOW: usize = 4096;

/// Recognises a file by its first bytes.
#[must_use]
pub fn detect(bytes: &[u8]) -> Format {
    if bytes.starts_with(b"bplist0") {
        return Format::Binary;
    }
    if let Some(format) = detect_asn1(bytes) {
        return format;
    }
    let encoding = encoding::guess(bytes);
    if looks_like_xml(bytes, encoding) {
        return Format::Xml { encoding };
    }
    Format::Unknown
}

/// CMS, and what else is made of ASN.1.
fn detect_asn1(bytes: &[u8]) -> Option<Format> {
    if let Some((wrapping, rest)) = sequence_header(bytes) {
        let enveloped = rest.starts_with(&ENVELOPED_DATA);
        let signed = rest.starts_with(&SIGNED_DATA);
        return match rest {
            _ if enveloped || signed => Some(Format::Cms { wrapping, enveloped, content: None }),
            // PFX: its version is 3, its content a SEQUENCE (RFC 7292 section 4).
            [0x02, 0x01, 0x03, 0x30, ..] => Some(Format::Pkcs12),
            _ => looks_like_certificate(rest).then_some(Format::Certificate { pem: false }),
        };
    }
    let text = trim_start(bytes);
    let label = text.strip_prefix(b"-----BEGIN ")?;
    let known: [&[u8]; 3] = [b"PKCS7-----", b"CMS-----", b"PKCS #7 SIGNED DATA-----"];
    if known.iter().any(|known| label.starts_with(known)) {
        return Some(Format::Cms { wrapping: CmsWrapping::Pem, enveloped: false, content: None });
    }
    let known: [&[u8]; 3] = [b"CERTIFICATE-----", b"X509 CERTIFICATE-----", b"TRUSTED CERTIFICATE-----"];
    known.iter().any(|known| label.starts_with(known)).then_some(Format::Certificate { pem: true })
}

/// Whether the content of a SEQUENCE begins as a certificate's: another one with a version or a serial number first
/// (RFC 5280 section 4.1).
fn looks_like_certificate(content: &[u8]) -> bool {
    sequence_header(content).is_some_and(|(_, signed)| {
        signed.starts_with(&[0xa0, 0x03, 0x02, 0x01]) || matches!(signed, [0x02, 1..=20, ..])
    })
}

/// The content of an outer SEQUENCE, and whether its length is definite.
fn sequence_header(bytes: &[u8]) -> Option<(CmsWrapping, &[u8])> {
    match bytes {
        [0x30, 0x80, rest @ ..] => Some((CmsWrapping::Ber, rest)),
        [0x30, length, rest @ ..] if *length < 0x80 => Some((CmsWrapping::Der, rest)),
        [0x30, length, rest @ ..] => {
            let more = usize::from(length & 0x7f);
            let rest = rest.get(more..).filter(|_| more <= 8)?;
            Some((CmsWrapping::Der, rest))
        }
        _ => None,
    }
}

fn looks_like_xml(bytes: &[u8], encoding: Encoding) -> bool {
    let window = bytes.get(..bytes.len().min(JUNK_WINDOW * 4)).unwrap_or_default();
    let decoded = encoding::decode(window, encoding);
    let text = decoded.bytes();
    if trim_start(text).first() == Some(&b'<') {
        return true;
    }
    // Text before the first tag (a template's comment line, a mail header): still a profile, only a broken one.
    let text = text.get(..text.len().min(JUNK_WINDOW)).unwrap_or_default();
    let marks: [&[u8]; 4] = [b"<?xml", b"<!DOCTYPE plist", b"<plist", b"<dict"];
    marks.iter().any(|mark| find(text, mark).is_some())
}

/// `bytes` without the white space it begins with.
fn trim_start(bytes: &[u8]) -> &[u8] {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    bytes.get(blank..).unwrap_or_default()
}

/// Where `needle` begins in `bytes`.
pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let [first, others @ ..] = needle else { return None };
    let second = others.first();
    let mut rest = bytes;
    // Two bytes are compared here, so that few places are looked at more closely.
    while let [byte, behind @ ..] = rest {
        if byte == first && (second.is_none() || behind.first() == second) && behind.starts_with(others) {
            return Some(bytes.len() - rest.len());
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart_by_content() {
        let xml = Format::Xml { encoding: Encoding::Utf8 { bom: false } };
        for text in
            ["<plist/>", "\r\n\t <?xml?>", "<!-- a --><dict/>", "# junk\n<?xml version='1.0'?><plist>"]
        {
            assert_eq!(detect(text.as_bytes()), xml, "{text}");
        }
        assert_eq!(detect(b"bplist00\x08"), Format::Binary);
        for text in ["", "{ a = b; }", "hello < world", "MIIB"] {
            assert_eq!(detect(text.as_bytes()), Format::Unknown, "{text}");
        }
    }

    #[test]
    fn cms_is_told_from_other_asn1() {
        let cms = |wrapping, enveloped| Format::Cms { wrapping, enveloped, content: None };
        let mut der = vec![0x30, 0x82, 0x01, 0x00];
        der.extend(SIGNED_DATA);
        assert_eq!(detect(&der), cms(CmsWrapping::Der, false));
        let mut ber = vec![0x30, 0x80];
        ber.extend(SIGNED_DATA);
        assert_eq!(detect(&ber), cms(CmsWrapping::Ber, false));
        let mut enveloped = vec![0x30, 0x0b];
        enveloped.extend(ENVELOPED_DATA);
        assert_eq!(detect(&enveloped), cms(CmsWrapping::Der, true));
        assert_eq!(detect(b"\n-----BEGIN PKCS7-----\nMIIB"), cms(CmsWrapping::Pem, false));
        assert_eq!(detect(&[0x30, 0x03, 0x02, 0x01, 0x01]), Format::Unknown);
        assert_eq!(detect(&[0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x03, 0x30]), Format::Pkcs12);
        let certificate = [0x30, 0x82, 0x01, 0x00, 0x30, 0x81, 0x80, 0xa0, 0x03, 0x02, 0x01, 0x02];
        assert_eq!(detect(&certificate), Format::Certificate { pem: false });
        let text = b"-----BEGIN CERTIFICATE-----\nMIIB";
        assert_eq!(detect(text), Format::Certificate { pem: true });
        assert_eq!(detect(b"-----BEGIN PRIVATE KEY-----\nMIIB"), Format::Unknown);
        assert_eq!(detect(&[0x30, 0xff]), Format::Unknown);
    }

    #[test]
    fn utf16_is_seen_with_and_without_a_mark() {
        let utf16 = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        };
        for big in [false, true] {
            let found = detect(&utf16("\u{feff}<plist/>", big));
            assert_eq!(found, Format::Xml { encoding: Encoding::Utf16 { big_endian: big, bom: true } });
            let found = detect(&utf16("<plist/>", big));
            assert_eq!(found, Format::Xml { encoding: Encoding::Utf16 { big_endian: big, bom: false } });
        }
    }
}
