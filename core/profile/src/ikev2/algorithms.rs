//! Apple's names for algorithms as IANA numbers, and the proposals they make.
//!
//! Numbers are those of the IANA registry "IKEv2 Parameters": transform types 1 (encryption), 2 (PRF), 3 (integrity)
//! and 4 (key exchange method).

use serde::Serialize;

use crate::model::{EncryptionAlgorithm, IntegrityAlgorithm, Keyword};
use crate::schema::Platform;

/// An encryption transform (type 1).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Encryption {
    /// Apple's name.
    pub name: EncryptionAlgorithm,
    /// Transform ID: 2 DES, 3 triple DES, 12 AES-CBC, 20 AES-GCM with a 16-octet ICV, 28 ChaCha20-Poly1305.
    pub id: u16,
    /// Key length attribute in bits; none where the algorithm has only one (RFC 7634 section 2).
    pub key_bits: Option<u16>,
}

/// An integrity transform (type 3).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Integrity {
    /// Apple's name.
    pub name: IntegrityAlgorithm,
    /// Transform ID: 2 HMAC-SHA1-96, 7 HMAC-SHA1-160, 12 HMAC-SHA2-256-128, 13 -384-192, 14 -512-256.
    pub id: u16,
}

/// One proposal for the IKE SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct IkeProposal {
    /// Encryption.
    pub encryption: Encryption,
    /// Integrity; none with a cipher that authenticates by itself (RFC 5282 section 8).
    pub integrity: Option<Integrity>,
    /// PRF transform ID (type 2), from the hash of `IntegrityAlgorithm`: 2 HMAC-SHA1, 5 HMAC-SHA2-256, 6 -384, 7 -512.
    pub prf: u16,
    /// Key exchange method (type 4), a Diffie-Hellman group number.
    pub group: u16,
}

/// One proposal for Child SAs (ESP).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct ChildProposal {
    /// Encryption.
    pub encryption: Encryption,
    /// Integrity; none with a cipher that authenticates by itself.
    pub integrity: Option<Integrity>,
    /// The group for rekeys, with `EnablePFS`; the first Child SA is keyed by IKE_AUTH without one.
    pub group: Option<u16>,
}

impl EncryptionAlgorithm {
    /// The transform.
    #[must_use]
    pub fn transform(self) -> Encryption {
        let (id, key_bits) = match self {
            Self::Des => (2, None),
            Self::TripleDes => (3, None),
            Self::Aes128 => (12, Some(128)),
            Self::Aes256 => (12, Some(256)),
            Self::Aes128Gcm => (20, Some(128)),
            Self::Aes256Gcm => (20, Some(256)),
            Self::ChaCha20Poly1305 => (28, None),
        };
        Encryption { name: self, id, key_bits }
    }

    /// Whether this project's engine has it: RFC 8247 section 2.1 forbids DES, and triple DES is on its way out.
    #[must_use]
    pub fn is_supported(self) -> bool {
        !matches!(self, Self::Des | Self::TripleDes)
    }
}

impl IntegrityAlgorithm {
    /// The integrity transform.
    #[must_use]
    pub fn transform(self) -> Integrity {
        let id = match self {
            Self::Sha1_96 => 2,
            Self::Sha1_160 => 7,
            Self::Sha2_256 => 12,
            Self::Sha2_384 => 13,
            Self::Sha2_512 => 14,
        };
        Integrity { name: self, id }
    }

    /// The PRF transform ID that goes with it.
    #[must_use]
    pub fn prf(self) -> u16 {
        match self {
            Self::Sha1_96 | Self::Sha1_160 => 2,
            Self::Sha2_256 => 5,
            Self::Sha2_384 => 6,
            Self::Sha2_512 => 7,
        }
    }
}

/// The groups that this project's engine has.
pub const SUPPORTED_GROUPS: [u16; 7] = [14, 15, 16, 19, 20, 21, 31];

/// The algorithms of one security association after defaults and inheritance.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Suite {
    /// `EncryptionAlgorithm`.
    pub encryption: EncryptionAlgorithm,
    /// `IntegrityAlgorithm`.
    pub integrity: IntegrityAlgorithm,
    /// `DiffieHellmanGroup`.
    pub group: u16,
}

