//! A small certificate authority for tests: certificates of any shape, sound or not.
//!
//! The keys in `keys/` were made for these tests and protect nothing. The unit tests of this crate and those in
//! `tests/` compile the same file, which is why it names the crate as others do.

use std::net::IpAddr;
use std::sync::Arc;

use adit_crypto::{
    CryptoProvider, EcdsaEncoding, HashId, KeyKind, SignatureScheme, SigningKey, default_provider,
};
use der::Tag;
use der::asn1::{GeneralizedTime, ObjectIdentifier};

use adit_ike::auth::encode_algorithm;
use adit_ike::certificate::{Anchors, Certificate};
use adit_ike::identity::Identity;

use super::asn1::{context, encode};

/// 2026-06-01 00:00:00 UTC: inside every default validity.
pub(crate) const NOW: u64 = 1_780_272_000;
/// Seconds of a day.
pub(crate) const DAY: u64 = 86_400;

pub(crate) const RSA_A: &[u8] = include_bytes!("keys/rsa_a.der");
pub(crate) const RSA_B: &[u8] = include_bytes!("keys/rsa_b.der");
pub(crate) const P256_A: &[u8] = include_bytes!("keys/p256_a.der");
pub(crate) const P256_B: &[u8] = include_bytes!("keys/p256_b.der");
pub(crate) const P384: &[u8] = include_bytes!("keys/p384.der");
pub(crate) const P521: &[u8] = include_bytes!("keys/p521.der");
pub(crate) const ED25519: &[u8] = include_bytes!("keys/ed25519.der");
pub(crate) const RSA_1024_SPKI: &[u8] = include_bytes!("keys/rsa_1024.spki.der");
pub(crate) const EXPLICIT_P256_SPKI: &[u8] = include_bytes!("keys/explicit_p256.spki.der");

pub(crate) fn provider() -> CryptoProvider {
    default_provider()
}

pub(crate) fn load(der: &[u8]) -> Arc<dyn SigningKey> {
    provider().load_private_key(der).expect("a test key")
}

/// The usual scheme of a key in certificates.
pub(crate) fn usual_scheme(kind: KeyKind) -> SignatureScheme {
    match kind {
        KeyKind::Rsa { .. } => SignatureScheme::RsaPkcs1(HashId::SHA2_256),
        KeyKind::EcdsaP256 => SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Der),
        KeyKind::EcdsaP384 => SignatureScheme::Ecdsa(HashId::SHA2_384, EcdsaEncoding::Der),
        KeyKind::EcdsaP521 => SignatureScheme::Ecdsa(HashId::SHA2_512, EcdsaEncoding::Der),
        KeyKind::Ed25519 => SignatureScheme::Ed25519,
    }
}

/// Who signs.
#[derive(Clone)]
pub(crate) struct Issuer {
    name: &'static str,
    key: Arc<dyn SigningKey>,
}

impl Issuer {
    pub(crate) fn new(name: &'static str, key: &[u8]) -> Self {
        Self { name, key: load(key) }
    }

    /// This issuer's own certificate, self-signed.
    pub(crate) fn root(&self) -> Template {
        Template::ca(self.name, self.key.public_key()).path_length(None)
    }
}

/// A certificate to be.
#[derive(Clone)]
pub(crate) struct Template {
    subject: &'static str,
    spki: Vec<u8>,
    not_before: u64,
    not_after: u64,
    extensions: Vec<(String, bool, Vec<u8>)>,
    alt_names: Vec<u8>,
    version_one: bool,
    scheme: Option<SignatureScheme>,
    algorithm: Option<Vec<u8>>,
}

impl Template {
    /// An end entity with this key.
    pub(crate) fn new(subject: &'static str, spki: &[u8]) -> Self {
        Self {
            subject,
            spki: spki.to_vec(),
            not_before: NOW - 100 * DAY,
            not_after: NOW + 100 * DAY,
            extensions: Vec::new(),
            alt_names: Vec::new(),
            version_one: false,
            scheme: None,
            algorithm: None,
        }
    }

    /// A server with a host name.
    pub(crate) fn server(host: &str, key: &[u8]) -> Self {
        Self::new("C=CH, O=Adit, CN=server", load(key).public_key()).dns(host)
    }

    /// A CA without a path length.
    pub(crate) fn ca(subject: &'static str, spki: &[u8]) -> Self {
        Self::new(subject, spki).key_usage(&[0x01, 0x06])
    }

    pub(crate) fn dns(mut self, name: &str) -> Self {
        self.alt_names.extend(encode(context(2, false), name.as_bytes()));
        self
    }

    pub(crate) fn mail(mut self, name: &str) -> Self {
        self.alt_names.extend(encode(context(1, false), name.as_bytes()));
        self
    }

