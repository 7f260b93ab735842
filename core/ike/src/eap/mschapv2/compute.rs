//! The computations of RFC 2759 8 and the keys of RFC 3079 3.

use adit_crypto::legacy::{des_encrypt_block, md4};
use adit_crypto::{CryptoError, CryptoProvider, Hash, HashId, Secret};
use zeroize::Zeroizing;

use super::super::EapFailure;

/// RFC 2759 8.3 takes passwords of up to 256 characters.
const MAX_PASSWORD_UNITS: usize = 256;

const RESPONSE_MAGIC_1: &[u8] = b"Magic server to client signing constant";
const RESPONSE_MAGIC_2: &[u8] = b"Pad to make it do more than one iteration";
const MASTER_MAGIC: &[u8] = b"This is the MPPE Master Key";
/// RFC 3079 3.4, Magic2: what the client sends with and the server receives with.
const CLIENT_SEND_MAGIC: &[u8] =
    b"On the client side, this is the send key; on the server side, it is the receive key.";
/// RFC 3079 3.4, Magic3: the other way.
const SERVER_SEND_MAGIC: &[u8] =
    b"On the client side, this is the receive key; on the server side, it is the send key.";

/// MD4 of the password in UTF-16: as good as the password itself.
#[derive(Clone)]
pub(in crate::eap) struct NtHash(Zeroizing<[u8; 16]>);

impl NtHash {
    /// From a password in UTF-8.
    pub(in crate::eap) fn from_password(password: &Secret) -> Result<Self, EapFailure> {
        let text = std::str::from_utf8(password.expose())
            .map_err(|_| EapFailure::Credentials { what: "the password is not valid UTF-8" })?;
        if text.encode_utf16().count() > MAX_PASSWORD_UNITS {
            return Err(EapFailure::Credentials { what: "the password is longer than 256 characters" });
        }
        // Reserved in full, so that no copy is left behind by growing.
        let mut utf16 = Zeroizing::new(Vec::with_capacity(2 * MAX_PASSWORD_UNITS));
        for unit in text.encode_utf16() {
            utf16.extend_from_slice(&unit.to_le_bytes());
        }
        Ok(Self(Zeroizing::new(md4(&utf16))))
    }

    /// From the hash, as servers store it.
    pub(in crate::eap) fn from_bytes(hash: &Secret) -> Result<Self, EapFailure> {
        let bytes = hash.expose().try_into();
        let bytes = bytes.map_err(|_| EapFailure::Credentials { what: "an NT hash has 16 bytes" })?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// A hash that nobody has, to answer for unknown users in the time known ones take.
    pub(in crate::eap) fn of_nobody() -> Self {
        Self(Zeroizing::new([0; 16]))
    }
}

/// One run of the protocol: everything that follows from the hash, the challenges and the name.
pub(in crate::eap) struct Calculation {
    pub(in crate::eap) nt_response: [u8; 24],
    /// What the server answers to prove that it has the hash too.
    pub(in crate::eap) authenticator_response: [u8; 20],
    pub(in crate::eap) msk: Secret,
    #[cfg(test)]
    pub(in crate::eap) challenge: [u8; 8],
}

impl Calculation {
    /// `name` as it is in the packets; its domain is left out here.
    pub(in crate::eap) fn new(
        provider: &CryptoProvider,
        hash: &NtHash,
        authenticator_challenge: &[u8; 16],
        peer_challenge: &[u8; 16],
        name: &[u8],
    ) -> Result<Self, CryptoError> {
        let sha1 = Sha1(provider.hash(HashId::SHA1).ok_or(CryptoError::UnsupportedSignature)?);
        let name = without_domain(name);
        let digest = sha1.digest(&[peer_challenge, authenticator_challenge, name])?;
        let challenge: [u8; 8] = first(&digest)?;
        let nt_response = challenge_response(&challenge, hash)?;
        Self::from_response(&sha1, hash, challenge, nt_response)
    }

