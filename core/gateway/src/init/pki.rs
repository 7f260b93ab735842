//! The certificates of a gateway: a CA, and a server certificate it signs (RFC 5280).
//!
//! Owns key generation and the certificates' contents. Signatures are made by the provider; the key
//! generators are RustCrypto's, fed from the provider's random source.

use std::cell::Cell;
use std::convert::Infallible;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{
    CryptoError, CryptoProvider, EcdsaEncoding, HashId, Secret, SecureRandom, SignatureScheme, SigningKey,
};
use der::asn1::{BitString, GeneralizedTime, Ia5String, Null, ObjectIdentifier, OctetString};
use der::pem::LineEnding;
use der::referenced::OwnedToRef;
use der::{Decode, Encode};
use p256::ecdsa::signature::Keypair;
use rsa::pkcs8::EncodePrivateKey;
use rsa::rand_core::{TryCryptoRng, TryRng};
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{
    AlgorithmIdentifierOwned, Document, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef,
};
use x509_cert::time::{Time, Validity};
use x509_cert::{Certificate, TbsCertificate};

use super::{InitError, InitSettings};

const DAY: Duration = Duration::from_secs(86_400);
/// Below the 398 days that Apple allows a server certificate.
const SERVER_VALIDITY: Duration = DAY.saturating_mul(397);
const CA_VALIDITY: Duration = DAY.saturating_mul(3_650);
/// Certificates are valid from so long ago on, because a client's clock may be slow.
const CLOCK_SKEW: Duration = Duration::from_secs(3_600);

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const RSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
/// id-kp-ipsecIKE (RFC 4945 5.1.3.12).
const IPSEC_IKE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.17");
/// iKEIntermediate, which older Apple systems look for.
const IKE_INTERMEDIATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.8.2.2");

/// The kind of a new key.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum KeyType {
    /// ECDSA on P-256: short certificates, made in no time.
    #[default]
    EcdsaP256,
    /// RSA with 2,048 bits, for clients that take nothing else. Takes up to some seconds to make.
    Rsa2048,
}

/// A certificate with its key.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate in DER.
    pub certificate: Vec<u8>,
    /// The private key in DER, PKCS#8.
    pub private_key: Secret,
    /// The subject's common name.
    pub common_name: String,
}

impl Issued {
    /// The certificate in PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        der::pem::encode_string("CERTIFICATE", LineEnding::LF, &self.certificate).unwrap_or_default()
    }

    /// The private key in PEM.
    #[must_use]
    pub fn private_key_pem(&self) -> Secret {
        let pem = der::pem::encode_string("PRIVATE KEY", LineEnding::LF, self.private_key.expose());
        Secret::new(pem.unwrap_or_default().into_bytes())
    }
}

