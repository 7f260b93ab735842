//! The enumerations of `NEVPNProtocolIKEv2` and of its security associations, and the words a profile has for them.
//!
//! Sources: the NetworkExtension headers (raw values), Apple's VPN payload schema (words), the IANA registry "IKEv2
//! Parameters" (group and method numbers).

use crate::raw::raw_enum;

raw_enum! {
    /// How device and server authenticate in IKE.
    pub enum AuthenticationMethod as "NEVPNIKEAuthenticationMethod" {
        /// Not in IKE; EAP still may.
        None = 0 "none",
        /// Certificate and private key.
        Certificate = 1 "certificate",
        /// Pre-shared key.
        SharedSecret = 2 "sharedSecret",
    }
}

raw_enum! {
    /// The cipher of a security association.
    pub enum EncryptionAlgorithm as "NEVPNIKEv2EncryptionAlgorithm" {
        /// DES in CBC mode; no longer supported by Apple, and never here.
        Des = 1 "algorithmDES",
        /// Triple DES in CBC mode; no longer supported by Apple, and never here.
        TripleDes = 2 "algorithm3DES",
        /// AES with 128-bit keys in CBC mode.
        Aes128 = 3 "algorithmAES128",
        /// AES with 256-bit keys in CBC mode, the default.
        Aes256 = 4 "algorithmAES256",
        /// AES with 128-bit keys in Galois/Counter mode.
        Aes128Gcm = 5 "algorithmAES128GCM",
        /// AES with 256-bit keys in Galois/Counter mode.
        Aes256Gcm = 6 "algorithmAES256GCM",
        /// ChaCha20 with Poly1305.
        ChaCha20Poly1305 = 7 "algorithmChaCha20Poly1305",
    }
}

raw_enum! {
    /// The integrity of a security association, which also names the PRF of an IKE SA.
    pub enum IntegrityAlgorithm as "NEVPNIKEv2IntegrityAlgorithm" {
        /// HMAC-SHA1 cut to 96 bits; no longer supported by Apple.
        Sha96 = 1 "SHA96",
        /// HMAC-SHA1 with 160 bits; no longer supported by Apple.
        Sha160 = 2 "SHA160",
        /// HMAC-SHA2-256, the default.
        Sha256 = 3 "SHA256",
        /// HMAC-SHA2-384.
        Sha384 = 4 "SHA384",
        /// HMAC-SHA2-512.
        Sha512 = 5 "SHA512",
    }
}

raw_enum! {
    /// A key exchange group by its IANA number.
    pub enum DiffieHellmanGroup as "NEVPNIKEv2DiffieHellmanGroup" {
        /// No group at all; refused.
        Invalid = 0 "groupInvalid",
        /// 768-bit MODP; no longer supported by Apple.
        Group1 = 1 "group1",
        /// 1024-bit MODP; no longer supported by Apple.
        Group2 = 2 "group2",
        /// 1536-bit MODP; no longer supported by Apple.
        Group5 = 5 "group5",
        /// 2048-bit MODP, the default.
        Group14 = 14 "group14",
        /// 3072-bit MODP.
        Group15 = 15 "group15",
        /// 4096-bit MODP.
        Group16 = 16 "group16",
        /// 6144-bit MODP.
        Group17 = 17 "group17",
        /// 8192-bit MODP.
        Group18 = 18 "group18",
        /// P-256.
        Group19 = 19 "group19",
        /// P-384.
        Group20 = 20 "group20",
        /// P-521.
        Group21 = 21 "group21",
        /// Curve25519.
        Group31 = 31 "group31",
        /// Curve448.
        Group32 = 32 "group32",
    }
}

raw_enum! {
    /// An additional key exchange (RFC 9370) by its IANA number.
    pub enum PostQuantumKeyExchangeMethod as "NEVPNIKEv2PostQuantumKeyExchangeMethod" {
        /// None in this place.
        None = 0 "methodNone",
        /// ML-KEM-768.
        Method36 = 36 "method36",
        /// ML-KEM-1024.
        Method37 = 37 "method37",
    }
}

raw_enum! {
    /// How often the server is asked for a sign of life.
    pub enum DeadPeerDetectionRate as "NEVPNIKEv2DeadPeerDetectionRate" {
        /// Never.
        None = 0 "none",
        /// Every 30 minutes.
        Low = 1 "low",
        /// Every 10 minutes, the default.
        Medium = 2 "medium",
        /// Every minute.
        High = 3 "high",
    }
}

