//! Certificates and keys that a configuration refers to.
//!
//! Owns the way from a file name or PEM text to DER. Leaves out reading files (the caller gives a function),
//! the meaning of certificates (`adit-ike`) and of keys (`adit-crypto`).

use std::fmt;
use std::path::{Path, PathBuf};

use adit_crypto::Secret;
use zeroize::Zeroizing;

use super::Config;

/// Greatest PEM file, in bytes.
const PEM_FILE_MAX: usize = 1 << 20;
/// Certificates in one file.
const CERTIFICATES_MAX: usize = 64;

/// Where PEM text comes from.
#[derive(Clone, Eq, PartialEq)]
pub enum PemSource {
    /// A file; relative to the directory of the configuration file.
    File(PathBuf),
    /// The text itself, which the configuration holds.
    Text(Secret),
}

impl PemSource {
    /// PEM text if `text` has the mark of it, else a file name.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.contains(BEGIN) {
            Self::Text(Secret::from(text.as_bytes()))
        } else {
            Self::File(PathBuf::from(text))
        }
    }
}

impl fmt::Debug for PemSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Text(_) => f.write_str("Text(redacted)"),
        }
    }
}

/// What the certificates and keys of a configuration decode to.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// The gateway's certificate, then intermediate CAs', each in DER. Empty if none is configured.
    pub certificates: Vec<Vec<u8>>,
    /// The private key in DER: PKCS#8, PKCS#1 or SEC1.
    pub private_key: Option<Secret>,
    /// CA certificates for clients, each in DER.
    pub client_anchors: Vec<Vec<u8>>,
}

/// Why a certificate or key cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{key}`{}: {message}", file.as_ref().map(|file| format!(" ({})", file.display())).unwrap_or_default())]
pub struct CredentialError {
    /// The key of the configuration that refers to it.
    pub key: &'static str,
    /// The file, if it is one.
    pub file: Option<PathBuf>,
    /// What is wrong and what to do.
    pub message: String,
}

impl Config {
    /// Decodes all certificates and keys. `read` gives the content of a file, or says why it cannot.
    ///
    /// # Errors
    /// [`CredentialError`] names the key, the file and what is wrong with it.
    pub fn credentials(
        &self,
        read: &mut dyn FnMut(&Path) -> Result<Vec<u8>, String>,
    ) -> Result<Credentials, CredentialError> {
        let mut credentials = Credentials::default();
        if let Some(source) = &self.certificates {
            credentials.certificates = certificates("server.certificates", source, read)?;
        }
        if let Some(source) = &self.private_key {
            credentials.private_key = Some(private_key("server.private-key", source, read)?);
        }
        if let Some(source) = &self.client_ca {
            credentials.client_anchors = certificates("clients.ca", source, read)?;
        }
        Ok(credentials)
    }
}

type Read<'a> = &'a mut dyn FnMut(&Path) -> Result<Vec<u8>, String>;

/// A PEM block: its label, and its content in DER.
struct Block {
    label: String,
    der: Zeroizing<Vec<u8>>,
}

fn certificates(
    key: &'static str,
    source: &PemSource,
    read: Read<'_>,
) -> Result<Vec<Vec<u8>>, CredentialError> {
    let fail = failure(key, source);
    let blocks = blocks(&text(source, read).map_err(&fail)?).map_err(&fail)?;
    let certificates: Vec<Vec<u8>> =
        blocks.iter().filter(|block| block.label == "CERTIFICATE").map(|block| block.der.to_vec()).collect();
    match certificates.len() {
        0 => Err(fail("holds no certificate (-----BEGIN CERTIFICATE-----)".to_owned())),
        1..=CERTIFICATES_MAX => Ok(certificates),
        more => Err(fail(format!("holds {more} certificates; {CERTIFICATES_MAX} at most"))),
    }
}

fn private_key(key: &'static str, source: &PemSource, read: Read<'_>) -> Result<Secret, CredentialError> {
    let fail = failure(key, source);
    let blocks = blocks(&text(source, read).map_err(&fail)?).map_err(&fail)?;
    if blocks.iter().any(|block| block.label == "ENCRYPTED PRIVATE KEY") {
        let message = "the key is encrypted; write it without a password, for example with openssl pkey, \
                       and make the file readable for its owner only";
        return Err(fail(message.to_owned()));
    }
    let mut keys = blocks
        .iter()
        .filter(|block| matches!(block.label.as_str(), "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY"));
    match (keys.next(), keys.next()) {
        (Some(block), None) => Ok(Secret::from(block.der.as_slice())),
        (None, _) => Err(fail("holds no private key (-----BEGIN PRIVATE KEY-----)".to_owned())),
        (Some(_), Some(_)) => Err(fail("holds more than one private key".to_owned())),
    }
}