impl Suite {
    /// What the schema gives for each key missing from a security association dictionary (iOS, macOS and visionOS).
    pub const DEFAULT: Self =
        Self { encryption: EncryptionAlgorithm::Aes256, integrity: IntegrityAlgorithm::Sha2_256, group: 14 };

    /// What the schema gives for each missing key on a platform; `None` for iOS, macOS and visionOS.
    #[must_use]
    pub fn default_on(platform: Option<Platform>) -> Self {
        match platform {
            Some(Platform::Tvos | Platform::Watchos) => {
                Self { encryption: EncryptionAlgorithm::Aes256Gcm, ..Self::DEFAULT }
            }
            _ => Self::DEFAULT,
        }
    }

    /// What Apple's client was observed to offer, in this order, when the profile has no such dictionary at all (server
    /// logs of 2023 to 2026; not documented by Apple).
    pub const OBSERVED: [Self; 4] = [
        Self {
            encryption: EncryptionAlgorithm::Aes256Gcm,
            integrity: IntegrityAlgorithm::Sha2_256,
            group: 19,
        },
        Self {
            encryption: EncryptionAlgorithm::Aes256Gcm,
            integrity: IntegrityAlgorithm::Sha2_256,
            group: 14,
        },
        Self { encryption: EncryptionAlgorithm::Aes256, integrity: IntegrityAlgorithm::Sha2_256, group: 19 },
        Self { encryption: EncryptionAlgorithm::Aes256, integrity: IntegrityAlgorithm::Sha2_256, group: 14 },
    ];

    fn integrity_transform(self) -> Option<Integrity> {
        (!self.encryption.is_aead()).then(|| self.integrity.transform())
    }

    /// The proposal it makes for an IKE SA.
    #[must_use]
    pub fn ike(self) -> IkeProposal {
        IkeProposal {
            encryption: self.encryption.transform(),
            integrity: self.integrity_transform(),
            prf: self.integrity.prf(),
            group: self.group,
        }
    }

    /// The proposal it makes for Child SAs.
    #[must_use]
    pub fn child(self, perfect_forward_secrecy: bool) -> ChildProposal {
        ChildProposal {
            encryption: self.encryption.transform(),
            integrity: self.integrity_transform(),
            group: perfect_forward_secrecy.then_some(self.group),
        }
    }

    /// Its words, for a message: `AES-256-GCM, SHA2-256, group 19`.
    #[must_use]
    pub fn describe(self) -> String {
        format!("{}, {}, group {}", self.encryption.word(), self.integrity.word(), self.group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aead_ciphers_carry_no_integrity_but_keep_the_prf() {
        for &encryption in EncryptionAlgorithm::ALL {
            for &integrity in IntegrityAlgorithm::ALL {
                let suite = Suite { encryption, integrity, group: 14 };
                assert_eq!(suite.ike().integrity.is_none(), encryption.is_aead());
                assert_eq!(suite.ike().prf, integrity.prf());
                assert_eq!(suite.child(false).group, None);
                assert_eq!(suite.child(true).group, Some(14));
            }
        }
    }

    #[test]
    fn names_have_the_numbers_of_the_registry() {
        let encryption: Vec<(u16, Option<u16>)> = EncryptionAlgorithm::ALL
            .iter()
            .map(|name| (name.transform().id, name.transform().key_bits))
            .collect();
        assert_eq!(
            encryption,
            [
                (2, None),
                (3, None),
                (12, Some(128)),
                (12, Some(256)),
                (20, Some(128)),
                (20, Some(256)),
                (28, None)
            ]
        );
        let integrity: Vec<(u16, u16)> =
            IntegrityAlgorithm::ALL.iter().map(|name| (name.transform().id, name.prf())).collect();
        assert_eq!(integrity, [(2, 2), (7, 2), (12, 5), (13, 6), (14, 7)]);
    }

    #[test]
    fn the_defaults_are_among_what_was_observed() {
        assert!(Suite::OBSERVED.contains(&Suite::DEFAULT));
        assert!(Suite::OBSERVED.iter().all(|suite| suite.encryption.is_supported()));
        assert!(Suite::OBSERVED.iter().all(|suite| SUPPORTED_GROUPS.contains(&suite.group)));
    }
}
