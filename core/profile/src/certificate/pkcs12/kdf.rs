//! Keys from passwords: PBKDF2 (RFC 8018 section 5.2) and the scheme of RFC 7292 appendix B.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::Pkcs12Error;

/// How many iterations one file may ask for in all, unless the caller says otherwise. OpenSSL and Apple write 2,048 for
/// each key, careful tools some 600,000; this much takes a few seconds.
pub const MAX_ITERATIONS: u64 = 4_000_000;

/// The hashes that occur.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// Runs `$body` with the type of a hash.
macro_rules! with_hash {
    ($hash:expr, $name:ident => $body:expr) => {
        match $hash {
            Hash::Sha1 => {
                type $name = Sha1;
                $body
            }
            Hash::Sha256 => {
                type $name = Sha256;
                $body
            }
            Hash::Sha384 => {
                type $name = Sha384;
                $body
            }
            Hash::Sha512 => {
                type $name = Sha512;
                $body
            }
        }
    };
}

impl Hash {
    /// Output size in bytes: u in RFC 7292.
    fn size(self) -> usize {
        with_hash!(self, H => <H as Digest>::output_size())
    }

    /// Block size in bytes: v in RFC 7292.
    fn block(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }

    fn digest(self, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        with_hash!(self, H => {
            let mut hash = H::new();
            parts.iter().for_each(|part| Digest::update(&mut hash, part));
            Zeroizing::new(hash.finalize().to_vec())
        })
    }

    /// HMAC of `text`, compared with `tag` in constant time.
    pub fn verify_hmac(self, key: &[u8], text: &[u8], tag: &[u8]) -> bool {
        self.keyed(key).is_some_and(|mac| mac.verify(text, tag))
    }

    /// HMAC under a key; a key of any length is taken.
    fn keyed(self, key: &[u8]) -> Option<Box<dyn Keyed>> {
        Some(with_hash!(self, H => Box::new(Hmac::<H>::new_from_slice(key).ok()?)))
    }
}

/// HMAC under a key, over whichever hash: what is above it is compiled once.
trait Keyed {
    /// Puts the HMAC of a text in parts into `to`, as much as there is room for.
    fn mac(&self, text: &[&[u8]], to: &mut [u8]);

    /// Compares the HMAC of `text` with `tag`, in constant time.
    fn verify(&self, text: &[u8], tag: &[u8]) -> bool;
}

impl<M: Mac + Clone> Keyed for M {
    fn mac(&self, text: &[&[u8]], to: &mut [u8]) {
        let mut mac = self.clone();
        text.iter().for_each(|part| mac.update(part));
        to.iter_mut().zip(&mac.finalize().into_bytes()).for_each(|(to, byte)| *to = *byte);
    }

    fn verify(&self, text: &[u8], tag: &[u8]) -> bool {
        self.clone().chain_update(text).verify_slice(tag).is_ok()
    }
}

/// The work done for one file, bounded.
pub(super) struct Work {
    done: u64,
    limit: u64,
}

impl Work {
    pub fn new(limit: u64) -> Self {
        Self { done: 0, limit }
    }

    /// Iterations done so far.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Books iterations before they are done, or says that they are too many.
    fn spend(&mut self, iterations: u32, blocks: usize) -> Result<(), Pkcs12Error> {
        let iterations = u64::from(iterations).saturating_mul(blocks as u64);
        let asked = self.done.saturating_add(iterations);
        if asked > self.limit {
            return Err(Pkcs12Error::TooMuchWork { asked, limit: self.limit });
        }
        self.done = asked;
        Ok(())
    }
}

/// PBKDF2 with HMAC over `hash`.
pub(super) fn pbkdf2(
    hash: Hash,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    length: usize,
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let blocks = length.div_ceil(hash.size());
    work.spend(iterations, blocks)?;
    let mut key = Zeroizing::new(Vec::with_capacity(blocks * hash.size()));
    // This never fails.
    let prf = hash.keyed(password).ok_or(Pkcs12Error::WrongPassword)?;
    let [mut round, mut text] = [(); 2].map(|()| Zeroizing::new(vec![0; hash.size()]));
    for block in (1u32..).take(blocks) {
        prf.mac(&[salt, &block.to_be_bytes()], &mut round);
        let start = key.len();
        key.extend_from_slice(&round);
        let sum = key.get_mut(start..).unwrap_or_default();
        for _ in 1..iterations {
            std::mem::swap(&mut round, &mut text);
            prf.mac(&[&text], &mut round);
            sum.iter_mut().zip(round.iter()).for_each(|(sum, byte)| *sum ^= byte);
        }
    }
    key.truncate(length);
    Ok(key)
}

/// What a key of RFC 7292 appendix B is for: the diversifier byte.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Encryption = 1,
    Iv = 2,
    Mac = 3,
}

