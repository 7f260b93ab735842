//! `IKESecurityAssociationParameters` and `ChildSecurityAssociationParameters`.

use super::{Element, Section, Spanned, keywords};
use crate::gather::Gather as _;

keywords! {
    /// `EncryptionAlgorithm`.
    pub enum EncryptionAlgorithm {
        /// DES in CBC mode; not on systems of 2025 and later.
        Des = "DES",
        /// Triple DES in CBC mode; not on systems of 2025 and later.
        TripleDes = "3DES",
        /// AES with 128-bit keys in CBC mode.
        Aes128 = "AES-128",
        /// AES with 256-bit keys in CBC mode; the default except on tvOS and watchOS.
        Aes256 = "AES-256",
        /// AES with 128-bit keys in Galois/Counter mode.
        Aes128Gcm = "AES-128-GCM",
        /// AES with 256-bit keys in Galois/Counter mode.
        Aes256Gcm = "AES-256-GCM",
        /// ChaCha20 with Poly1305.
        ChaCha20Poly1305 = "ChaCha20Poly1305",
    }
}

keywords! {
    /// `IntegrityAlgorithm`. On the IKE SA it names the PRF too, also beside a cipher that authenticates by itself.
    pub enum IntegrityAlgorithm {
        /// HMAC-SHA1 cut to 96 bits.
        Sha1_96 = "SHA1-96",
        /// HMAC-SHA1 in full.
        Sha1_160 = "SHA1-160",
        /// HMAC-SHA2-256 cut to 128 bits; the default.
        Sha2_256 = "SHA2-256",
        /// HMAC-SHA2-384 cut to 192 bits.
        Sha2_384 = "SHA2-384",
        /// HMAC-SHA2-512 cut to 256 bits.
        Sha2_512 = "SHA2-512",
    }
}

impl EncryptionAlgorithm {
    /// Strength as `EnforceStrictAlgorithmSelection` compares it: single DES, triple DES, 128-bit, 256-bit keys.
    #[must_use]
    pub fn strength(self) -> u8 {
        match self {
            Self::Des => 0,
            Self::TripleDes => 1,
            Self::Aes128 | Self::Aes128Gcm => 2,
            Self::Aes256 | Self::Aes256Gcm | Self::ChaCha20Poly1305 => 3,
        }
    }

    /// Whether it authenticates by itself, so that no integrity transform goes with it (RFC 5282, RFC 7634).
    #[must_use]
    pub fn is_aead(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes256Gcm | Self::ChaCha20Poly1305)
    }
}

/// The groups that `DiffieHellmanGroup` may name.
pub const DIFFIE_HELLMAN_GROUPS: [u16; 13] = [1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 31, 32];

/// How many post-quantum methods there may be: ADDKE1 to ADDKE7 (RFC 9370).
const MAX_POST_QUANTUM: usize = 7;

/// The keys of one security association dictionary; `None` is a missing (or unusable) key.
#[derive(Clone, Debug)]
pub struct SecurityAssociation<'d> {
    /// The dictionary.
    pub section: Section<'d>,
    /// `EncryptionAlgorithm`.
    pub encryption: Option<Spanned<EncryptionAlgorithm>>,
    /// `IntegrityAlgorithm`.
    pub integrity: Option<Spanned<IntegrityAlgorithm>>,
    /// `DiffieHellmanGroup`, an IANA group number.
    pub diffie_hellman_group: Option<Spanned<u16>>,
    /// `LifeTimeInMinutes`, 10 to 1440.
    pub lifetime_minutes: Option<Spanned<u32>>,
    /// `PostQuantumKeyExchangeMethods` in order: 0 none, 36 ML-KEM-768, 37 ML-KEM-1024.
    pub post_quantum: Vec<Spanned<u16>>,
}

impl<'d> SecurityAssociation<'d> {
    /// Reads the dictionary without a word: an unusable value is `None`, an unknown post-quantum method is left out.
    #[must_use]
    pub fn read(section: Section<'d>) -> Self {
        let group = section.int("DiffieHellmanGroup");
        let lifetime = section.int("LifeTimeInMinutes").filter(|found| (10..=1440).contains(&found.value));
        let method = |element: Element<'d>| {
            let found = element.int().filter(|found| matches!(found.value, 0 | 36 | 37))?;
            Some(found.map(|method| u16::try_from(method).unwrap_or_default()))
        };
        Self {
            encryption: section.word("EncryptionAlgorithm"),
            integrity: section.word("IntegrityAlgorithm"),
            diffie_hellman_group: group.and_then(|found| {
                let group = u16::try_from(found.value).ok()?;
                DIFFIE_HELLMAN_GROUPS.contains(&group).then(|| found.map(|_| group))
            }),
            lifetime_minutes: lifetime
                .map(|found| found.map(|minutes| u32::try_from(minutes).unwrap_or_default())),
            post_quantum: section
                .list("PostQuantumKeyExchangeMethods")
                .into_iter()
                .take(MAX_POST_QUANTUM)
                .filter_map(method)
                .gather(),
            section,
        }
    }
}
