//! AUTH on both sides: what is signed, making ours, judging the peer's (RFC 7296 2.15, 2.16).

use adit_crypto::{CryptoError, HashId, Secret};

use super::context::Context;
use super::ike_sa::IkeSa;
use crate::auth::{ANNOUNCED_HASHES, SignatureChoice, SignaturePolicy, verify_shared_key, verify_signature};
use crate::certificate::{Certificate, ChainCheck, KeyType, Usage, name_matches, require_key_type};
use crate::config::{CertificatePolicy, CertifiedKey, HostKey};
use crate::event::ChainRequest;
use crate::failure::{AuthFailure, Failure};
use crate::identity::{IdKind, Identity, IdentityError};
use crate::keys::{SignedOctets, shared_secret_auth};
use crate::wire::{
    AuthMethod, Authentication, CertEncoding, Certificate as WireCertificate, CertificateRequest, IdType,
    Identification, Payload, Role,
};

/// Certificate authorities named in CERTREQ at most. A system's trust store has hundreds: then none is named,
/// which asks for any certificate.
const AUTHORITIES_MAX: usize = 16;

/// Certificates read of one peer: the path lengths in use are below five.
const CERTIFICATES_MAX: usize = 17;

/// IKE_SA_INIT as it went over the wire.
#[derive(Debug)]
pub(crate) struct Transcript {
    pub message_i: Vec<u8>,
    pub message_r: Vec<u8>,
    pub nonce_i: Vec<u8>,
    pub nonce_r: Vec<u8>,
}

impl Transcript {
    /// What `signer` signs.
    fn octets(&self, sa: &IkeSa, signer: Role, identity: &Identity) -> SignedOctets<'_> {
        let (message, peer_nonce) = match signer {
            Role::Initiator => (&self.message_i, &self.nonce_r),
            Role::Responder => (&self.message_r, &self.nonce_i),
        };
        SignedOctets::new(sa.prf(), message, peer_nonce, sa.auth_key(signer), &identity.payload_body())
    }
}

/// The content of an ID payload.
pub(crate) fn id_payload(identity: &Identity) -> Identification {
    Identification::new(IdType(identity.kind().0), identity.data())
}

/// Who an ID payload names.
pub(crate) fn read_identity(id: &Identification) -> Result<Identity, IdentityError> {
    Identity::new(IdKind(id.id_type.0), id.data.clone())
}

/// Our AUTH payload from a pre-shared key or an EAP method's key.
pub(crate) fn by_secret(
    sa: &IkeSa,
    transcript: &Transcript,
    us: Role,
    id: &Identity,
    secret: &Secret,
) -> Payload {
    let octets = transcript.octets(sa, us, id);
    let auth = shared_secret_auth(sa.prf(), secret, &octets);
    Payload::Auth(Authentication { method: AuthMethod::SHARED_KEY, data: auth.expose().to_vec() })
}

/// Our AUTH payload from a certified key. `peer_hashes` is the peer's SIGNATURE_HASH_ALGORITHMS.
pub(crate) fn by_key(
    cx: &Context,
    sa: &IkeSa,
    transcript: &Transcript,
    us: Role,
    id: &Identity,
    certified: &CertifiedKey,
    peer_hashes: Option<&[HashId]>,
) -> Result<Payload, Failure> {
    let choice = SignatureChoice::new(certified.key.kind(), certified.padding, peer_hashes)
        .map_err(|refusal| Failure::Authentication(AuthFailure::Proof(refusal)))?;
    let octets = transcript.octets(sa, us, id).concat();
    let data = choice.sign(&*certified.key, &octets, cx.provider.random)?;
    Ok(Payload::Auth(Authentication { method: choice.method, data }))
}

/// What a host is to sign with the key that it keeps, and how our AUTH payload is made of that.
#[derive(Debug)]
pub(crate) struct ToSign {
    pub choice: SignatureChoice,
    pub octets: Vec<u8>,
}

/// Our AUTH payload as far as it goes without the key. `peer_hashes` is the peer's SIGNATURE_HASH_ALGORITHMS.
pub(crate) fn to_sign(
    sa: &IkeSa,
    transcript: &Transcript,
    us: Role,
    id: &Identity,
    key: &HostKey,
    peer_hashes: Option<&[HashId]>,
) -> Result<ToSign, Failure> {
    let choice = SignatureChoice::new(key.public_key().kind(), key.padding(), peer_hashes)
        .map_err(|refusal| Failure::Authentication(AuthFailure::Proof(refusal)))?;
    Ok(ToSign { choice, octets: transcript.octets(sa, us, id).concat() })
}

impl ToSign {
    /// Our AUTH payload with the host's signature, which is checked first.
    pub fn sealed(&self, cx: &Context, key: &HostKey, signature: &[u8]) -> Result<Payload, Failure> {
        let data = self.choice.adopt(&cx.provider, key.public_key(), &self.octets, signature);
        let data = data.map_err(|error| match error {
            CryptoError::UnsupportedSignature => Failure::Crypto(error),
            _ => Failure::WrongSignatureByHost {
                key: key.reference().to_owned(),
                scheme: self.choice.for_host(),
            },
        })?;
        Ok(Payload::Auth(Authentication { method: self.choice.method, data }))
    }
}