/// A password as RFC 7292 appendix B.1 spells it: UTF-16, big-endian, with two zero bytes at the end.
pub(super) fn bmp_password(password: &str) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * password.len() + 2));
    password.encode_utf16().chain([0]).for_each(|unit| bytes.extend_from_slice(&unit.to_be_bytes()));
    bytes
}

/// The key derivation of RFC 7292 appendix B.2. `password` is already as [`bmp_password`] makes it.
pub(super) fn pkcs12_kdf(
    hash: Hash,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    length: usize,
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    work.spend(iterations, length.div_ceil(hash.size()))?;
    let v = hash.block();
    // Nothing grows while it holds the password or what was made of it: what is left behind then is not wiped.
    let filled = |bytes: &[u8]| bytes.len().div_ceil(v) * v;
    let diversifier = vec![purpose as u8; v];
    let mut input = Zeroizing::new(Vec::with_capacity(filled(salt) + filled(password)));
    for part in [salt, password] {
        repeat(part, filled(part), &mut input);
    }
    let mut key = Zeroizing::new(Vec::with_capacity(length + hash.size()));
    loop {
        let mut round = hash.digest(&[&diversifier, &input]);
        for _ in 1..iterations {
            round = hash.digest(&[&round]);
        }
        key.extend_from_slice(&round);
        if key.len() >= length {
            key.truncate(length);
            return Ok(key);
        }
        // Each block of the input grows by the round's output plus one, as a big-endian number of v bytes.
        let mut addend = Zeroizing::new(Vec::with_capacity(v));
        repeat(&round, v, &mut addend);
        for block in input.chunks_mut(v) {
            let mut carry = 1u16;
            for (byte, add) in block.iter_mut().zip(addend.iter()).rev() {
                let [high, low] = (u16::from(*byte) + u16::from(*add) + carry).to_be_bytes();
                *byte = low;
                carry = u16::from(high);
            }
        }
    }
}

/// Adds `length` bytes to `to`: `bytes`, over and over.
fn repeat(bytes: &[u8], length: usize, to: &mut Vec<u8>) {
    let end = to.len() + length;
    while !bytes.is_empty() && to.len() < end {
        let left = end - to.len();
        to.extend_from_slice(bytes.get(..left).unwrap_or(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn pbkdf2_vectors_of_rfc_6070() {
        let cases = [
            ("password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
            ("password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
            ("password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
            (
                "passwordPASSWORDpassword",
                "saltSALTsaltSALTsaltSALTsaltSALTsalt",
                4096,
                "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
            ),
            ("pass\0word", "sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
        ];
        for (password, salt, iterations, expected) in cases {
            let expected = hex(expected);
            let key = pbkdf2(
                Hash::Sha1,
                password.as_bytes(),
                salt.as_bytes(),
                iterations,
                expected.len(),
                &mut Work::new(MAX_ITERATIONS),
            );
            assert_eq!(**key.unwrap(), expected);
        }
    }

    /// Vectors for the password "smeg" that circulate in the test suites of PKCS#12 implementations.
    #[test]
    fn pkcs12_kdf_known_answers() {
        let password = bmp_password("smeg");
        assert_eq!(**password, hex("0073006d006500670000"));
        let key = |purpose, salt: &str, length| {
            let salt = hex(salt);
            pkcs12_kdf(Hash::Sha1, purpose, &password, &salt, 1, length, &mut Work::new(MAX_ITERATIONS))
                .unwrap()
                .to_vec()
        };
        assert_eq!(
            key(Purpose::Encryption, "0a58cf64530d823f", 24),
            hex("8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3")
        );
        assert_eq!(key(Purpose::Iv, "0a58cf64530d823f", 8), hex("79993dfe048d3b76"));
        assert_eq!(
            key(Purpose::Encryption, "642b99ab44fb4b1f", 24),
            hex("f3a95fec48d7711e985cfe67908c5ab79fa3d7c5caa5d966")
        );
        assert_eq!(key(Purpose::Iv, "642b99ab44fb4b1f", 8), hex("c0a38d64a79bea1d"));
        assert_eq!(
            key(Purpose::Mac, "3d83c0e4546ac140", 20),
            hex("8d967d88f6caa9d714800ab3d48051d63f73a312")
        );
    }

    #[test]
    fn f02_iterations_are_bounded_for_the_whole_file() {
        let mut work = Work::new(MAX_ITERATIONS);
        assert!(pbkdf2(Hash::Sha256, b"p", b"s", u32::MAX, 32, &mut work).is_err());
        let mut work = Work::new(MAX_ITERATIONS);
        assert!(work.spend(3_999_999, 1).is_ok());
        assert_eq!(work.spend(2, 1), Err(Pkcs12Error::TooMuchWork { asked: 4_000_001, limit: 4_000_000 }));
    }
}
