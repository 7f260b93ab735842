//! Checking AUTH from a shared key (RFC 7296 2.15, 2.16). Making it is [`shared_secret_auth`].

use adit_crypto::{Prf, Secret};

use super::{AuthMethod, AuthRefusal};
use crate::keys::{SignedOctets, shared_secret_auth};

/// Checks the peer's AUTH against `secret` (the pre-shared key or an EAP method's MSK), in constant time.
/// `octets` are the peer's signed octets.
///
/// # Errors
/// [`AuthRefusal::WrongMethod`] for any method but 2, [`AuthRefusal::SharedKeyMismatch`] otherwise.
pub fn verify_shared_key(
    prf: &dyn Prf,
    secret: &Secret,
    octets: &SignedOctets<'_>,
    method: AuthMethod,
    auth_data: &[u8],
) -> Result<(), AuthRefusal> {
    if method != AuthMethod::SHARED_KEY {
        return Err(AuthRefusal::WrongMethod { wanted: "a shared key (method 2)", received: method });
    }
    if shared_secret_auth(prf, secret, octets) == Secret::from(auth_data) {
        Ok(())
    } else {
        Err(AuthRefusal::SharedKeyMismatch)
    }
}