fn failure(key: &'static str, source: &PemSource) -> impl Fn(String) -> CredentialError + use<> {
    let file = match source {
        PemSource::File(path) => Some(path.clone()),
        PemSource::Text(_) => None,
    };
    move |message| CredentialError { key, file: file.clone(), message }
}

fn text(source: &PemSource, read: Read<'_>) -> Result<Zeroizing<Vec<u8>>, String> {
    let bytes = match source {
        PemSource::Text(text) => Zeroizing::new(text.expose().to_vec()),
        PemSource::File(path) => Zeroizing::new(read(path)?),
    };
    if bytes.len() > PEM_FILE_MAX { Err("is larger than 1 MiB".to_owned()) } else { Ok(bytes) }
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// The PEM blocks of a file (RFC 7468). Text between them is skipped, as `openssl x509 -text` writes it.
fn blocks(bytes: &[u8]) -> Result<Vec<Block>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is no PEM text; convert it from DER".to_owned())?;
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.trim_end().starts_with(BEGIN) {
            continue;
        }
        // `EC PARAMETERS` and others may stand beside a key, so each block is decoded by itself.
        let mut pem = Zeroizing::new(format!("{}\n", line.trim_end()));
        let closed = lines.by_ref().any(|line| {
            pem.push_str(line.trim());
            pem.push('\n');
            line.trim_start().starts_with(END)
        });
        if !closed {
            return Err("a PEM block does not end".to_owned());
        }
        let (label, der) = der::pem::decode_vec(pem.as_bytes())
            .map_err(|error| format!("a PEM block is broken: {error}"))?;
        blocks.push(Block { label: label.to_owned(), der: Zeroizing::new(der) });
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: &str = "Some text\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n\
                        -----BEGIN CERTIFICATE-----\r\nMAMCAQE=\r\n-----END CERTIFICATE-----\r\n";
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMAMCAQI=\n-----END PRIVATE KEY-----\n";

    fn read_none(path: &Path) -> Result<Vec<u8>, String> {
        Err(format!("no such file: {}", path.display()))
    }

    #[test]
    fn blocks_come_in_order_whatever_stands_between_them() {
        let found = certificates("server.certificates", &PemSource::new(PAIR), &mut read_none).unwrap();
        assert_eq!(found, [vec![0x30, 0x00], vec![0x30, 0x03, 0x02, 0x01, 0x01]]);
        let key = private_key("server.private-key", &PemSource::new(KEY), &mut read_none).unwrap();
        assert_eq!(key.expose(), [0x30, 0x03, 0x02, 0x01, 0x02]);
    }

    #[test]
    fn failures_name_key_file_and_cure_and_no_key_material() {
        let file = PemSource::new("keys/server.key");
        let encrypted = KEY.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        for (content, expected) in [
            ("", "holds no private key"),
            (PAIR, "holds no private key"),
            (&encrypted, "the key is encrypted"),
            (&KEY.repeat(2), "more than one private key"),
            ("-----BEGIN PRIVATE KEY-----\nMAMCAQI=\n", "does not end"),
            ("-----BEGIN PRIVATE KEY-----\n!MAMCAQI\n-----END PRIVATE KEY-----\n", "is broken"),
        ] {
            let mut read = |_: &Path| Ok(content.as_bytes().to_vec());
            let message = private_key("server.private-key", &file, &mut read).unwrap_err().to_string();
            assert!(message.starts_with("`server.private-key` (keys/server.key): "), "{message}");
            assert!(message.contains(expected), "{message}");
            assert!(!message.contains("MAMC"), "{message}");
        }
        let mut der = |_: &Path| Ok(vec![0x30, 0x82, 0xff, 0xff]);
        assert!(private_key("k", &file, &mut der).unwrap_err().message.contains("convert it from DER"));
        assert!(private_key("k", &file, &mut read_none).unwrap_err().message.contains("no such file"));
        assert_eq!(format!("{:?}", PemSource::new(KEY)), "Text(redacted)");
    }
}
