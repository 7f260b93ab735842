//! The hashes of SIGNATURE_HASH_ALGORITHMS (RFC 7427 4).

use adit_crypto::HashId;

/// The hashes we announce in SIGNATURE_HASH_ALGORITHMS. SHA-1 is not among them (RFC 8247 4).
pub const ANNOUNCED_HASHES: [HashId; 4] =
    [HashId::SHA2_256, HashId::SHA2_384, HashId::SHA2_512, HashId::IDENTITY];

/// Most hashes read from a notify; the registry has five.
const MAX_HASHES: usize = 32;

/// The notification data of SIGNATURE_HASH_ALGORITHMS: two bytes a hash (RFC 7427 4).
#[must_use]
pub fn encode_hashes(hashes: &[HashId]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0.to_be_bytes()).collect()
}

/// Reads the notification data of SIGNATURE_HASH_ALGORITHMS. `None` if it does not consist of whole numbers
/// or lists more than 32.
#[must_use]
pub fn decode_hashes(data: &[u8]) -> Option<Vec<HashId>> {
    let (hashes, rest) = data.as_chunks::<2>();
    (rest.is_empty() && hashes.len() <= MAX_HASHES)
        .then(|| hashes.iter().map(|hash| HashId(u16::from_be_bytes(*hash))).collect())
}