raw_enum! {
    /// The kind of the client certificate's key.
    pub enum CertificateType as "NEVPNIKEv2CertificateType" {
        /// RSA with PKCS#1 signatures, the default.
        Rsa = 1 "RSA",
        /// ECDSA on P-256.
        Ecdsa256 = 2 "ECDSA256",
        /// ECDSA on P-384.
        Ecdsa384 = 3 "ECDSA384",
        /// ECDSA on P-521.
        Ecdsa521 = 4 "ECDSA521",
        /// Ed25519 (RFC 8420); a profile has no word for it.
        Ed25519 = 5 "ed25519",
        /// RSA with PSS signatures.
        RsaPss = 6 "RSAPSS",
    }
}

raw_enum! {
    /// A bound for the TLS version of EAP-TLS.
    pub enum TlsVersion as "NEVPNIKEv2TLSVersion" {
        /// No bound given.
        Default = 0 "versionDefault",
        /// TLS 1.0.
        Version1_0 = 1 "version1_0",
        /// TLS 1.1.
        Version1_1 = 2 "version1_1",
        /// TLS 1.2.
        Version1_2 = 3 "version1_2",
        /// TLS 1.3.
        Version1_3 = 4 "version1_3",
    }
}

macro_rules! words {
    ($name:ident, $key:literal: $($case:ident = $word:literal),* $(,)?) => {
        impl $name {
            #[doc = concat!("The word a profile has for it (`", $key, "`); `None` where the schema has none.")]
            #[must_use]
            pub fn profile_word(self) -> Option<&'static str> {
                #[allow(unreachable_patterns)]
                match self {
                    $(Self::$case => Some($word),)*
                    _ => None,
                }
            }

            #[doc = concat!("The case of a word of a profile (`", $key, "`).")]
            #[must_use]
            pub fn of_profile(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$case),)*
                    _ => None,
                }
            }
        }
    };
}

words!(AuthenticationMethod, "AuthenticationMethod": None = "None", Certificate = "Certificate", SharedSecret = "SharedSecret");
words!(EncryptionAlgorithm, "EncryptionAlgorithm": Des = "DES", TripleDes = "3DES", Aes128 = "AES-128", Aes256 = "AES-256",
    Aes128Gcm = "AES-128-GCM", Aes256Gcm = "AES-256-GCM", ChaCha20Poly1305 = "ChaCha20Poly1305");
words!(IntegrityAlgorithm, "IntegrityAlgorithm": Sha96 = "SHA1-96", Sha160 = "SHA1-160", Sha256 = "SHA2-256",
    Sha384 = "SHA2-384", Sha512 = "SHA2-512");
words!(DeadPeerDetectionRate, "DeadPeerDetectionRate": None = "None", Low = "Low", Medium = "Medium", High = "High");
words!(CertificateType, "CertificateType": Rsa = "RSA", Ecdsa256 = "ECDSA256", Ecdsa384 = "ECDSA384", Ecdsa521 = "ECDSA521",
    RsaPss = "RSA-PSS");
words!(TlsVersion, "TLSMinimumVersion": Version1_0 = "1.0", Version1_1 = "1.1", Version1_2 = "1.2", Version1_3 = "1.3");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_profile_lead_back_to_their_case() {
        for &case in EncryptionAlgorithm::ALL {
            assert_eq!(case.profile_word().and_then(EncryptionAlgorithm::of_profile), Some(case));
        }
        for &case in IntegrityAlgorithm::ALL {
            assert_eq!(case.profile_word().and_then(IntegrityAlgorithm::of_profile), Some(case));
        }
        let without: Vec<_> =
            CertificateType::ALL.iter().filter(|case| case.profile_word().is_none()).collect();
        assert_eq!(without, [&CertificateType::Ed25519]);
        assert_eq!(TlsVersion::Default.profile_word(), None);
    }

    #[test]
    fn raw_values_lead_back_and_others_lead_nowhere() {
        for &case in DiffieHellmanGroup::ALL {
            assert_eq!(DiffieHellmanGroup::from_raw(case.raw()), Some(case));
        }
        assert_eq!(DiffieHellmanGroup::from_raw(3), None);
        assert!(serde_json::from_str::<TlsVersion>("5").unwrap_err().to_string().contains("no case 5"));
    }
}