/// Asks for a certificate that `policy` accepts.
pub(crate) fn certificate_request(cx: &Context, policy: &CertificatePolicy) -> Payload {
    let hashes = policy.anchors.key_hashes(&cx.provider);
    let authorities = if hashes.len() <= AUTHORITIES_MAX { hashes.concat() } else { Vec::new() };
    Payload::CertReq(CertificateRequest { encoding: CertEncoding::X509_SIGNATURE, authorities })
}

/// Our CERT payloads.
pub(crate) fn cert_payloads(chain: &[Vec<u8>]) -> impl Iterator<Item = Payload> {
    chain.iter().map(|der| {
        Payload::Cert(WireCertificate { encoding: CertEncoding::X509_SIGNATURE, data: der.clone() })
    })
}

/// Judges the peer's AUTH against a pre-shared key or an EAP method's key.
pub(crate) fn check_secret(
    sa: &IkeSa,
    transcript: &Transcript,
    peer: Role,
    id: &Identity,
    secret: &Secret,
    auth: &Authentication,
) -> Result<(), AuthFailure> {
    let octets = transcript.octets(sa, peer, id);
    verify_shared_key(sa.prf(), secret, &octets, auth.method, &auth.data).map_err(AuthFailure::Proof)
}

/// What a peer showed.
pub(crate) struct Shown<'a> {
    pub role: Role,
    pub id: &'a Identity,
    pub certs: &'a [WireCertificate],
    pub auth: &'a Authentication,
    /// It sent SIGNATURE_HASH_ALGORITHMS.
    pub announced_hashes: bool,
}

/// Who judges the issuers of a peer's certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Judge {
    /// We, by the policy's anchors.
    Anchors,
    /// The host, after us.
    Host,
}

/// Judges the peer's certificate, then its AUTH with the key of that very certificate. Says in words how the
/// peer proved itself.
pub(crate) fn check_certificate(
    cx: &Context,
    sa: &IkeSa,
    transcript: &Transcript,
    policy: &CertificatePolicy,
    judge: Judge,
    unix_now: u64,
    shown: &Shown<'_>,
) -> Result<String, AuthFailure> {
    let usage = match shown.role {
        Role::Initiator => Usage::Client,
        Role::Responder => Usage::Server,
    };
    let mut certificates = Vec::new();
    // Other encodings, hash and URL above all, are not fetched (A19); RFC 7296 3.6: the first is the peer's own.
    for der in readable(shown.certs) {
        certificates.push(Certificate::parse(der).map_err(AuthFailure::Certificate)?);
    }
    let Some((own, intermediates)) = certificates.split_first() else {
        return Err(AuthFailure::NoCertificate);
    };
    let key_types = if policy.key_types.is_empty() { KeyType::ALL } else { &policy.key_types };
    require_key_type(own, key_types).map_err(AuthFailure::Certificate)?;
    let check = ChainCheck {
        provider: &cx.provider,
        anchors: &policy.anchors,
        now: unix_now,
        usage,
        issuer_common_name: policy.issuer.as_deref(),
    };
    match judge {
        Judge::Anchors => check.validate(own, intermediates),
        Judge::Host => check.validate_presented(own, intermediates),
    }
    .map_err(AuthFailure::Certificate)?;
    name_matches(own, policy.name.as_ref().unwrap_or(shown.id), usage).map_err(AuthFailure::Certificate)?;
    let signature =
        SignaturePolicy { key_types, announced: &ANNOUNCED_HASHES, peer_announced: shown.announced_hashes };
    let key = own.public_key().map_err(AuthFailure::Certificate)?;
    let octets = transcript.octets(sa, shown.role, shown.id).concat();
    let scheme = verify_signature(&cx.provider, signature, shown.auth.method, &shown.auth.data, key, &octets)
        .map_err(AuthFailure::Proof)?;
    Ok(format!("{scheme}, certificate {}", own.subject()))
}

/// What a host is asked to judge: the certificates that [`check_certificate`] read.
pub(crate) fn chain_request(policy: &CertificatePolicy, shown: &Shown<'_>) -> ChainRequest {
    ChainRequest {
        certificates: readable(shown.certs).map(<[u8]>::to_vec).collect(),
        identity: policy.name.as_ref().unwrap_or(shown.id).clone(),
    }
}

/// The X.509 certificates among CERT payloads, as many as are read.
fn readable(certs: &[WireCertificate]) -> impl Iterator<Item = &[u8]> {
    certs
        .iter()
        .filter(|cert| cert.encoding == CertEncoding::X509_SIGNATURE)
        .map(|cert| cert.data.as_slice())
        .take(CERTIFICATES_MAX)
}
