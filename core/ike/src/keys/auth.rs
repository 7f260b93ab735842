//! What AUTH covers, and AUTH from a shared secret (RFC 7296 2.15, 2.16).

use adit_crypto::{Prf, Secret};

/// The octets one side signs: `RealMessage | NonceOfPeer | prf(SK_p, RestOfID)`.
///
/// `RealMessage` is that side's first message from its first IKE header octet, without a non-ESP marker and
/// as really used: the request that got an answer, so with cookie and after INVALID_KE_PAYLOAD.
#[derive(Clone, Debug)]
pub struct SignedOctets<'a> {
    message: &'a [u8],
    peer_nonce: &'a [u8],
    maced_id: Secret,
}

impl<'a> SignedOctets<'a> {
    /// `sk_p` is SK_pi for the initiator's octets and SK_pr for the responder's; `id_body` the body of its ID
    /// payload behind the generic header.
    #[must_use]
    pub fn new(
        prf: &dyn Prf,
        message: &'a [u8],
        peer_nonce: &'a [u8],
        sk_p: &Secret,
        id_body: &[u8],
    ) -> Self {
        Self { message, peer_nonce, maced_id: prf.key(sk_p.expose()).compute(&[id_body]) }
    }

    /// The three parts in order.
    #[must_use]
    pub fn parts(&self) -> [&[u8]; 3] {
        [self.message, self.peer_nonce, self.maced_id.expose()]
    }

    /// The parts as one, as signature functions want them.
    #[must_use]
    pub fn concat(&self) -> Vec<u8> {
        self.parts().concat()
    }
}

/// AUTH of method 2: `prf(prf(secret, "Key Pad for IKEv2"), octets)`.
///
/// `secret` is the pre-shared key, or the MSK of an EAP method; for an EAP method that makes no key it is
/// SK_pi or SK_pr (RFC 7296 2.16). Compare a received value with `==` on [`Secret`], which takes constant
/// time.
#[must_use]
pub fn shared_secret_auth(prf: &dyn Prf, secret: &Secret, octets: &SignedOctets<'_>) -> Secret {
    let padded = prf.key(secret.expose()).compute(&[b"Key Pad for IKEv2"]);
    prf.key(padded.expose()).compute(&octets.parts())
}
