//! `NEVPNIKEv2SecurityAssociationParameters` and `NEVPNIKEv2PPKConfiguration`.

use serde::{Deserialize, Serialize};

use crate::SecretReference;

use super::{DiffieHellmanGroup, EncryptionAlgorithm, IntegrityAlgorithm, PostQuantumKeyExchangeMethod};

/// Minutes that an IKE SA lives unless set. A profile's default is 1440.
pub const DEFAULT_IKE_LIFETIME_MINUTES: u32 = 60;

/// Minutes that a Child SA lives unless set. A profile's default is 1440.
pub const DEFAULT_CHILD_LIFETIME_MINUTES: u32 = 30;

/// How many post-quantum methods there may be: ADDKE1 to ADDKE7 (RFC 9370).
pub const MAX_POST_QUANTUM_METHODS: usize = 7;

/// One security association: exactly one proposal and its lifetime.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityAssociationParameters {
    /// The cipher; AES-256 unless set (on tvOS AES-256-GCM).
    pub encryption_algorithm: EncryptionAlgorithm,
    /// The integrity, and the PRF of the IKE SA; SHA2-256 unless set.
    pub integrity_algorithm: IntegrityAlgorithm,
    /// The key exchange; group 14 unless set.
    pub diffie_hellman_group: DiffieHellmanGroup,
    /// Minutes until it is over; a new one is made before.
    pub lifetime_minutes: u32,
    /// Additional key exchanges in order, at most [`MAX_POST_QUANTUM_METHODS`].
    #[serde(default)]
    pub post_quantum_key_exchange_methods: Vec<PostQuantumKeyExchangeMethod>,
}

impl SecurityAssociationParameters {
    /// The defaults of the IKE SA.
    #[must_use]
    pub fn ike() -> Self {
        Self {
            encryption_algorithm: EncryptionAlgorithm::Aes256,
            integrity_algorithm: IntegrityAlgorithm::Sha256,
            diffie_hellman_group: DiffieHellmanGroup::Group14,
            lifetime_minutes: DEFAULT_IKE_LIFETIME_MINUTES,
            post_quantum_key_exchange_methods: Vec::new(),
        }
    }

    /// The defaults of a Child SA.
    #[must_use]
    pub fn child() -> Self {
        Self { lifetime_minutes: DEFAULT_CHILD_LIFETIME_MINUTES, ..Self::ike() }
    }
}

/// A post-quantum pre-shared key (RFC 8784).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PpkConfiguration {
    /// Its identifier, which the server is told.
    pub identifier: String,
    /// Where the host keeps the key; `None` until it is stored.
    pub keychain_reference: Option<SecretReference>,
    /// Without it there is no connection. True unless set.
    pub is_mandatory: bool,
}

impl PpkConfiguration {
    /// `init(identifier:keychainReference:)`.
    #[must_use]
    pub fn new(identifier: impl Into<String>, keychain_reference: SecretReference) -> Self {
        Self {
            identifier: identifier.into(),
            keychain_reference: Some(keychain_reference),
            is_mandatory: true,
        }
    }
}
