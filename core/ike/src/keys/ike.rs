//! SKEYSEED and the seven keys of an IKE SA (RFC 7296 2.14, 2.18).

use adit_crypto::{Cipher, Prf, Secret};

use super::KeyError;
use super::child::CipherKeys;
use super::prf_plus::prf_plus;
use crate::wire::{IkeSpi, Role};

/// SKEYSEED of a new IKE SA: `prf(Ni | Nr, g^ir)` (RFC 7296 2.14).
#[must_use]
pub fn skeyseed_initial(prf: &dyn Prf, nonce_i: &[u8], nonce_r: &[u8], shared: &Secret) -> Secret {
    let key = [nonce_i, nonce_r].concat();
    prf.key(&key).compute(&[shared.expose()])
}

/// SKEYSEED of an IKE SA that replaces one: `prf(SK_d, g^ir (new) | Ni | Nr)` (RFC 7296 2.18).
///
/// `prf` and `sk_d` are those of the **old** IKE SA; the nonces are those of the rekeying exchange. The keys
/// are then derived with the PRF of the new one.
#[must_use]
pub fn skeyseed_rekeyed(
    prf: &dyn Prf,
    sk_d: &Secret,
    shared: &Secret,
    nonce_i: &[u8],
    nonce_r: &[u8],
) -> Secret {
    prf.key(sk_d.expose()).compute(&[shared.expose(), nonce_i, nonce_r])
}

/// The keys of one IKE SA. `Debug` shows none of them.
#[derive(Clone, Debug)]
pub struct IkeKeys {
    /// SK_d: derives keys of Child SAs and of a successor.
    pub d: Secret,
    /// SK_ai: integrity of the initiator's messages; empty with an AEAD.
    pub ai: Secret,
    /// SK_ar: integrity of the responder's messages; empty with an AEAD.
    pub ar: Secret,
    /// SK_ei: encryption of the initiator's messages, with the salt of an AEAD.
    pub ei: Secret,
    /// SK_er: encryption of the responder's messages, with the salt of an AEAD.
    pub er: Secret,
    /// SK_pi: authenticates the initiator's identity.
    pub pi: Secret,
    /// SK_pr: authenticates the responder's identity.
    pub pr: Secret,
}

impl IkeKeys {
    /// `{SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr)`.
    ///
    /// `prf` and `cipher` are those negotiated for this IKE SA, the SPIs its own.
    ///
    /// # Errors
    /// [`KeyError::TooMuchKeyMaterial`]: not with any PRF and cipher of ours.
    pub fn derive(
        prf: &dyn Prf,
        cipher: &dyn Cipher,
        skeyseed: &Secret,
        nonce_i: &[u8],
        nonce_r: &[u8],
        spi_i: IkeSpi,
        spi_r: IkeSpi,
    ) -> Result<Self, KeyError> {
        let (p, a, e) = (prf.output_len(), cipher.integ_key_len(), cipher.encr_key_len());
        let key = prf.key(skeyseed.expose());
        let material = prf_plus(&*key, &[nonce_i, nonce_r, &spi_i.0, &spi_r.0], 3 * p + 2 * a + 2 * e)?;
        let mut material = Splitter::new(&material);
        Ok(Self {
            d: material.next(p)?,
            ai: material.next(a)?,
            ar: material.next(a)?,
            ei: material.next(e)?,
            er: material.next(e)?,
            pi: material.next(p)?,
            pr: material.next(p)?,
        })
    }

    /// The keys that protect messages sent by `sender`.
    #[must_use]
    pub fn protection(&self, sender: Role) -> CipherKeys {
        match sender {
            Role::Initiator => CipherKeys { encr: self.ei.clone(), integ: self.ai.clone() },
            Role::Responder => CipherKeys { encr: self.er.clone(), integ: self.ar.clone() },
        }
    }

    /// SK_pi or SK_pr, with which `sender` authenticates itself.
    #[must_use]
    pub const fn auth_key(&self, sender: Role) -> &Secret {
        match sender {
            Role::Initiator => &self.pi,
            Role::Responder => &self.pr,
        }
    }
}

/// Cuts key material into keys.
pub(super) struct Splitter<'a> {
    rest: &'a [u8],
}

impl<'a> Splitter<'a> {
    pub(super) fn new(material: &'a Secret) -> Self {
        Self { rest: material.expose() }
    }

    pub(super) fn next(&mut self, len: usize) -> Result<Secret, KeyError> {
        let too_short = KeyError::TooMuchKeyMaterial { wanted: len };
        let (key, rest) = self.rest.split_at_checked(len).ok_or(too_short)?;
        self.rest = rest;
        Ok(Secret::from(key))
    }
}
