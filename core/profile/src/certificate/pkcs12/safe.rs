//! The authenticated safe and its bags (RFC 7292 sections 4.1 and 4.2).

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::certificate::asn1::{Element, Malformed, OCTET_STRING, Reader, SEQUENCE, SET};
use crate::certificate::oid;

use super::kdf::Work;
use super::{KeyBag, Pkcs12Error, encryption};

/// How many bags inside one another are followed.
const MAX_NESTING: usize = 4;

/// How many bags are read; the rest is not.
const MAX_BAGS: usize = 256;

/// What the bags hold.
#[derive(Default)]
pub(super) struct Bags {
    pub keys: Vec<KeyBag>,
    pub certificates: Vec<CertificateBag>,
}

/// A certificate out of a bag.
pub(super) struct CertificateBag {
    pub der: Vec<u8>,
    pub local_key_id: Option<Vec<u8>>,
}

/// Reads an `AuthenticatedSafe`.
pub(super) fn read(safe: &[u8], password: &str, work: &mut Work) -> Result<Bags, Pkcs12Error> {
    let mut bags = Bags::default();
    let mut safes = Reader::new(safe).sequence("the list of safes")?;
    while !safes.is_empty() {
        let mut info = safes.sequence("a safe")?;
        let kind = info.oid("the kind of a safe")?;
        let content = info.take(0xa0, "the content of a safe")?.reader().any("the content of a safe")?;
        let plain: Zeroizing<Vec<u8>> = if kind == oid::DATA {
            Zeroizing::new(content.octets()?.into_owned())
        } else if kind == oid::ENCRYPTED_DATA {
            decrypt(content, password, work)?
        } else {
            return Err(Pkcs12Error::Unsupported { what: "a safe of kind", identifier: oid::dotted(kind) });
        };
        let mut contents = Reader::new(&plain).sequence("the bags of a safe")?;
        read_bags(&mut contents, password, work, &mut bags, MAX_NESTING)?;
    }
    Ok(bags)
}

/// Opens `EncryptedData` (RFC 5652 section 8).
fn decrypt(content: Element<'_>, password: &str, work: &mut Work) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    if content.tag != SEQUENCE {
        return Err(Malformed { offset: content.offset, expected: "encrypted data" }.into());
    }
    let mut data = content.reader();
    data.number("the version of encrypted data")?;
    let mut info = data.sequence("encrypted content")?;
    info.oid("the kind of encrypted content")?;
    let algorithm = info.take(SEQUENCE, "the encryption algorithm")?;
    let ciphertext = info.any("the encrypted content")?;
    if ciphertext.tag & 0xdf != 0x80 {
        return Err(Malformed { offset: ciphertext.offset, expected: "the encrypted content" }.into());
    }
    encryption::decrypt(algorithm, &ciphertext.octets()?, password, work)
}

fn read_bags(
    contents: &mut Reader<'_>,
    password: &str,
    work: &mut Work,
    bags: &mut Bags,
    nesting: usize,
) -> Result<(), Pkcs12Error> {
    while !contents.is_empty() {
        let mut bag = contents.sequence("a bag")?;
        let kind = bag.oid("the kind of a bag")?;
        let value = bag.take(0xa0, "the value of a bag")?.reader().any("the value of a bag")?;
        let local_key_id = match bag.optional(SET, "the attributes of a bag")? {
            Some(attributes) => local_key_id(attributes)?,
            None => None,
        };
        if bags.keys.len() + bags.certificates.len() >= MAX_BAGS {
            return Err(Malformed { offset: value.offset, expected: "no more than 256 bags" }.into());
        }
        if kind == oid::KEY_BAG {
            let pkcs8 = Zeroizing::new(value.raw.to_vec());
            bags.keys.push(KeyBag { pkcs8, local_key_id });
        } else if kind == oid::SHROUDED_KEY_BAG {
            // Only the first key counts, so no work is done for others.
            if bags.keys.is_empty() {
                let pkcs8 = shrouded_key(value, password, work)?;
                bags.keys.push(KeyBag { pkcs8, local_key_id });
            }
        } else if kind == oid::CERT_BAG {
            let mut bag = value.reader();
            if bag.oid("the kind of a certificate")? == oid::X509_CERTIFICATE {
                let der =
                    bag.take(0xa0, "a certificate")?.reader().any("a certificate")?.octets()?.into_owned();
                bags.certificates.push(CertificateBag { der, local_key_id });
            }
        } else if kind == oid::SAFE_CONTENTS_BAG {
            let deeper = nesting.checked_sub(1);
            let deeper =
                deeper.ok_or(Malformed { offset: value.offset, expected: "fewer bags inside bags" })?;
            read_bags(&mut value.reader(), password, work, bags, deeper)?;
        }
    }
    Ok(())
}

/// Opens `EncryptedPrivateKeyInfo` (RFC 5208 section 6).
fn shrouded_key(
    value: Element<'_>,
    password: &str,
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let mut info = value.reader();
    let algorithm = info.take(SEQUENCE, "the encryption algorithm of a key")?;
    let ciphertext = info.any("an encrypted key")?;
    if ciphertext.tag & 0xdf != OCTET_STRING {
        return Err(Malformed { offset: ciphertext.offset, expected: "an encrypted key" }.into());
    }
    let ciphertext: Cow<'_, [u8]> = ciphertext.octets()?;
    encryption::decrypt(algorithm, &ciphertext, password, work)
}

/// The `localKeyId` among the attributes of a bag.
fn local_key_id(attributes: Element<'_>) -> Result<Option<Vec<u8>>, Malformed> {
    let mut list = attributes.reader();
    while !list.is_empty() {
        let mut attribute = list.sequence("an attribute of a bag")?;
        let kind = attribute.oid("the kind of an attribute")?;
        let values = attribute.any("the values of an attribute")?;
        if kind == oid::LOCAL_KEY_ID {
            return Ok(Some(values.reader().any("a key identifier")?.octets()?.into_owned()));
        }
    }
    Ok(None)
}