/// Makes the CA and the gateway's certificate.
pub(super) fn issue(
    settings: &InitSettings,
    provider: &CryptoProvider,
) -> Result<(Issued, Issued), InitError> {
    let random = provider.random;
    let (ca_der, ca_key) = generate(settings.key, provider)?;
    // A name of its own for each CA: two gateways' CAs can then be told apart in a list of certificates.
    let mut tag = [0; 4];
    random.fill(&mut tag)?;
    let ca_name = format!("Adit Gateway CA {:08X}", u32::from_be_bytes(tag));
    let server_name = common_name(&settings.host);

    let ca_subject = name(&ca_name)?;
    let ca_spki = spki(&*ca_key)?;
    let ca_id = SubjectKeyIdentifier::try_from(ca_spki.owned_to_ref()).map_err(encoding)?;
    let mut extensions = Vec::new();
    add(&mut extensions, true, &BasicConstraints { ca: true, path_len_constraint: Some(0) })?;
    add(&mut extensions, true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?;
    add(&mut extensions, false, &ca_id)?;
    let subject = Subject { name: ca_subject.clone(), issuer: ca_subject.clone() };
    let ca_certificate =
        certificate(subject, settings.now, CA_VALIDITY, ca_spki.clone(), extensions, &*ca_key, random)?;

    let (server_der, server_key) = generate(settings.key, provider)?;
    let server_spki = spki(&*server_key)?;
    let mut extensions = Vec::new();
    add(&mut extensions, true, &BasicConstraints { ca: false, path_len_constraint: None })?;
    add(&mut extensions, true, &KeyUsage(KeyUsages::DigitalSignature.into()))?;
    add(&mut extensions, false, &ExtendedKeyUsage(vec![SERVER_AUTH, IPSEC_IKE, IKE_INTERMEDIATE]))?;
    add(&mut extensions, false, &SubjectAltName(alternative_names(settings)?))?;
    let server_id = SubjectKeyIdentifier::try_from(server_spki.owned_to_ref()).map_err(encoding)?;
    add(&mut extensions, false, &server_id)?;
    let ca_id = AuthorityKeyIdentifier::try_from(ca_spki.owned_to_ref()).map_err(encoding)?;
    add(&mut extensions, false, &ca_id)?;
    let subject = Subject { name: name(&server_name)?, issuer: ca_subject };
    let server_certificate =
        certificate(subject, settings.now, SERVER_VALIDITY, server_spki, extensions, &*ca_key, random)?;

    let ca = Issued { certificate: ca_certificate, private_key: ca_der, common_name: ca_name };
    let server =
        Issued { certificate: server_certificate, private_key: server_der, common_name: server_name };
    Ok((ca, server))
}

/// A new key in PKCS#8, and ready to sign.
fn generate(kind: KeyType, provider: &CryptoProvider) -> Result<(Secret, Arc<dyn SigningKey>), InitError> {
    let refused = |_| InitError::Crypto(CryptoError::BadKey("a new key could not be encoded"));
    let document = match kind {
        KeyType::EcdsaP256 => p256_key(provider.random)?.to_pkcs8_der().map_err(refused)?,
        KeyType::Rsa2048 => rsa_key(provider.random)?.to_pkcs8_der().map_err(refused)?,
    };
    let der = document.as_bytes();
    let key = provider.load_private_key(der)?;
    Ok((Secret::from(der), key))
}

fn p256_key(random: &dyn SecureRandom) -> Result<p256::SecretKey, CryptoError> {
    // One draw in 2^32 is not below the curve's order.
    for _ in 0..16 {
        let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
        random.fill(bytes.as_mut_slice())?;
        if let Ok(key) = p256::SecretKey::from_slice(bytes.as_slice()) {
            return Ok(key);
        }
    }
    Err(CryptoError::Random)
}

fn rsa_key(random: &dyn SecureRandom) -> Result<rsa::RsaPrivateKey, CryptoError> {
    let mut source = InfallibleRandom { random, failed: Cell::new(None) };
    let key = rsa::RsaPrivateKey::new(&mut source, 2_048);
    if source.failed.get().is_some() {
        return Err(CryptoError::Random);
    }
    key.map_err(|_| CryptoError::BadKey("an RSA key could not be made"))
}

/// Our random source for a generator that knows no failure. After a failure it counts, so that the search
/// for primes ends; the key is then thrown away.
struct InfallibleRandom<'a> {
    random: &'a dyn SecureRandom,
    failed: Cell<Option<u64>>,
}

impl TryRng for InfallibleRandom<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        if self.failed.get().is_none() && self.random.fill(out).is_ok() {
            return Ok(());
        }
        let mut state = self.failed.get().unwrap_or(1);
        for byte in out {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (state >> 56) as u8;
        }
        self.failed.set(Some(state));
        Ok(())
    }
}

impl TryCryptoRng for InfallibleRandom<'_> {}

/// Subject and issuer, as the builder asks for them.
struct Subject {
    name: Name,
    issuer: Name,
}

impl BuilderProfile for Subject {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.name.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        Ok(Vec::new())
    }
}

/// The issuer's key, as the builder asks for it: it only looks at the public half and the algorithm.
struct Issuer {
    spki: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
}

#[derive(Clone)]
struct PublicKey(Vec<u8>);

impl Keypair for Issuer {
    type VerifyingKey = PublicKey;

    fn verifying_key(&self) -> PublicKey {
        PublicKey(self.spki.clone())
    }
}

impl EncodePublicKey for PublicKey {
    fn to_public_key_der(&self) -> x509_cert::spki::Result<Document> {
        Ok(Document::from_der(&self.0)?)
    }
}

