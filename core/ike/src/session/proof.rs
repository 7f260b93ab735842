//! AUTH on both sides: what is signed, making ours, judging the peer's (RFC 7296 2.15, 2.16).

use adit_crypto::{HashId, Secret};

use super::context::Context;
use super::ike_sa::IkeSa;
use crate::auth::{ANNOUNCED_HASHES, SignatureChoice, SignaturePolicy, verify_shared_key, verify_signature};
use crate::certificate::{Certificate, ChainCheck, KeyType, Usage, name_matches, require_key_type};
use crate::config::{CertificatePolicy, CertifiedKey};
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

/// Asks for a certificate that `policy` accepts.
pub(crate) fn certificate_request(cx: &Context, policy: &CertificatePolicy) -> Payload {
    let hashes = policy.anchors.key_hashes(&cx.provider);
    let authorities = if hashes.len() <= AUTHORITIES_MAX { hashes.concat() } else { Vec::new() };
    Payload::CertReq(CertificateRequest { encoding: CertEncoding::X509_SIGNATURE, authorities })
}

/// Our CERT payloads.
pub(crate) fn cert_payloads(certified: &CertifiedKey) -> impl Iterator<Item = Payload> {
    certified.chain.iter().map(|der| {
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

/// Judges the peer's certificate, then its AUTH with the key of that very certificate. Says in words how the
/// peer proved itself.
pub(crate) fn check_certificate(
    cx: &Context,
    sa: &IkeSa,
    transcript: &Transcript,
    policy: &CertificatePolicy,
    unix_now: u64,
    shown: &Shown<'_>,
) -> Result<String, AuthFailure> {
    let usage = match shown.role {
        Role::Initiator => Usage::Client,
        Role::Responder => Usage::Server,
    };
    let mut certificates = Vec::new();
    // Other encodings, hash and URL above all, are not fetched (A19); RFC 7296 3.6: the first is the peer's own.
    for cert in
        shown.certs.iter().filter(|cert| cert.encoding == CertEncoding::X509_SIGNATURE).take(CERTIFICATES_MAX)
    {
        certificates.push(Certificate::parse(&cert.data).map_err(AuthFailure::Certificate)?);
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
    check.validate(own, intermediates).map_err(AuthFailure::Certificate)?;
    name_matches(own, policy.name.as_ref().unwrap_or(shown.id), usage).map_err(AuthFailure::Certificate)?;
    let signature =
        SignaturePolicy { key_types, announced: &ANNOUNCED_HASHES, peer_announced: shown.announced_hashes };
    let key = own.public_key().map_err(AuthFailure::Certificate)?;
    let octets = transcript.octets(sa, shown.role, shown.id).concat();
    let scheme = verify_signature(&cx.provider, signature, shown.auth.method, &shown.auth.data, key, &octets)
        .map_err(AuthFailure::Proof)?;
    Ok(format!("{scheme}, certificate {}", own.subject()))
}
