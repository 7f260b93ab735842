//! Broken algorithms that EAP-MSCHAPv2 (RFC 2759) cannot do without.
//!
//! MD4 and single DES protect nothing: a recorded MSCHAPv2 exchange gives the password hash away after one
//! exhaustive DES search. They are here only because so many servers ask for that method, and they are safe
//! to use only inside an IKE SA whose server was authenticated by certificate first. Nothing negotiates
//! them, no provider lists them.

use des::Des;
use des::cipher::{BlockCipherEncrypt, KeyInit};
use md4::{Digest, Md4};
use zeroize::{Zeroize, Zeroizing};

/// MD4 of `data` (RFC 1320): the password hash of RFC 2759 8.3. Broken: collisions by hand.
#[must_use]
pub fn md4(data: &[u8]) -> [u8; 16] {
    Md4::digest(data).into()
}

/// One block of DES (RFC 2759 8.6, `DesEncrypt`) under a 56-bit key given without parity bits. Broken: the
/// key space can be searched.
#[must_use]
pub fn des_encrypt_block(key7: &[u8; 7], block: &[u8; 8]) -> [u8; 8] {
    let key = Zeroizing::new(spread_key(key7));
    let des = Des::new((&*key).into());
    let mut out = (*block).into();
    des.encrypt_block(&mut out);
    out.into()
}

/// Seven bits of key to an octet; the lowest bit, which DES ignores, is left zero.
fn spread_key(key7: &[u8; 7]) -> [u8; 8] {
    let mut bits = key7.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut key = [0; 8];
    for byte in key.iter_mut().rev() {
        *byte = ((bits & 0x7f) << 1) as u8;
        bits >>= 7;
    }
    bits.zeroize();
    key
}

#[cfg(test)]
mod tests {
    use super::{des_encrypt_block, md4};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn md4_of_rfc_1320() {
        assert_eq!(hex(&md4(b"")), "31d6cfe0d16ae931b73c59d7e0c089c0");
        assert_eq!(hex(&md4(b"message digest")), "d9130a8164549fe818874806e1c7014b");
    }

    #[test]
    fn des_answers_the_challenge_of_rfc_2759() {
        // RFC 2759 9.2: challenge and password hash; the response is three blocks under thirds of the hash.
        let challenge = [0xd0, 0x2e, 0x43, 0x86, 0xbc, 0xe9, 0x12, 0x26];
        let hash =
            [0x44, 0xeb, 0xba, 0x8d, 0x53, 0x12, 0xb8, 0xd6, 0x11, 0x47, 0x44, 0x11, 0xf5, 0x69, 0x89, 0xae];
        let mut padded = hash.to_vec();
        padded.resize(21, 0);
        let response: String = padded
            .chunks(7)
            .map(|key| hex(&des_encrypt_block(key.try_into().unwrap(), &challenge)))
            .collect();
        assert_eq!(response, "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df");
    }

    #[test]
    fn password_hash_of_rfc_2759() {
        let password: Vec<u8> = "clientPass".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(hex(&md4(&password)), "44ebba8d5312b8d611474411f56989ae");
    }
}
