//! Secrets: what they are for, and the references by which the host keeps them.
//!
//! A configuration holds references only. A secret that is to be stored travels once, as a [`NewSecret`], to the host,
//! which answers with the reference (Apple: a persistent reference of a keychain item).

use std::fmt;

use adit_profile::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hex;

/// The host's name for a secret that it keeps: bytes that mean nothing to anybody else. No secret itself.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SecretReference(pub Vec<u8>);

impl fmt::Debug for SecretReference {
    /// Its length only: a careless host may have put more into it than a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretReference({} bytes)", self.0.len())
    }
}

impl Serialize for SecretReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for SecretReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(&text).map(Self).ok_or_else(|| serde::de::Error::custom("a reference is not hexadecimal"))
    }
}

/// What a secret is for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSlot {
    /// The user's password (`passwordReference`), UTF-8.
    Password,
    /// The pre-shared key (`sharedSecretReference`), the UTF-8 bytes of its text.
    SharedSecret,
    /// A PKCS#12 file (`identityData`).
    IdentityData,
    /// The passphrase of that file (`identityDataPassword`), UTF-8.
    IdentityDataPassword,
    /// The post-quantum pre-shared key (RFC 8784), `keychainReference` of the PPK configuration.
    PostQuantumPresharedKey,
    /// The password of the HTTP proxy (`NEProxyServer.password`), UTF-8.
    HttpProxyPassword,
    /// The password of the HTTPS proxy.
    HttpsProxyPassword,
}

impl SecretSlot {
    /// Every slot.
    pub const ALL: [Self; 7] = [
        Self::Password,
        Self::SharedSecret,
        Self::IdentityData,
        Self::IdentityDataPassword,
        Self::PostQuantumPresharedKey,
        Self::HttpProxyPassword,
        Self::HttpsProxyPassword,
    ];
}

/// A secret on its way to the host's store. Wiped when dropped; `Debug` shows its slot only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewSecret {
    /// What it is for.
    pub slot: SecretSlot,
    /// The secret.
    pub content: Secret,
}

impl NewSecret {
    /// A secret for a slot.
    #[must_use]
    pub fn new(slot: SecretSlot, content: Vec<u8>) -> Self {
        Self { slot, content: Secret::new(content) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f03_debug_shows_neither_secret_nor_reference() {
        let secret = NewSecret::new(SecretSlot::Password, b"hunter2".to_vec());
        let text = format!("{secret:?} {:?}", SecretReference(b"hunter2".to_vec()));
        assert!(!text.contains("hunter2") && !text.contains("104"), "{text}");
    }

    #[test]
    fn a_reference_goes_through_json_as_hexadecimal() {
        let reference = SecretReference(vec![0, 0xab, 0xff]);
        let text = serde_json::to_string(&reference).unwrap();
        assert_eq!(text, "\"00abff\"");
        assert_eq!(serde_json::from_str::<SecretReference>(&text).unwrap(), reference);
        assert!(serde_json::from_str::<SecretReference>("\"0\"").is_err());
        assert!(serde_json::from_str::<SecretReference>("\"zz\"").is_err());
    }
}
