//! prf+ (RFC 7296 2.13).

use adit_crypto::{PrfKey, Secret};
use zeroize::Zeroizing;

use super::KeyError;

/// The first `len` octets of `prf+(key, seed)`, where the seed is the concatenation of `seed`.
///
/// # Errors
/// [`KeyError::TooMuchKeyMaterial`] beyond 255 times the PRF's output.
pub fn prf_plus(key: &dyn PrfKey, seed: &[&[u8]], len: usize) -> Result<Secret, KeyError> {
    // Reserved at once: growing would leave copies of key material behind in freed memory.
    let mut out = Zeroizing::new(Vec::with_capacity(len));
    let mut block = Secret::default();
    for round in 1..=u8::MAX {
        if out.len() == len {
            break;
        }
        let counter = [round];
        let parts: Vec<&[u8]> =
            [block.expose()].iter().chain(seed).chain(&[counter.as_slice()]).copied().collect();
        let next = key.compute(&parts);
        let missing = len - out.len();
        out.extend(next.expose().iter().take(missing));
        block = next;
    }
    if out.len() < len {
        return Err(KeyError::TooMuchKeyMaterial { wanted: len });
    }
    Ok(Secret::new(std::mem::take(&mut *out)))
}
