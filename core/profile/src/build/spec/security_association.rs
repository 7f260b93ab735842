//! Proposals: `IKESecurityAssociationParameters` and `ChildSecurityAssociationParameters`.

use super::{Keys, spec};
use crate::build::Value;
use crate::gather::Gather as _;
use crate::model::{EncryptionAlgorithm, IntegrityAlgorithm, Keyword, keywords};

spec! {
    /// One proposal. Apple's schema has a default for each key that is left out.
    #[derive(Default)]
    pub struct SecurityAssociation {
        required {}
        optional {
            /// `EncryptionAlgorithm`.
            encryption: Option<EncryptionAlgorithm>,
            /// `IntegrityAlgorithm`; beside a cipher that authenticates by itself it still names the PRF.
            integrity: Option<IntegrityAlgorithm>,
            /// `DiffieHellmanGroup`: 14 to 21, 31 or 32 (1, 2 and 5 are broken).
            diffie_hellman_group: Option<i64>,
            /// `LifeTimeInMinutes`: 10 to 1440.
            lifetime_minutes: Option<i64>,
            /// `PostQuantumKeyExchangeMethods`: up to seven, in order (RFC 9370).
            post_quantum: Vec<PostQuantumMethod>,
        }
    }
}

keywords! {
    /// One of `PostQuantumKeyExchangeMethods`.
    pub enum PostQuantumMethod {
        /// None: the round may be left out.
        None = "none",
        /// ML-KEM with the 768 parameter set.
        MlKem768 = "ML-KEM-768",
        /// ML-KEM with the 1024 parameter set.
        MlKem1024 = "ML-KEM-1024",
    }
}

impl PostQuantumMethod {
    /// The number of the transform (IANA, IKEv2 Transform Type 4).
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::None => 0,
            Self::MlKem768 => 36,
            Self::MlKem1024 => 37,
        }
    }
}

impl SecurityAssociation {
    pub(super) fn write(&self) -> Value {
        let mut keys = Keys::default();
        keys.text("EncryptionAlgorithm", self.encryption.map(Keyword::word));
        keys.text("IntegrityAlgorithm", self.integrity.map(Keyword::word));
        keys.integer("DiffieHellmanGroup", self.diffie_hellman_group);
        keys.integer("LifeTimeInMinutes", self.lifetime_minutes);
        if !self.post_quantum.is_empty() {
            let numbers = self.post_quantum.iter().map(|method| Value::Integer(method.number().into()));
            keys.put("PostQuantumKeyExchangeMethods", Value::Array(numbers.gather()));
        }
        keys.into()
    }
}
