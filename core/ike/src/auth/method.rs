//! Authentication methods, and the hashes of SIGNATURE_HASH_ALGORITHMS.

use std::fmt;

use adit_crypto::HashId;

/// Authentication method (RFC 7296 3.8, IANA "IKEv2 Authentication Method").
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AuthMethod(pub u8);

impl AuthMethod {
    /// RSASSA-PKCS1-v1_5; with SHA-1 here.
    pub const RSA_SIGNATURE: Self = Self(1);
    /// A pre-shared key, or the key an EAP method made.
    pub const SHARED_KEY: Self = Self(2);
    /// DSA with SHA-1; not implemented.
    pub const DSS_SIGNATURE: Self = Self(3);
    /// ECDSA with SHA-256 on P-256 (RFC 4754).
    pub const ECDSA_P256: Self = Self(9);
    /// ECDSA with SHA-384 on P-384 (RFC 4754).
    pub const ECDSA_P384: Self = Self(10);
    /// ECDSA with SHA-512 on P-521 (RFC 4754).
    pub const ECDSA_P521: Self = Self(11);
    /// No authentication at all (RFC 7619); never accepted.
    pub const NULL: Self = Self(13);
    /// A signature that names its algorithm (RFC 7427).
    pub const DIGITAL_SIGNATURE: Self = Self(14);

    /// The registry's name, if this is a method we know.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::RSA_SIGNATURE => Some("RSA signature"),
            Self::SHARED_KEY => Some("shared key"),
            Self::DSS_SIGNATURE => Some("DSS signature"),
            Self::ECDSA_P256 => Some("ECDSA with SHA-256 on P-256"),
            Self::ECDSA_P384 => Some("ECDSA with SHA-384 on P-384"),
            Self::ECDSA_P521 => Some("ECDSA with SHA-512 on P-521"),
            Self::NULL => Some("no authentication"),
            Self::DIGITAL_SIGNATURE => Some("digital signature"),
            _ => None,
        }
    }
}

impl fmt::Display for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (method {})", self.0),
            None => write!(f, "method {}", self.0),
        }
    }
}

impl fmt::Debug for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The hashes we announce in SIGNATURE_HASH_ALGORITHMS. SHA-1 is not among them (RFC 8247 4).
pub const ANNOUNCED_HASHES: [HashId; 4] =
    [HashId::SHA2_256, HashId::SHA2_384, HashId::SHA2_512, HashId::IDENTITY];

/// Most hashes read from a notify; the registry has five.
const MAX_HASHES: usize = 32;

/// The notification data of SIGNATURE_HASH_ALGORITHMS: two bytes a hash (RFC 7427 4).
#[must_use]
pub fn encode_hashes(hashes: &[HashId]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0.to_be_bytes()).collect()
}

/// Reads the notification data of SIGNATURE_HASH_ALGORITHMS. `None` if it does not consist of whole numbers
/// or lists more than 32.
#[must_use]
pub fn decode_hashes(data: &[u8]) -> Option<Vec<HashId>> {
    let (hashes, rest) = data.as_chunks::<2>();
    (rest.is_empty() && hashes.len() <= MAX_HASHES)
        .then(|| hashes.iter().map(|hash| HashId(u16::from_be_bytes(*hash))).collect())
}
