//! strongSwan's words for algorithms, and their numbers in the IANA registry "IKEv2 Parameters".
//!
//! Source: strongSwan's list of proposal keywords (versions 5.9 and 6). Words for algorithms from private space have
//! numbers here too, so that a proposal with one is still understood; no profile can ask for them.

/// Transform types (RFC 7296 section 3.3.2).
pub const ENCR: u8 = 1;
/// Pseudorandom function.
pub const PRF: u8 = 2;
/// Integrity.
pub const INTEG: u8 = 3;
/// Key exchange method.
pub const KE: u8 = 4;
/// Extended sequence numbers.
pub const ESN: u8 = 5;
/// Additional key exchange 1; the seventh is 12 (RFC 9370 section 2.2.1).
pub const ADDKE1: u8 = 6;

/// Word, transform type, transform ID, key length in bits or 0.
const WORDS: &[(&str, u8, u16, u16)] = &[
    ("des", ENCR, 2, 0),
    ("3des", ENCR, 3, 0),
    ("cast128", ENCR, 6, 128),
    ("blowfish128", ENCR, 7, 128),
    ("blowfish", ENCR, 7, 128),
    ("blowfish192", ENCR, 7, 192),
    ("blowfish256", ENCR, 7, 256),
    ("null", ENCR, 11, 0),
    ("aes128", ENCR, 12, 128),
    ("aes", ENCR, 12, 128),
    ("aes192", ENCR, 12, 192),
    ("aes256", ENCR, 12, 256),
    ("aes128ctr", ENCR, 13, 128),
    ("aes192ctr", ENCR, 13, 192),
    ("aes256ctr", ENCR, 13, 256),
    ("camellia128", ENCR, 23, 128),
    ("camellia", ENCR, 23, 128),
    ("camellia192", ENCR, 23, 192),
    ("camellia256", ENCR, 23, 256),
    ("camellia128ctr", ENCR, 24, 128),
    ("camellia192ctr", ENCR, 24, 192),
    ("camellia256ctr", ENCR, 24, 256),
    ("chacha20poly1305", ENCR, 28, 0),
    ("chacha20poly1305compat", ENCR, 28, 256),
    ("sha1", INTEG, 2, 0),
    ("sha", INTEG, 2, 0),
    ("md5", INTEG, 1, 0),
    ("aesxcbc", INTEG, 5, 0),
    ("md5_128", INTEG, 6, 0),
    ("sha1_160", INTEG, 7, 0),
    ("aescmac", INTEG, 8, 0),
    ("sha256", INTEG, 12, 0),
    ("sha2_256", INTEG, 12, 0),
    ("sha384", INTEG, 13, 0),
    ("sha2_384", INTEG, 13, 0),
    ("sha512", INTEG, 14, 0),
    ("sha2_512", INTEG, 14, 0),
    ("sha256_96", INTEG, 1030, 0),
    ("sha2_256_96", INTEG, 1030, 0),
    ("camelliaxcbc", INTEG, 1031, 0),
    ("prfmd5", PRF, 1, 0),
    ("prfsha1", PRF, 2, 0),
    ("prfaesxcbc", PRF, 4, 0),
    ("prfsha256", PRF, 5, 0),
    ("prfsha384", PRF, 6, 0),
    ("prfsha512", PRF, 7, 0),
    ("prfaescmac", PRF, 8, 0),
    ("prfcamelliaxcbc", PRF, 1025, 0),
    ("none", KE, 0, 0),
    ("modpnone", KE, 0, 0),
    ("modp768", KE, 1, 0),
    ("modp1024", KE, 2, 0),
    ("modp1536", KE, 5, 0),
    ("modp2048", KE, 14, 0),
    ("modp3072", KE, 15, 0),
    ("modp4096", KE, 16, 0),
    ("modp6144", KE, 17, 0),
    ("modp8192", KE, 18, 0),
    ("ecp256", KE, 19, 0),
    ("ecp384", KE, 20, 0),
    ("ecp521", KE, 21, 0),
    ("modp1024s160", KE, 22, 0),
    ("modp2048s224", KE, 23, 0),
    ("modp2048s256", KE, 24, 0),
    ("ecp192", KE, 25, 0),
    ("ecp224", KE, 26, 0),
    ("ecp224bp", KE, 27, 0),
    ("ecp256bp", KE, 28, 0),
    ("ecp384bp", KE, 29, 0),
    ("ecp512bp", KE, 30, 0),
    ("x25519", KE, 31, 0),
    ("curve25519", KE, 31, 0),
    ("curve448", KE, 32, 0),
    ("x448", KE, 32, 0),
    ("mlkem512", KE, 35, 0),
    ("mlkem768", KE, 36, 0),
    ("mlkem1024", KE, 37, 0),
    ("ntru112", KE, 1030, 0),
    ("ntru128", KE, 1031, 0),
    ("ntru192", KE, 1032, 0),
    ("ntru256", KE, 1033, 0),
    ("newhope128", KE, 1040, 0),
    ("modpnull", KE, 1024, 0),
    ("noesn", ESN, 0, 0),
    ("esn", ESN, 1, 0),
];

/// Combined-mode ciphers whose words carry key and ICV length: stem, ID for an ICV of 8, 12 and 16 octets.
const COMBINED: [(&str, [u16; 3]); 3] =
    [("gcm", [18, 19, 20]), ("ccm", [14, 15, 16]), ("camelliaccm", [25, 26, 27])];