impl DynSignatureAlgorithmIdentifier for Issuer {
    fn signature_algorithm_identifier(&self) -> x509_cert::spki::Result<AlgorithmIdentifierOwned> {
        Ok(self.algorithm.clone())
    }
}

/// Builds and signs a certificate; gives it in DER.
fn certificate(
    subject: Subject,
    now: Duration,
    validity: Duration,
    key: SubjectPublicKeyInfoOwned,
    extensions: Vec<Extension>,
    issuer_key: &dyn SigningKey,
    random: &dyn SecureRandom,
) -> Result<Vec<u8>, InitError> {
    let from = now.saturating_sub(CLOCK_SKEW);
    let validity = Validity::new(time(from)?, time(from.saturating_add(validity))?);
    let (scheme, algorithm) = match issuer_key.kind() {
        adit_crypto::KeyKind::Rsa { .. } => (
            SignatureScheme::RsaPkcs1(HashId::SHA2_256),
            // RFC 4055 5: the parameters are NULL, not absent.
            AlgorithmIdentifierOwned { oid: RSA_WITH_SHA256, parameters: Some(Null.into()) },
        ),
        _ => (
            SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Der),
            AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None },
        ),
    };
    let issuer = Issuer { spki: issuer_key.public_key().to_vec(), algorithm };
    let mut builder = CertificateBuilder::new(subject, serial(random)?, validity, key).map_err(building)?;
    for extension in extensions {
        builder.add_extension(extension).map_err(encoding)?;
    }
    let to_sign = builder.finalize(&issuer).map_err(building)?;
    let signature = issuer_key.sign(scheme, &to_sign, random)?;
    let signature = BitString::from_bytes(&signature).map_err(encoding)?;
    let certificate: Certificate = builder.assemble(signature, &issuer).map_err(building)?;
    certificate.to_der().map_err(encoding)
}

/// 127 random bits, not zero and positive (RFC 5280 4.1.2.2).
fn serial(random: &dyn SecureRandom) -> Result<SerialNumber, InitError> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    let [first, ..] = &mut bytes;
    *first = (*first & 0x7f) | 0x40;
    SerialNumber::new(&bytes).map_err(encoding)
}

fn time(since_1970: Duration) -> Result<Time, InitError> {
    let whole = Duration::from_secs(since_1970.as_secs());
    // The builder turns it into a UTCTime where RFC 5280 4.1.2.5 wants one.
    GeneralizedTime::from_unix_duration(whole).map(Time::GeneralTime).map_err(|_| InitError::BadTime)
}

/// A name with the one attribute; `common_name` has no characters that need escaping.
fn name(common_name: &str) -> Result<Name, InitError> {
    Name::from_str(&format!("CN={common_name}")).map_err(encoding)
}

/// A common name has 64 characters at most (RFC 5280 A.1). Who checks a server looks at the subjectAltName.
fn common_name(host: &str) -> String {
    if host.len() <= 64 { host.to_owned() } else { "Adit Gateway".to_owned() }
}

fn alternative_names(settings: &InitSettings) -> Result<Vec<GeneralName>, InitError> {
    let mut names = Vec::new();
    for host in std::iter::once(&settings.host).chain(&settings.remote_address).chain(&settings.more_names) {
        let name = match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(v4)) => GeneralName::IpAddress(OctetString::new(v4.octets()).map_err(encoding)?),
            Ok(IpAddr::V6(v6)) => GeneralName::IpAddress(OctetString::new(v6.octets()).map_err(encoding)?),
            Err(_) => GeneralName::DnsName(Ia5String::new(host).map_err(encoding)?),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn spki(key: &dyn SigningKey) -> Result<SubjectPublicKeyInfoOwned, InitError> {
    SubjectPublicKeyInfoOwned::from_der(key.public_key()).map_err(encoding)
}

fn add<T>(list: &mut Vec<Extension>, critical: bool, extension: &T) -> Result<(), InitError>
where
    T: Encode + x509_cert::der::oid::AssociatedOid,
{
    let extension = (critical, extension).to_extension(&Name::default(), list).map_err(encoding)?;
    list.push(extension);
    Ok(())
}

fn encoding(error: impl std::fmt::Display) -> InitError {
    InitError::Certificate(error.to_string())
}

fn building(error: x509_cert::builder::Error) -> InitError {
    InitError::Certificate(error.to_string())
}
