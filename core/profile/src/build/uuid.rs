//! UUIDs without randomness: from a seed and a role.

use sha1::{Digest, Sha1};

/// What the UUIDs of a profile are made from: 16 bytes, random for a new profile or kept from an old one.
///
/// Equal seeds give equal UUIDs, so a profile can be made again. It is no secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seed(pub [u8; 16]);

impl Seed {
    /// A seed from any text, such as a profile's identifier: the UUID of version 5 for it in the seed of zeros.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(Self([0; 16]).name_based(text))
    }

    /// A seed as it is given: a UUID, with or without hyphens, is taken as it is, any other text as by
    /// [`Self::from_text`].
    #[must_use]
    pub fn read(text: &str) -> Self {
        let digits: String = text.chars().filter(|character| *character != '-').collect();
        match u128::from_str_radix(&digits, 16) {
            Ok(number) if digits.len() == 32 => Self(number.to_be_bytes()),
            _ => Self::from_text(text),
        }
    }

    /// The UUID for a role inside the profile, such as `vpn`, in capitals as Apple writes them.
    ///
    /// Name-based (RFC 9562 section 5.5, version 5): the seed is the name space, the role is the name.
    #[must_use]
    pub fn uuid(&self, role: &str) -> String {
        text(self.name_based(role))
    }

    fn name_based(&self, name: &str) -> [u8; 16] {
        let digest = Sha1::new().chain_update(self.0).chain_update(name).finalize();
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest).for_each(|(byte, digest)| *byte = digest);
        let number = u128::from_be_bytes(bytes);
        let number = (number & !(0xf << 76)) | (0x5 << 76);
        ((number & !(0x3 << 62)) | (0x2 << 62)).to_be_bytes()
    }
}

/// 8-4-4-4-12 hexadecimal digits (RFC 9562 section 4).
fn text(bytes: [u8; 16]) -> String {
    let hex = format!("{:032X}", u128::from_be_bytes(bytes));
    let mut text = String::with_capacity(36);
    for (index, digit) in hex.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_9562_appendix_a4() {
        // The name space for domain names, 6ba7b810-9dad-11d1-80b4-00c04fd430c8.
        let dns = Seed(0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8_u128.to_be_bytes());
        assert_eq!(dns.uuid("www.example.com"), "2ED6657D-E927-568B-95E1-2665A8AEA6A2");
    }
}