    pub(crate) fn ip(mut self, address: &str) -> Self {
        let octets = match address.parse().expect("an address") {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        self.alt_names.extend(encode(context(7, false), &octets));
        self
    }

    pub(crate) fn directory(mut self, name: &str) -> Self {
        self.alt_names.extend(encode(context(4, true), &name_der(name)));
        self
    }

    pub(crate) fn valid(mut self, not_before: u64, not_after: u64) -> Self {
        (self.not_before, self.not_after) = (not_before, not_after);
        self
    }

    pub(crate) fn scheme(mut self, scheme: SignatureScheme) -> Self {
        self.scheme = Some(scheme);
        self
    }

    /// Claims another signature algorithm than the one used: a whole `AlgorithmIdentifier`.
    pub(crate) fn algorithm(mut self, der: &[u8]) -> Self {
        self.algorithm = Some(der.to_vec());
        self
    }

    pub(crate) fn version_one(mut self) -> Self {
        self.version_one = true;
        self
    }

    pub(crate) fn extension(mut self, oid: &str, critical: bool, value: Vec<u8>) -> Self {
        self.extensions.push((oid.to_owned(), critical, value));
        self
    }

    /// Basic constraints of a CA.
    pub(crate) fn path_length(self, length: Option<u8>) -> Self {
        let mut contents = encode(Tag::Boolean, &[0xff]);
        if let Some(length) = length {
            contents.extend(encode(Tag::Integer, &[length]));
        }
        self.extension("2.5.29.19", true, encode(Tag::Sequence, &contents))
    }

    /// Contents of the BIT STRING, unused bits first.
    pub(crate) fn key_usage(self, bits: &[u8]) -> Self {
        self.extension("2.5.29.15", true, encode(Tag::BitString, bits))
    }

    pub(crate) fn purposes(self, oids: &[&str]) -> Self {
        let contents: Vec<u8> = oids.iter().flat_map(|oid| encode_oid(oid)).collect();
        self.extension("2.5.29.37", false, encode(Tag::Sequence, &contents))
    }

    /// Name constraints; each base is a whole `GeneralName`.
    pub(crate) fn constraints(self, permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Self {
        let subtrees = |number, bases: &[Vec<u8>]| {
            let list: Vec<u8> = bases.iter().flat_map(|base| encode(Tag::Sequence, base)).collect();
            if list.is_empty() { Vec::new() } else { encode(context(number, true), &list) }
        };
        let contents = [subtrees(0, permitted), subtrees(1, excluded)].concat();
        self.extension("2.5.29.30", true, encode(Tag::Sequence, &contents))
    }

    /// Signs and gives the DER certificate.
    pub(crate) fn issue(&self, issuer: &Issuer) -> Vec<u8> {
        let scheme = self.scheme.unwrap_or_else(|| usual_scheme(issuer.key.kind()));
        let algorithm =
            self.algorithm.clone().unwrap_or_else(|| encode_algorithm(scheme).expect("a scheme with a name"));
        let subject =
            if self.subject.is_empty() { encode(Tag::Sequence, &[]) } else { name_der(self.subject) };
        let mut tbs = Vec::new();
        if !self.version_one {
            tbs.extend(encode(context(0, true), &encode(Tag::Integer, &[2])));
        }
        tbs.extend(encode(Tag::Integer, &[1]));
        tbs.extend_from_slice(&algorithm);
        tbs.extend(name_der(issuer.name));
        tbs.extend(encode(Tag::Sequence, &[time(self.not_before), time(self.not_after)].concat()));
        tbs.extend(subject);
        tbs.extend_from_slice(&self.spki);
        let mut extensions: Vec<u8> = Vec::new();
        for (oid, critical, value) in &self.extensions {
            extensions.extend(extension(oid, *critical, value));
        }
        if !self.alt_names.is_empty() {
            extensions.extend(extension("2.5.29.17", false, &encode(Tag::Sequence, &self.alt_names)));
        }
        if !extensions.is_empty() {
            tbs.extend(encode(context(3, true), &encode(Tag::Sequence, &extensions)));
        }
        let tbs = encode(Tag::Sequence, &tbs);
        let signature = issuer.key.sign(scheme, &tbs, provider().random).expect("a test signature");
        let signature = encode(Tag::BitString, &[&[0], signature.as_slice()].concat());
        encode(Tag::Sequence, &[tbs, algorithm, signature].concat())
    }

    /// Signs and reads the result.
    pub(crate) fn certificate(&self, issuer: &Issuer) -> Certificate {
        Certificate::parse(&self.issue(issuer)).expect("our own certificate")
    }
}

/// A dNSName.
pub(crate) fn dns_base(name: &str) -> Vec<u8> {
    encode(context(2, false), name.as_bytes())
}

pub(crate) fn anchors(ders: &[Vec<u8>]) -> Anchors {
    let mut anchors = Anchors::new();
    for der in ders {
        anchors.add(der).expect("a readable anchor");
    }
    anchors
}

/// A distinguished name in DER.
fn name_der(text: &str) -> Vec<u8> {
    Identity::from_text(text).expect(text).data().to_vec()
}

fn extension(oid: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut contents = encode_oid(oid);
    if critical {
        contents.extend(encode(Tag::Boolean, &[0xff]));
    }
    contents.extend(encode(Tag::OctetString, value));
    encode(Tag::Sequence, &contents)
}

fn encode_oid(oid: &str) -> Vec<u8> {
    encode(Tag::ObjectIdentifier, ObjectIdentifier::new(oid).expect(oid).as_bytes())
}

fn time(seconds: u64) -> Vec<u8> {
    use der::Encode;
    let time = GeneralizedTime::from_unix_duration(std::time::Duration::from_secs(seconds)).expect("a time");
    time.to_der().expect("a time")
}
