//! Keys of a Child SA (RFC 7296 2.17).

use adit_crypto::{Cipher, Prf, Secret};

use super::KeyError;
use super::ike::Splitter;
use super::prf_plus::prf_plus;
use crate::wire::Role;

/// The keys of one direction. `Debug` shows neither.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CipherKeys {
    /// Encryption key, with the salt of an AEAD.
    pub encr: Secret,
    /// Integrity key; empty with an AEAD.
    pub integ: Secret,
}

/// What the keys of a Child SA are derived from.
#[derive(Clone, Copy, Debug)]
pub struct ChildKeySeed<'a> {
    /// SK_d of the IKE SA that made it.
    pub sk_d: &'a Secret,
    /// The shared secret of the key exchange of CREATE_CHILD_SA (PFS), if there was one.
    pub shared: Option<&'a Secret>,
    /// Nonce of the initiator of the exchange: of CREATE_CHILD_SA, or of IKE_SA_INIT for the first Child SA.
    pub nonce_i: &'a [u8],
    /// Nonce of the responder of the same exchange.
    pub nonce_r: &'a [u8],
}

impl ChildKeySeed<'_> {
    /// The first `len` octets of `KEYMAT = prf+(SK_d, [g^ir (new) |] Ni | Nr)`, with the PRF of the IKE SA.
    ///
    /// # Errors
    /// [`KeyError::TooMuchKeyMaterial`].
    pub fn keymat(&self, prf: &dyn Prf, len: usize) -> Result<Secret, KeyError> {
        let key = prf.key(self.sk_d.expose());
        match self.shared {
            Some(shared) => prf_plus(&*key, &[shared.expose(), self.nonce_i, self.nonce_r], len),
            None => prf_plus(&*key, &[self.nonce_i, self.nonce_r], len),
        }
    }
}

/// The keys of both directions of a Child SA.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChildKeys {
    /// For what the initiator of the exchange sends.
    pub initiator: CipherKeys,
    /// For what the responder of the exchange sends.
    pub responder: CipherKeys,
}

impl ChildKeys {
    /// Derives the keys: the initiator's direction first, in each the encryption key first.
    ///
    /// `prf` is the IKE SA's, `cipher` the Child SA's.
    ///
    /// # Errors
    /// [`KeyError::TooMuchKeyMaterial`]: not with any PRF and cipher of ours.
    pub fn derive(prf: &dyn Prf, cipher: &dyn Cipher, seed: ChildKeySeed<'_>) -> Result<Self, KeyError> {
        let (e, a) = (cipher.encr_key_len(), cipher.integ_key_len());
        let keymat = seed.keymat(prf, 2 * (e + a))?;
        let mut material = Splitter::new(&keymat);
        Ok(Self {
            initiator: CipherKeys { encr: material.next(e)?, integ: material.next(a)? },
            responder: CipherKeys { encr: material.next(e)?, integ: material.next(a)? },
        })
    }

    /// The keys for what `sender` of the exchange sends. Its role in the exchange counts, which in
    /// CREATE_CHILD_SA need not be its role in the IKE SA.
    #[must_use]
    pub const fn of(&self, sender: Role) -> &CipherKeys {
        match sender {
            Role::Initiator => &self.initiator,
            Role::Responder => &self.responder,
        }
    }
}
