//! AUTH from a shared key (RFC 7296 2.15, 2.16).

use adit_crypto::{Prf, Secret};

use super::{AuthMethod, AuthRefusal};

/// RFC 7296 2.15: seventeen characters, without a terminator.
const KEY_PAD: &[u8] = b"Key Pad for IKEv2";

/// The AUTH data of method 2: `prf(prf(secret, "Key Pad for IKEv2"), octets)`.
///
/// `secret` is the pre-shared key or an EAP method's MSK; `octets` the signed octets in parts.
#[must_use]
pub fn shared_key_auth(prf: &dyn Prf, secret: &Secret, octets: &[&[u8]]) -> Secret {
    let padded = prf.key(secret.expose()).compute(&[KEY_PAD]);
    prf.key(padded.expose()).compute(octets)
}

/// Checks the peer's AUTH against `secret`, in constant time. `octets` are the peer's signed octets.
///
/// # Errors
/// [`AuthRefusal::WrongMethod`] for any method but 2, [`AuthRefusal::SharedKeyMismatch`] otherwise.
pub fn verify_shared_key(
    prf: &dyn Prf,
    secret: &Secret,
    octets: &[&[u8]],
    method: AuthMethod,
    auth_data: &[u8],
) -> Result<(), AuthRefusal> {
    if method != AuthMethod::SHARED_KEY {
        return Err(AuthRefusal::WrongMethod { wanted: "a shared key (method 2)", received: method });
    }
    if shared_key_auth(prf, secret, octets) == Secret::from(auth_data) {
        Ok(())
    } else {
        Err(AuthRefusal::SharedKeyMismatch)
    }
}
