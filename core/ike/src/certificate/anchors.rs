//! Trust anchors, and what a CERTREQ payload says about them.

use adit_crypto::{CryptoProvider, HashId};

use super::{Certificate, CertificateRefusal};

/// Most anchors held: a system's trust store has about 150.
pub const MAX_ANCHORS: usize = 1024;

/// SHA-1 of a CA's `SubjectPublicKeyInfo`: how CERTREQ names it (RFC 7296 3.7).
pub type KeyHash = [u8; 20];

/// Certificates that are trusted as they are: roots, intermediate CAs, or a peer's own certificate.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    certificates: Vec<Certificate>,
}

impl Anchors {
    /// No anchors: nothing is trusted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a DER certificate. One that is there already is not added twice.
    ///
    /// # Errors
    /// [`CertificateRefusal`] if it cannot be read or [`MAX_ANCHORS`] are held. A store with one bad
    /// certificate is still usable: go on with the next.
    pub fn add(&mut self, der: &[u8]) -> Result<(), CertificateRefusal> {
        if self.contains(der) {
            return Ok(());
        }
        if self.certificates.len() >= MAX_ANCHORS {
            return Err(CertificateRefusal::TooManyAnchors { max: MAX_ANCHORS });
        }
        self.certificates.push(Certificate::parse(der)?);
        Ok(())
    }

    /// The anchors in the order they were added.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// True if nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// True if exactly these bytes are an anchor.
    #[must_use]
    pub fn contains(&self, der: &[u8]) -> bool {
        self.certificates.iter().any(|anchor| anchor.der() == der)
    }

    /// The anchors whose subject has this common name: for the CERTREQ of Apple's
    /// ServerCertificateIssuerCommonName.
    #[must_use]
    pub fn with_common_name(&self, name: &str) -> Self {
        let certificates =
            self.certificates.iter().filter(|anchor| anchor.common_name() == Some(name)).cloned().collect();
        Self { certificates }
    }

    /// The key hashes of all anchors: the body of a CERTREQ payload after its encoding byte is their
    /// concatenation. Empty if the provider has no SHA-1.
    #[must_use]
    pub fn key_hashes(&self, provider: &CryptoProvider) -> Vec<KeyHash> {
        self.certificates.iter().filter_map(|anchor| key_hash(provider, anchor)).collect()
    }

    /// The anchor a CERTREQ names.
    #[must_use]
    pub fn find_by_key_hash(&self, provider: &CryptoProvider, hash: &KeyHash) -> Option<&Certificate> {
        self.certificates.iter().find(|anchor| key_hash(provider, anchor).as_ref() == Some(hash))
    }

    /// Says whether the peer's CERTREQ (hashes, 20 bytes each, concatenated) asks for a chain of ours: whether
    /// it names a CA in `chain` (end entity first) or an anchor that issued the last of it.
    ///
    /// A preference among several certificates, never a reason to send none: RFC 7296 3.7 lets the peer trust
    /// more than it names.
    #[must_use]
    pub fn requested(&self, provider: &CryptoProvider, request: &[u8], chain: &[Certificate]) -> bool {
        let issuers = chain.iter().skip(1);
        let above = self
            .certificates
            .iter()
            .filter(|anchor| chain.iter().any(|link| link.issuer_der() == anchor.subject_der()));
        issuers
            .chain(above)
            .filter_map(|ca| key_hash(provider, ca))
            .any(|hash| request.chunks_exact(20).any(|asked| asked == hash))
    }
}

fn key_hash(provider: &CryptoProvider, certificate: &Certificate) -> Option<KeyHash> {
    provider.hash(HashId::SHA1)?.digest(&[certificate.spki()]).try_into().ok()
}