    /// What follows from an NT response, whoever made it (RFC 2759 8.7, RFC 3079 3.4).
    fn from_response(
        sha1: &Sha1,
        hash: &NtHash,
        challenge: [u8; 8],
        nt_response: [u8; 24],
    ) -> Result<Self, CryptoError> {
        let hash_hash = Zeroizing::new(md4(hash.0.as_slice()));
        let digest = sha1.digest(&[hash_hash.as_slice(), &nt_response, RESPONSE_MAGIC_1])?;
        let authenticator_response = *sha1.digest(&[digest.as_slice(), &challenge, RESPONSE_MAGIC_2])?;

        let master = sha1.digest(&[hash_hash.as_slice(), &nt_response, MASTER_MAGIC])?;
        let master: Zeroizing<[u8; 16]> = Zeroizing::new(first(&master)?);
        // The MSK as IKEv2 peers have it: the server's receive key, its send key, zeros.
        let mut msk = Zeroizing::new([0; 64]);
        for (key, magic) in msk.chunks_exact_mut(16).zip([CLIENT_SEND_MAGIC, SERVER_SEND_MAGIC]) {
            let digest = sha1.digest(&[master.as_slice(), &[0; 40], magic, &[0xf2; 40]])?;
            let half: Zeroizing<[u8; 16]> = Zeroizing::new(first(&digest)?);
            key.copy_from_slice(half.as_slice());
        }
        Ok(Self {
            nt_response,
            authenticator_response,
            msk: Secret::from(msk.as_slice()),
            #[cfg(test)]
            challenge,
        })
    }
}

/// The user name behind `DOMAIN\`, which does not enter the challenge hash (RFC 2759 8.2).
pub(in crate::eap) fn without_domain(name: &[u8]) -> &[u8] {
    match name.iter().position(|byte| *byte == b'\\') {
        Some(at) => name.get(at.saturating_add(1)..).unwrap_or_default(),
        None => name,
    }
}

/// RFC 2759 8.5: the challenge under three DES keys cut from the hash and five zeros.
fn challenge_response(challenge: &[u8; 8], hash: &NtHash) -> Result<[u8; 24], CryptoError> {
    let mut keys = Zeroizing::new([0; 21]);
    keys.iter_mut().zip(hash.0.iter()).for_each(|(to, from)| *to = *from);
    let mut out = [0; 24];
    for (block, key) in out.chunks_exact_mut(8).zip(keys.as_chunks::<7>().0) {
        block.copy_from_slice(&des_encrypt_block(key, challenge));
    }
    Ok(out)
}

struct Sha1(&'static dyn Hash);

impl Sha1 {
    fn digest(&self, parts: &[&[u8]]) -> Result<Zeroizing<[u8; 20]>, CryptoError> {
        let digest = Zeroizing::new(self.0.digest(parts));
        Ok(Zeroizing::new(digest.as_slice().try_into().map_err(|_| CryptoError::BadLength)?))
    }
}

fn first<const N: usize>(digest: &[u8; 20]) -> Result<[u8; N], CryptoError> {
    digest.first_chunk().copied().ok_or(CryptoError::BadLength)
}

#[cfg(test)]
mod tests {
    use adit_crypto::{default_provider, rustcrypto_provider};

    use super::*;
    use crate::identity::testing::{field, hex, shared_json};

    fn array<const N: usize>(bytes: Vec<u8>) -> [u8; N] {
        bytes.try_into().expect("this many bytes")
    }

    fn calculate(case: &serde_json::Value) -> Vec<Calculation> {
        let text = |name: &str| case[name].as_str().expect("a text").to_owned();
        let hash = NtHash::from_password(&Secret::from(text("password").into_bytes())).expect("a password");
        [default_provider(), rustcrypto_provider()]
            .iter()
            .map(|provider| {
                Calculation::new(
                    provider,
                    &hash,
                    &array(field(case, "authenticator_challenge")),
                    &array(field(case, "peer_challenge")),
                    text("username").as_bytes(),
                )
                .expect("a provider with SHA-1")
            })
            .collect()
    }

    fn proof(case: &serde_json::Value) -> [u8; 20] {
        let text = case["authenticator_response"].as_str().expect("a text");
        array(hex(text.strip_prefix("S=").expect("S=")))
    }

    #[test]
    fn independent_vectors_with_domains_and_scripts_of_all_kinds() {
        let path = "vectors/selfmade/eap-mschapv2.json";
        let Some(file) = shared_json("EAP-MSCHAPv2 vectors", path) else { return };
        let cases = file["cases"].as_array().expect("a list");
        assert!(cases.len() >= 8);
        for case in cases {
            for calculation in calculate(case) {
                assert_eq!(calculation.challenge.to_vec(), field(case, "challenge"), "{case}");
                assert_eq!(calculation.nt_response.to_vec(), field(case, "nt_response"), "{case}");
                assert_eq!(calculation.authenticator_response, proof(case), "{case}");
                assert_eq!(calculation.msk.expose(), field(case, "msk_64"), "{case}");
            }
            let name = case["username"].as_str().expect("a name").as_bytes();
            assert_eq!(without_domain(name), case["hashed_name"].as_str().expect("a name").as_bytes());
        }
    }

    #[test]
    fn rfc_2759_and_3079_vectors() {
        let Some(file) = shared_json("RFC 2759, RFC 3079", "vectors/rfc/rfc-vectors.json") else { return };
        let (case, keys) = (&file["rfc2759"][0], &file["rfc3079"][0]);
        let hash = NtHash::from_password(&Secret::from(b"clientPass".as_slice())).expect("a password");
        assert_eq!(hash.0.to_vec(), field(case, "password_hash"));
        assert_eq!(md4(hash.0.as_slice()).to_vec(), field(case, "password_hash_hash"));
        for calculation in calculate(case) {
            assert_eq!(calculation.challenge.to_vec(), field(case, "challenge"));
            assert_eq!(calculation.nt_response.to_vec(), field(case, "nt_response"));
            assert_eq!(calculation.authenticator_response, proof(case));
            let msk = calculation.msk.expose().to_vec();
            assert_eq!(msk, field(keys, "eap_mschapv2_msk_64"));
            assert_eq!(msk[..16], field(keys, "recv_start_key_128_server"));
            assert_eq!(msk[16..32], field(keys, "send_start_key_128_server"));
        }
        let path = "vectors/android-ike/EapMsChapV2Test.json";
        let Some(android) = shared_json("Android EAP-MSCHAPv2", path) else { return };
        assert_eq!(field(&android["hex"], "MSK"), field(keys, "eap_mschapv2_msk_64"));
        assert_eq!(field(&android["hex"], "PEER_CHALLENGE"), field(case, "peer_challenge"));
    }

    #[test]
    fn passwords_beyond_the_limit_or_not_text_are_refused() {
        let check = |bytes: Vec<u8>| NtHash::from_password(&Secret::new(bytes)).is_ok();
        assert!(check(vec![]) && check(vec![b'a'; 256]) && check("\u{e4}".repeat(256).into_bytes()));
        assert!(
            !check(vec![b'a'; 257]) && !check("\u{1f600}".repeat(129).into_bytes()) && !check(vec![0xff])
        );
        assert!(NtHash::from_bytes(&Secret::from([1; 15].as_slice())).is_err());
    }
}
