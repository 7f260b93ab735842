//! Algorithm identifiers: the numbers of the IANA registry "IKEv2 Parameters".
//!
//! Each is a newtype with named constants rather than an enum, so that a number we do not know survives a
//! parse and can be printed back to the user.

use std::fmt;

macro_rules! registry {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $konst:ident = $value:literal, $text:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub u16);

        impl $name {
            $($(#[$vmeta])* pub const $konst: Self = Self($value);)*

            /// The registry's name for this number, if this crate knows it.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}", self.0),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

registry! {
    /// Transform Type 1, encryption algorithm.
    EncrId {
        /// DES in CBC mode (RFC 2405); broken, never implemented here.
        DES = 2, "DES";
        /// Triple DES in CBC mode (RFC 2451).
        TRIPLE_DES = 3, "3DES";
        /// No encryption (RFC 2410).
        NULL = 11, "NULL";
        /// AES in CBC mode (RFC 3602).
        AES_CBC = 12, "AES-CBC";
        /// AES in counter mode (RFC 3686).
        AES_CTR = 13, "AES-CTR";
        /// AES-CCM with a 16-octet ICV (RFC 4309).
        AES_CCM_16 = 16, "AES-CCM-16";
        /// AES-GCM with an 8-octet ICV (RFC 4106).
        AES_GCM_8 = 18, "AES-GCM-8";
        /// AES-GCM with a 12-octet ICV (RFC 4106).
        AES_GCM_12 = 19, "AES-GCM-12";
        /// AES-GCM with a 16-octet ICV (RFC 4106, RFC 5282).
        AES_GCM_16 = 20, "AES-GCM-16";
        /// ChaCha20 and Poly1305 (RFC 7634).
        CHACHA20_POLY1305 = 28, "ChaCha20-Poly1305";
    }
}

registry! {
    /// Transform Type 2, pseudorandom function.
    PrfId {
        /// HMAC with MD5; never implemented here.
        HMAC_MD5 = 1, "HMAC-MD5";
        /// HMAC with SHA-1 (RFC 2104).
        HMAC_SHA1 = 2, "HMAC-SHA1";
        /// AES-XCBC (RFC 4434).
        AES128_XCBC = 4, "AES128-XCBC";
        /// HMAC with SHA-256 (RFC 4868).
        HMAC_SHA2_256 = 5, "HMAC-SHA2-256";
        /// HMAC with SHA-384 (RFC 4868).
        HMAC_SHA2_384 = 6, "HMAC-SHA2-384";
        /// HMAC with SHA-512 (RFC 4868).
        HMAC_SHA2_512 = 7, "HMAC-SHA2-512";
        /// AES-CMAC (RFC 4615).
        AES128_CMAC = 8, "AES128-CMAC";
    }
}

registry! {
    /// Transform Type 3, integrity algorithm.
    IntegId {
        /// None: the cipher is an AEAD.
        NONE = 0, "none";
        /// HMAC-MD5 cut to 96 bits; never implemented here.
        HMAC_MD5_96 = 1, "HMAC-MD5-96";
        /// HMAC-SHA1 cut to 96 bits (RFC 2404).
        HMAC_SHA1_96 = 2, "HMAC-SHA1-96";
        /// AES-XCBC cut to 96 bits (RFC 3566).
        AES_XCBC_96 = 5, "AES-XCBC-96";
        /// HMAC-SHA1 in full (RFC 4595).
        HMAC_SHA1_160 = 7, "HMAC-SHA1-160";
        /// AES-CMAC cut to 96 bits (RFC 4494).
        AES_CMAC_96 = 8, "AES-CMAC-96";
        /// HMAC-SHA-256 cut to 128 bits (RFC 4868).
        HMAC_SHA2_256_128 = 12, "HMAC-SHA2-256-128";
        /// HMAC-SHA-384 cut to 192 bits (RFC 4868).
        HMAC_SHA2_384_192 = 13, "HMAC-SHA2-384-192";
        /// HMAC-SHA-512 cut to 256 bits (RFC 4868).
        HMAC_SHA2_512_256 = 14, "HMAC-SHA2-512-256";
    }
}

registry! {
    /// Transform Type 4, key exchange method (Diffie-Hellman group).
    DhGroup {
        /// No key exchange.
        NONE = 0, "none";
        /// 768-bit MODP; broken.
        MODP_768 = 1, "MODP-768";
        /// 1024-bit MODP; weak.
        MODP_1024 = 2, "MODP-1024";
        /// 1536-bit MODP; weak.
        MODP_1536 = 5, "MODP-1536";
        /// 2048-bit MODP (RFC 3526).
        MODP_2048 = 14, "MODP-2048";
        /// 3072-bit MODP (RFC 3526).
        MODP_3072 = 15, "MODP-3072";
        /// 4096-bit MODP (RFC 3526).
        MODP_4096 = 16, "MODP-4096";
        /// 6144-bit MODP (RFC 3526).
        MODP_6144 = 17, "MODP-6144";
        /// 8192-bit MODP (RFC 3526).
        MODP_8192 = 18, "MODP-8192";
        /// 256-bit random ECP, P-256 (RFC 5903).
        ECP_256 = 19, "ECP-256";
        /// 384-bit random ECP, P-384 (RFC 5903).
        ECP_384 = 20, "ECP-384";
        /// 521-bit random ECP, P-521 (RFC 5903).
        ECP_521 = 21, "ECP-521";
        /// Curve25519 (RFC 8031).
        CURVE25519 = 31, "Curve25519";
        /// Curve448 (RFC 8031).
        CURVE448 = 32, "Curve448";
        /// ML-KEM-512.
        ML_KEM_512 = 35, "ML-KEM-512";
        /// ML-KEM-768.
        ML_KEM_768 = 36, "ML-KEM-768";
        /// ML-KEM-1024.
        ML_KEM_1024 = 37, "ML-KEM-1024";
    }
}

registry! {
    /// Hash algorithm of SIGNATURE_HASH_ALGORITHMS (RFC 7427 7).
    HashId {
        /// SHA-1.
        SHA1 = 1, "SHA1";
        /// SHA-256.
        SHA2_256 = 2, "SHA2-256";
        /// SHA-384.
        SHA2_384 = 3, "SHA2-384";
        /// SHA-512.
        SHA2_512 = 4, "SHA2-512";
        /// The identity: the scheme hashes by itself (RFC 8420, Ed25519).
        IDENTITY = 5, "identity";
    }
}