/// One algorithm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Algorithm {
    /// Transform type.
    pub kind: u8,
    /// Transform ID.
    pub id: u16,
    /// Key length in bits, 0 where the transform has none.
    pub bits: u16,
}

impl Algorithm {
    /// The algorithm that a word stands for; `ke1_` to `ke7_` before a word for a key exchange make it an additional one.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        if let Some((place, method)) = word.strip_prefix("ke").and_then(|rest| rest.split_once('_')) {
            let place: u8 = place.parse().ok().filter(|place| (1..=7).contains(place))?;
            return Self::of(method)
                .filter(|one| one.kind == KE)
                .map(|one| Self { kind: ADDKE1 - 1 + place, ..one });
        }
        let known = WORDS.iter().find(|(known, ..)| *known == word);
        known.map(|&(_, kind, id, bits)| Self { kind, id, bits }).or_else(|| combined(&word))
    }

    /// strongSwan's word for it.
    #[must_use]
    pub fn word(self) -> String {
        if (ADDKE1..ADDKE1 + 7).contains(&self.kind) {
            return format!("ke{}_{}", self.kind - ADDKE1 + 1, Self { kind: KE, ..self }.word());
        }
        let same = |&&(_, kind, id, bits): &&(&str, u8, u16, u16)| {
            (kind, id, bits) == (self.kind, self.id, self.bits)
        };
        if let Some((word, ..)) = WORDS.iter().find(same) {
            return (*word).to_owned();
        }
        for (stem, ids) in COMBINED {
            if let Some((_, octets)) =
                ids.iter().zip([8, 12, 16]).find(|(id, _)| **id == self.id && self.kind == ENCR)
            {
                return match stem {
                    "camelliaccm" => format!("camellia{}ccm{octets}", self.bits),
                    _ => format!("aes{}{stem}{octets}", self.bits),
                };
            }
        }
        format!("number {} of transform type {}", self.id, self.kind)
    }

    /// A cipher that authenticates by itself (RFC 5282).
    #[must_use]
    pub fn is_aead(self) -> bool {
        self.kind == ENCR && matches!(self.id, 14..=16 | 18..=20 | 21 | 25..=28)
    }
}

/// `aes256gcm16`, `aes128ccm96`, `camellia256ccm`, `aes128gmac`.
fn combined(word: &str) -> Option<Algorithm> {
    let (stem, rest) = match word.strip_prefix("aes") {
        Some(rest) => ("", rest),
        None => ("camellia", word.strip_prefix("camellia")?),
    };
    let bits = rest.get(..3)?;
    let mode = rest.get(3..)?;
    let bits: u16 = bits.parse().ok().filter(|bits| matches!(bits, 128 | 192 | 256))?;
    if stem.is_empty() && mode == "gmac" {
        return Some(Algorithm { kind: ENCR, id: 21, bits });
    }
    let (name, icv) = mode.split_at_checked(3)?;
    let place = match icv {
        "8" | "64" => 0,
        "12" | "96" => 1,
        "" | "16" | "128" => 2,
        _ => return None,
    };
    let known = COMBINED
        .iter()
        .find(|(known, _)| known.strip_prefix(stem) == Some(name) && known.starts_with(stem))?;
    if stem.is_empty() && known.0 != name {
        return None;
    }
    known.1.get(place).map(|&id| Algorithm { kind: ENCR, id, bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers() {
        let cases = [
            ("aes256gcm16", ENCR, 20, 256),
            ("aes128gcm", ENCR, 20, 128),
            ("aes192gcm128", ENCR, 20, 192),
            ("aes128gcm8", ENCR, 18, 128),
            ("aes256ccm12", ENCR, 15, 256),
            ("camellia256ccm16", ENCR, 27, 256),
            ("camellia128", ENCR, 23, 128),
            ("aes256", ENCR, 12, 256),
            ("AES256", ENCR, 12, 256),
            ("aes128gmac", ENCR, 21, 128),
            ("chacha20poly1305", ENCR, 28, 0),
            ("sha256", INTEG, 12, 0),
            ("prfsha256", PRF, 5, 0),
            ("modp2048", KE, 14, 0),
            ("x25519", KE, 31, 0),
            ("curve448", KE, 32, 0),
            ("mlkem768", KE, 36, 0),
            ("ke1_mlkem768", 6, 36, 0),
            ("ke7_none", 12, 0, 0),
            ("noesn", ESN, 0, 0),
        ];
        for (word, kind, id, bits) in cases {
            assert_eq!(Algorithm::of(word), Some(Algorithm { kind, id, bits }), "{word}");
        }
        for word in [
            "",
            "aes512",
            "aes256gcm7",
            "ke0_x25519",
            "ke8_x25519",
            "ke1_sha256",
            "aes1é",
            "gcm",
            "camellia256gcm16",
            "keé_",
        ] {
            assert_eq!(Algorithm::of(word), None, "{word}");
        }
    }

    #[test]
    fn each_algorithm_has_a_word_that_means_it() {
        let combined =
            ["aes128gcm16", "aes256ccm8", "camellia192ccm12"].map(|word| Algorithm::of(word).unwrap());
        let known = WORDS.iter().map(|&(_, kind, id, bits)| Algorithm { kind, id, bits });
        for algorithm in known.chain(combined).chain([Algorithm { kind: 8, id: 37, bits: 0 }]) {
            assert_eq!(Algorithm::of(&algorithm.word()), Some(algorithm), "{}", algorithm.word());
        }
    }
}
