//! Certificates, names, keys and signature algorithms in DER.
//!
//! Input: a DER certificate; or a name, key, algorithm identifier or AUTH body, as all of them are tried. Each way,
//! the input is also read as a text that a profile might hold for an identity.
//!
//! Invariants: a certificate gives back its own bytes, prints without control characters and matches its own
//! names; it is never accepted under an anchor that did not issue it (signatures are checked for real), and always
//! refused without anchors; identities and algorithm identifiers survive a round trip.

use adit_crypto::default_provider;
use adit_ike::auth::{encode_algorithm, parse_algorithm, split_digital_signature};
use adit_ike::certificate::{
    Anchors, Certificate, CertificateRefusal, ChainCheck, KeyType, PublicKey, Usage, name_matches,
    require_key_type, server_name_matches,
};
use adit_ike::identity::{IdKind, Identity};

/// A CA that issued nothing: its key was thrown away.
const STRANGER: &[u8] = include_bytes!("../pki/stranger.der");

/// Reads certificates and their parts.
pub fn certificate(data: &[u8]) {
    if let Ok(certificate) = Certificate::parse(data) {
        assert_eq!(certificate.der(), data);
        accessors(&certificate);
        names(&certificate);
        paths(&certificate);
    }
    identities(data);
    if let Ok(scheme) = parse_algorithm(data)
        && let Some(encoded) = encode_algorithm(scheme)
    {
        // Defaults may be spelt out or left out, so the bytes may differ; the meaning may not.
        assert_eq!(parse_algorithm(&encoded), Ok(scheme));
    }
    if let Ok((scheme, signature)) = split_digital_signature(data) {
        assert!(!signature.is_empty() && data.ends_with(signature));
        assert_eq!(parse_algorithm(&data[1..data.len() - signature.len()]), Ok(scheme));
    }
    if let Ok(key) = PublicKey::from_spki(data) {
        assert_eq!(key.spki(), data);
    }
}

fn accessors(certificate: &Certificate) {
    for text in [certificate.subject(), certificate.issuer()].iter().chain(&certificate.names()) {
        assert!(!text.chars().any(char::is_control), "control characters in {text:?}");
    }
    let der = certificate.der();
    for part in [certificate.subject_der(), certificate.issuer_der(), certificate.spki()] {
        assert!(der.windows(part.len().max(1)).any(|window| window == part));
    }
    let _ = (certificate.issuer_common_name(), certificate.is_ca(), certificate.extended_key_usage());
    for now in [0, certificate.not_before(), certificate.not_after(), u64::MAX] {
        let valid = (certificate.not_before()..=certificate.not_after()).contains(&now);
        assert_eq!(certificate.check_validity(now).is_ok(), valid);
    }
    for wanted in [KeyType::Rsa, KeyType::EcdsaP256, KeyType::Ed25519] {
        let allowed = require_key_type(certificate, &[wanted]).is_ok();
        let admitted = certificate.public_key().is_ok_and(|key| wanted.admits(key.kind()));
        assert_eq!(allowed, admitted);
    }
}

fn names(certificate: &Certificate) {
    if let Some(identity) = certificate.subject_identity() {
        assert!(name_matches(certificate, &identity, Usage::Server).is_ok(), "{identity}");
        assert!(name_matches(certificate, &identity, Usage::Client).is_ok(), "{identity}");
    }
    if let Some(name) = certificate.common_name() {
        let _ = server_name_matches(certificate, name);
    }
    for wanted in ["vpn.example.org", "192.0.2.1", "2001:db8::1", "user@example.org", "CN=vpn"] {
        if server_name_matches(certificate, wanted).is_err() {
            let identity = Identity::from_text(wanted).expect("an identity");
            assert!(name_matches(certificate, &identity, Usage::Client).is_err(), "{wanted}");
        }
    }
}

fn paths(certificate: &Certificate) {
    let provider = default_provider();
    let mut stranger = Anchors::new();
    stranger.add(STRANGER).expect("a CA");
    for usage in [Usage::Server, Usage::Client] {
        let check = |anchors: &Anchors| {
            let now = certificate.not_before();
            ChainCheck { provider: &provider, anchors, now, usage, issuer_common_name: None }
                .validate(certificate, std::slice::from_ref(certificate))
        };
        assert!(check(&Anchors::new()).is_err(), "accepted without an anchor");
        if certificate.der() != STRANGER {
            assert!(check(&stranger).is_err(), "accepted under an anchor that did not issue it");
        }
        let mut own = Anchors::new();
        if own.add(certificate.der()).is_ok() {
            // Pinned: whatever is refused then is its time, usage, key or a critical extension.
            assert!(!matches!(check(&own), Err(CertificateRefusal::NoAnchors)));
            assert!(own.contains(certificate.der()));
        }
    }
}

fn identities(data: &[u8]) {
    let kinds = [
        IdKind::IPV4,
        IdKind::FQDN,
        IdKind::RFC822,
        IdKind::IPV6,
        IdKind::DER_ASN1_DN,
        IdKind::DER_ASN1_GN,
        IdKind::KEY_ID,
    ];
    let read = kinds.into_iter().filter_map(|kind| Identity::new(kind, data.to_vec()).ok());
    let text = std::str::from_utf8(data).ok().and_then(|text| Identity::from_text(text).ok());
    for identity in read.chain(text) {
        assert!(!identity.to_string().chars().any(char::is_control), "{identity:?}");
        let again = Identity::parse_payload(&identity.payload_body()).expect("our own payload");
        assert_eq!(again, identity);
        assert!(identity.matches(&again).is_ok(), "{identity} does not match itself");
    }
}
