//! How a PKCS#12 file is protected, as far as that can be seen without its password.

use crate::arrange::Arrange as _;
use crate::certificate::asn1::{Element, Malformed, Reader, SEQUENCE};
use crate::certificate::oid;

use super::{Outer, Pkcs12Error, encryption};

/// How many bags are looked at.
const MAX_BAGS: usize = 256;

/// The algorithms that guard a PKCS#12 file, in words, each once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Protection {
    /// The MAC over the whole: `HMAC with SHA-1`; `None` without one.
    pub mac: Option<String>,
    /// The encryption of keys and certificates: `triple DES under SHA-1`, `PBES2 with AES-256-CBC`.
    pub encryption: Vec<String>,
    /// Whether PBES2, or a MAC other than HMAC with SHA-1, is among them: what OpenSSL 3 and later write unless told
    /// otherwise, and what Apple's systems before 26 answer with "incorrect password".
    pub is_modern: bool,
}

/// Looks at the algorithms of a PKCS#12 file. What stands inside encrypted parts is not seen.
pub fn protection(bytes: &[u8]) -> Result<Protection, Pkcs12Error> {
    let Outer { content, mac } = Outer::read(bytes)?;
    let mut found = Protection::default();
    if let Some(mut mac) = mac {
        let mut digest = mac.sequence("the digest of the MAC")?;
        let id = digest.sequence("the algorithm of the MAC")?.oid("the algorithm of the MAC")?;
        found.is_modern = id != oid::SHA1;
        found.mac = Some(match id {
            id if id == oid::SHA1 => "HMAC with SHA-1".to_owned(),
            id if id == oid::SHA256 => "HMAC with SHA-256".to_owned(),
            id if id == oid::SHA384 => "HMAC with SHA-384".to_owned(),
            id if id == oid::SHA512 => "HMAC with SHA-512".to_owned(),
            id if id == oid::PBMAC1 => "PBMAC1".to_owned(),
            id => oid::dotted(id),
        });
    }
    let mut bags = 0;
    let mut safes = Reader::new(&content).sequence("the list of safes")?;
    while !safes.is_empty() {
        let mut info = safes.sequence("a safe")?;
        let kind = info.oid("the kind of a safe")?;
        let content = info.take(0xa0, "the content of a safe")?.reader().any("the content of a safe")?;
        if kind == oid::DATA {
            let plain = content.octets()?;
            let mut list = Reader::new(&plain).sequence("the bags of a safe")?;
            while !list.is_empty() && bags < MAX_BAGS {
                bags += 1;
                let mut bag = list.sequence("a bag")?;
                if bag.oid("the kind of a bag")? == oid::SHROUDED_KEY_BAG {
                    let value = bag.take(0xa0, "the value of a bag")?.reader().any("an encrypted key")?;
                    let algorithm = value.reader().take(SEQUENCE, "the encryption algorithm of a key")?;
                    found.encryption.push(name(algorithm, &mut found.is_modern)?);
                }
            }
        } else if kind == oid::ENCRYPTED_DATA {
            let mut data = content.reader();
            data.number("the version of encrypted data")?;
            let mut info = data.sequence("encrypted content")?;
            info.oid("the kind of encrypted content")?;
            let algorithm = info.take(SEQUENCE, "the encryption algorithm")?;
            found.encryption.push(name(algorithm, &mut found.is_modern)?);
        }
    }
    found.encryption.arrange();
    found.encryption.dedup();
    Ok(found)
}

/// An encryption algorithm in words.
fn name(algorithm: Element<'_>, is_modern: &mut bool) -> Result<String, Malformed> {
    let mut parts = algorithm.reader();
    let id = parts.oid("an encryption algorithm")?;
    if id == oid::PBES2 {
        *is_modern = true;
        let mut parameters = parts.sequence("the parameters of PBES2")?;
        parameters.take(SEQUENCE, "the key derivation of PBES2")?;
        let cipher = parameters.sequence("the cipher of PBES2")?.oid("the cipher of PBES2")?;
        return Ok(format!("PBES2 with {}", encryption::cipher_name(cipher)));
    }
    Ok(match id {
        id if id == oid::PBE_SHA1_3DES => "triple DES under SHA-1".to_owned(),
        id if id == oid::PBE_SHA1_2DES => "two-key triple DES under SHA-1".to_owned(),
        id if id == oid::PBE_SHA1_RC2_128 => "128-bit RC2 under SHA-1".to_owned(),
        id if id == oid::PBE_SHA1_RC2_40 => "40-bit RC2 under SHA-1".to_owned(),
        id => oid::dotted(id),
    })
}
