//! What a host that keeps keys, judges chains or asks for passwords makes of a profile's plan.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use adit_crypto::{KeyKind, Secret, default_provider};
use adit_ike::auth::RsaPadding;
use adit_ike::config::{LocalAuth, RemoteAuth};
use adit_profile::build::{Value, to_xml};
use adit_profile::ikev2::{Authentication, Ikev2Settings, Which, requirements};
use adit_profile::{Document, Profile};
use adit_tunnel::TunnelConfig;
use adit_tunnel::plan::{HostIdentity, PlanError, PlanInputs, plan};

/// A certificate of the profile's tests.
fn certificate(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../profile/tests/pkcs12/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn settings(which: Which<'_>, more: &[(&'static str, Value)]) -> Ikev2Settings {
    let mut keys =
        vec![("RemoteAddress", Value::from("192.0.2.1")), ("RemoteIdentifier", "vpn.example.com".into())];
    keys.extend(more.iter().cloned());
    let ids = |number: u8| {
        [
            ("PayloadIdentifier", Value::from(format!("com.example.{number}").as_str())),
            ("PayloadUUID", Value::from(format!("9A3C1E50-0000-4000-8000-00000000000{number}").as_str())),
            ("PayloadVersion", 1.into()),
        ]
    };
    let mut vpn = vec![
        ("PayloadType", Value::from("com.apple.vpn.managed")),
        ("UserDefinedName", "Office".into()),
        ("VPNType", "IKEv2".into()),
        ("IKEv2", Value::dict(keys)),
    ];
    vpn.extend(ids(1));
    let mut root = vec![
        ("PayloadType", Value::from("Configuration")),
        ("PayloadContent", Value::Array(vec![Value::dict(vpn)])),
    ];
    root.extend(ids(2));
    let text = to_xml(&Value::dict(root)).unwrap().to_string();
    let document = Document::read(text.as_bytes());
    requirements(&Profile::of(&document).unwrap(), which).unwrap_or_else(|why| panic!("{why:#?}"))
}

fn by_certificate(more: &[(&'static str, Value)]) -> Ikev2Settings {
    let mut keys = vec![
        ("LocalIdentifier", Value::from("alice@example.com")),
        ("AuthenticationMethod", "Certificate".into()),
    ];
    keys.extend(more.iter().cloned());
    let settings = settings(Which { identity_at_host: true, ..Which::default() }, &keys);
    assert!(matches!(settings.authentication, Authentication::CertificateAtHost));
    settings
}

fn by_eap(more: &[(&'static str, Value)]) -> Ikev2Settings {
    let mut keys = vec![("AuthenticationMethod", Value::from("None")), ("ExtendedAuthEnabled", 1.into())];
    keys.extend(more.iter().cloned());
    settings(Which::default(), &keys)
}

fn planned(settings: &Ikev2Settings, inputs: &PlanInputs) -> Result<TunnelConfig, PlanError> {
    plan(settings, inputs, &default_provider())
}

fn host_identity(name: &str) -> Option<HostIdentity> {
    Some(HostIdentity { key: "keychain:1".into(), chain: vec![certificate(name), certificate("int.der")] })
}

#[test]
fn the_hosts_identity_is_what_signs() {
    for (name, more, pss) in [
        ("p256.der", vec![("CertificateType", Value::from("ECDSA256"))], false),
        ("rsa.der", vec![], false),
        ("rsa.der", vec![("CertificateType", "RSA-PSS".into())], true),
    ] {
        let inputs =
            PlanInputs { host_identity: host_identity(name), judges_chains: true, ..PlanInputs::default() };
        let config = planned(&by_certificate(&more), &inputs).unwrap();
        let LocalAuth::HostKey(key) = &config.ike.local_auth else { panic!("{:?}", config.ike.local_auth) };
        assert_eq!((key.reference(), key.chain().len()), ("keychain:1", 2));
        assert_eq!(matches!(key.public_key().kind(), KeyKind::Rsa { .. }), name == "rsa.der");
        assert_eq!(key.padding() == RsaPadding::Pss, pss);
        assert_eq!(config.ike.local_id.to_string(), "alice@example.com");
    }
    // Without LocalIdentifier it is the certificate's subject.
    let settings = Ikev2Settings { local_identifier: None, ..by_certificate(&[]) };
    let inputs =
        PlanInputs { host_identity: host_identity("rsa.der"), judges_chains: true, ..PlanInputs::default() };
    let subject = planned(&settings, &inputs).unwrap().ike.local_id.to_string();
    assert!(subject.contains("CN="), "{subject}");
}

#[test]
fn an_identity_that_is_missing_or_broken_is_told_so() {
    let settings = by_certificate(&[]);
    let judging = || PlanInputs { judges_chains: true, ..PlanInputs::default() };
    assert_eq!(planned(&settings, &judging()).unwrap_err(), PlanError::IdentityMissing);
    for chain in [vec![], vec![Vec::new()], vec![b"no certificate".to_vec()]] {
        let host_identity = Some(HostIdentity { key: "keychain:1".into(), chain });
        let error = planned(&settings, &PlanInputs { host_identity, ..judging() }).unwrap_err();
        assert!(matches!(error, PlanError::HostIdentity(_)), "{error}");
    }
}

#[test]
fn the_host_judges_only_where_the_profile_brings_no_anchor() {
    let settings = by_eap(&[("AuthName", "alice".into()), ("AuthPassword", "x".into())]);
    let judging = PlanInputs { judges_chains: true, ..PlanInputs::default() };
    let config = planned(&settings, &judging).unwrap();
    let RemoteAuth::HostJudged(policy) = &config.ike.remote_auth else { panic!() };
    assert_eq!(policy.name.as_ref().unwrap().to_string(), "vpn.example.com");
    let mut pinned = settings.clone();
    pinned.server.anchors = vec![certificate("ca.der")];
    let config = planned(&pinned, &judging).unwrap();
    assert!(matches!(&config.ike.remote_auth, RemoteAuth::Certificate(policy) if !policy.anchors.is_empty()));
    assert_eq!(planned(&settings, &PlanInputs::default()).unwrap_err(), PlanError::NoAnchors);
}

#[test]
fn what_eap_lacks_is_asked_for_where_the_host_asks() {
    let asking = |asks_password| PlanInputs { asks_password, judges_chains: true, ..PlanInputs::default() };
    let asked = |settings: &Ikev2Settings| match &planned(settings, &asking(true)).unwrap().ike.local_auth {
        LocalAuth::EapAsked { username, names_us } => Some((username.clone(), *names_us)),
        LocalAuth::Eap { .. } => None,
        other => panic!("{other:?}"),
    };
    let nothing = by_eap(&[("LocalIdentifier", "device".into())]);
    assert_eq!(asked(&nothing), Some((None, false)));
    let name = by_eap(&[("AuthName", "alice".into())]);
    assert_eq!(asked(&name), Some((Some("alice".into()), true)));
    let both = by_eap(&[("AuthName", "alice".into()), ("AuthPassword", "x".into())]);
    assert_eq!(asked(&both), None);
    assert_eq!(planned(&nothing, &asking(false)).unwrap_err(), PlanError::UsernameMissing);
    assert_eq!(planned(&name, &asking(false)).unwrap_err(), PlanError::PasswordMissing);
    // What was asked once serves for the next connection.
    let config = planned(&name, &asking(true)).unwrap();
    let config = config.with_credentials("bob".into(), Secret::from(b"y".as_slice())).unwrap();
    assert_eq!(config.ike.local_id.to_string(), "bob");
    assert!(matches!(&config.ike.local_auth, LocalAuth::Eap { username, .. } if username == "bob"));
}
