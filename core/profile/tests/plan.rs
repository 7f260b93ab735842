//! From a profile to settings: defaults, inheritance, refusals, warnings, references, secrets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::fs;

use adit_profile::build::{Value, to_xml};
use adit_profile::certificate::KeyKind;
use adit_profile::ikev2::{
    Authentication, Choice, Flags, Ikev2Settings, NOT_OBEYED_YET, When, Which, algorithms::Suite,
    requirements,
};
use adit_profile::model::{
    CertificateType, EncryptionAlgorithm, IKEV2_KEYS, Ikev2Payload, IntegrityAlgorithm, Keyword,
};
use adit_profile::report::{Code, codes};
use adit_profile::{Diagnostic, Document, Profile, SecretText, Severity, check};

/// The keys of an `IKEv2` dictionary in the making.
type Keys = Vec<(String, Value)>;

fn keys<const N: usize>(keys: [(&str, Value); N]) -> Keys {
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A working pre-shared key payload, with `changes` put over it; a change to `DROP` takes the key away.
fn psk(changes: Keys) -> Keys {
    let base = keys([
        ("RemoteAddress", "vpn.example.com".into()),
        ("RemoteIdentifier", "vpn.example.com".into()),
        ("LocalIdentifier", "client".into()),
        ("AuthenticationMethod", "SharedSecret".into()),
        ("SharedSecret", "correct horse battery staple".into()),
    ]);
    over(base, changes)
}

fn eap(changes: Keys) -> Keys {
    let base = keys([
        ("RemoteAddress", "vpn.example.com".into()),
        ("RemoteIdentifier", "vpn.example.com".into()),
        ("LocalIdentifier", "client".into()),
        ("AuthenticationMethod", "None".into()),
        ("ExtendedAuthEnabled", 1.into()),
        ("AuthName", "alice".into()),
        ("AuthPassword", "wonderland".into()),
    ]);
    over(base, changes)
}

const DROP: &str = "(drop)";

fn over(mut base: Keys, changes: Keys) -> Keys {
    for (key, value) in changes {
        base.retain(|(known, _)| *known != key);
        if value != Value::from(DROP) {
            base.push((key, value));
        }
    }
    base
}

fn payload(ikev2: Keys) -> Value {
    Value::dict([
        ("PayloadType", "com.apple.vpn.managed".into()),
        ("PayloadUUID", "11111111-2222-3333-4444-555555555555".into()),
        ("PayloadIdentifier", "com.example.vpn".into()),
        ("PayloadVersion", 1.into()),
        ("UserDefinedName", "Example".into()),
        ("VPNType", "IKEv2".into()),
        ("IKEv2", Value::Dict(ikev2)),
    ])
}

fn file(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/pkcs12/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn certificate_payload(kind: &str, uuid: &str, content: Vec<u8>, password: Option<&str>) -> Value {
    let mut entries = vec![
        ("PayloadType".to_owned(), Value::from(format!("com.apple.security.{kind}"))),
        ("PayloadUUID".to_owned(), uuid.into()),
        ("PayloadVersion".to_owned(), 1.into()),
        ("PayloadContent".to_owned(), content.into()),
    ];
    if let Some(password) = password {
        entries.push(("Password".to_owned(), password.into()));
    }
    Value::Dict(entries)
}

fn profile(payloads: Vec<Value>) -> String {
    let root = Value::dict([
        ("PayloadType", "Configuration".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadUUID", "99999999-2222-3333-4444-555555555555".into()),
        ("PayloadIdentifier", "com.example".into()),
        ("PayloadContent", Value::Array(payloads)),
    ]);
    to_xml(&root).unwrap().to_string()
}

/// The identity's payload in these tests.
const IDENTITY: &str = "AAAAAAAA-2222-3333-4444-555555555555";

fn planned(xml: &str, which: Which<'_>) -> Result<Ikev2Settings, Vec<Diagnostic>> {
    let document = Document::read(xml.as_bytes());
    assert_eq!(document.problems().as_slice(), []);
    let profile = Profile::of(&document).unwrap();
    requirements(&profile, which)
}

fn plan(ikev2: Keys) -> Result<Ikev2Settings, Vec<Diagnostic>> {
    planned(&profile(vec![payload(ikev2)]), Which::default())
}

fn codes_of(found: &[Diagnostic], severity: Severity) -> Vec<Code> {
    let codes: BTreeSet<Code> =
        found.iter().filter(|found| found.severity == severity).map(|found| found.code).collect();
    codes.into_iter().collect()
}

fn settings(ikev2: Keys) -> Ikev2Settings {
    plan(ikev2).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn errors(ikev2: Keys) -> Vec<Code> {
    codes_of(&plan(ikev2).expect_err("must be refused"), Severity::Error)
}

fn warnings(ikev2: Keys) -> Vec<Code> {
    codes_of(&settings(ikev2).warnings, Severity::Warning)
}

fn validate_errors(ikev2: Keys) -> Vec<Code> {
    codes_of(&check(profile(vec![payload(ikev2)]).as_bytes()).diagnostics, Severity::Error)
}

#[test]
fn a_pre_shared_key_profile_becomes_settings_with_all_defaults() {
    let settings = settings(psk(vec![]));
    assert_eq!(settings.name.as_deref(), Some("Example"));
    assert_eq!((settings.payload_index, settings.remote_address.as_str()), (0, "vpn.example.com"));
    assert_eq!(settings.local_identifier.as_deref(), Some("client"));
    assert_eq!(settings.remote_identifier, "vpn.example.com");
    let Authentication::SharedSecret(secret) = &settings.authentication else { panic!() };
    assert_eq!(secret.expose(), b"correct horse battery staple");
    assert_eq!(settings.server.certificate_name, "vpn.example.com");
    assert_eq!(settings.server.anchors.len(), 0);
    assert!(settings.proposals_are_observed);
    assert_eq!(settings.ike_proposals, Suite::OBSERVED.map(Suite::ike));
    let child: Vec<_> = [0, 2].map(|at| Suite::OBSERVED[at].child(false)).into();
    assert_eq!(settings.child_proposals, child);
    assert_eq!((settings.ike_lifetime_minutes, settings.child_lifetime_minutes), (1440, 1440));
    assert_eq!(settings.dead_peer_detection_seconds, Some(600));
    assert_eq!((settings.nat_keepalive_seconds, settings.mtu), (20, 1280));
    assert!(!settings.perfect_forward_secrecy);
    assert_eq!(settings.flags, Flags::default());
    assert_eq!(settings.warnings, []);
}

#[test]
fn every_key_is_carried_over() {
    let dictionary = |encryption: &str, integrity: &str, group: i64, minutes: i64| {
        Value::dict([
            ("EncryptionAlgorithm", encryption.into()),
            ("IntegrityAlgorithm", integrity.into()),
            ("DiffieHellmanGroup", group.into()),
            ("LifeTimeInMinutes", minutes.into()),
        ])
    };
    let settings = settings(psk(keys([
        ("ServerCertificateCommonName", "other.example.com".into()),
        ("ServerCertificateIssuerCommonName", "Example CA".into()),
        ("DeadPeerDetectionRate", "High".into()),
        ("DisableMOBIKE", 1.into()),
        ("DisableRedirect", true.into()),
        ("UseConfigurationAttributeInternalIPSubnet", 1.into()),
        ("NATKeepAliveInterval", 60.into()),
        ("MTU", 1400.into()),
        ("EnablePFS", 1.into()),
        ("DisconnectOnIdle", 1.into()),
        ("DisconnectOnIdleTimer", 300.into()),
        ("EnforceRoutes", 1.into()),
        ("ExcludeLocalNetworks", 1.into()),
        ("IKESecurityAssociationParameters", dictionary("AES-256-GCM", "SHA2-384", 20, 600)),
        ("ChildSecurityAssociationParameters", dictionary("ChaCha20Poly1305", "SHA2-512", 31, 60)),
    ])));
    assert_eq!(settings.server.certificate_name, "other.example.com");
    assert_eq!(settings.server.issuer_common_name.as_deref(), Some("Example CA"));
    assert_eq!(settings.dead_peer_detection_seconds, Some(60));
    assert_eq!((settings.nat_keepalive_seconds, settings.mtu), (60, 1400));
    assert_eq!((settings.ike_lifetime_minutes, settings.child_lifetime_minutes), (600, 60));
    let ike = settings.ike_proposals[0];
    assert_eq!((ike.encryption.id, ike.encryption.key_bits), (20, Some(256)));
    assert_eq!((ike.integrity, ike.prf, ike.group), (None, 6, 20));
    let child = settings.child_proposals[0];
    assert_eq!((child.encryption.id, child.encryption.key_bits), (28, None));
    assert_eq!((child.integrity, child.group), (None, Some(31)));
    assert_eq!((settings.ike_proposals.len(), settings.child_proposals.len()), (1, 1));
    assert!(settings.perfect_forward_secrecy && !settings.proposals_are_observed);
    let flags = Flags {
        disable_mobike: true,
        disable_redirect: true,
        use_internal_ip_subnet: true,
        disconnect_on_idle_seconds: Some(300),
        enforce_routes: true,
        exclude_local_networks: true,
        ..Flags::default()
    };
    assert_eq!(settings.flags, flags);
}

#[test]
fn children_inherit_unless_they_have_a_dictionary_of_their_own() {
    let ike = Value::dict([
        ("EncryptionAlgorithm", "AES-128".into()),
        ("IntegrityAlgorithm", "SHA2-512".into()),
        ("LifeTimeInMinutes", 30.into()),
    ]);
    let inherited =
        settings(psk(keys([("IKESecurityAssociationParameters", ike.clone()), ("EnablePFS", 1.into())])));
    let child = inherited.child_proposals[0];
    assert_eq!((child.encryption.id, child.encryption.key_bits), (12, Some(128)));
    assert_eq!(child.integrity.unwrap().id, 14);
    // The group was not given, so it is the schema's default.
    assert_eq!(child.group, Some(14));
    assert_eq!(inherited.child_lifetime_minutes, 30);
    let own = settings(psk(keys([
        ("IKESecurityAssociationParameters", ike),
        ("ChildSecurityAssociationParameters", Value::dict::<&str>([])),
    ])));
    let child = own.child_proposals[0];
    assert_eq!((child.encryption.key_bits, child.integrity.unwrap().id, child.group), (Some(256), 12, None));
    assert_eq!(own.child_lifetime_minutes, 1440);
}

#[test]
fn every_algorithm_is_mapped_or_refused() {
    for (place, key) in [(0, "IKESecurityAssociationParameters"), (1, "ChildSecurityAssociationParameters")] {
        let with = |name: &str, value: Value| {
            psk(keys([(key, Value::dict([(name, value)])), ("EnablePFS", 1.into())]))
        };
        for &encryption in EncryptionAlgorithm::ALL {
            let ikev2 = with("EncryptionAlgorithm", encryption.word().into());
            if matches!(encryption, EncryptionAlgorithm::Des | EncryptionAlgorithm::TripleDes) {
                assert_eq!(errors(ikev2), [Code::new("plan.unsupported")]);
            } else {
                let settings = settings(ikev2);
                let found =
                    [settings.ike_proposals[0].encryption, settings.child_proposals[0].encryption][place];
                assert_eq!(found.name, encryption);
            }
        }
        for &integrity in IntegrityAlgorithm::ALL {
            let settings = settings(with("IntegrityAlgorithm", integrity.word().into()));
            let found = [settings.ike_proposals[0].integrity, settings.child_proposals[0].integrity][place];
            assert_eq!(found.unwrap().name, integrity);
        }
        for group in [1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 31, 32] {
            let ikev2 = with("DiffieHellmanGroup", group.into());
            if [1, 2, 5, 17, 18, 32].contains(&group) {
                assert_eq!(errors(ikev2), [Code::new("plan.unsupported")], "group {group}");
            } else {
                let settings = settings(ikev2);
                let found = [Some(settings.ike_proposals[0].group), settings.child_proposals[0].group][place];
                assert_eq!(found.map(i64::from), Some(group));
            }
        }
        assert_eq!(errors(with("DiffieHellmanGroup", 3.into())), [codes::VALUE_NOT_ALLOWED]);
        assert_eq!(errors(with("DiffieHellmanGroup", "14".into())), [Code::new("sa.dh-type")]);
        assert_eq!(errors(with("EncryptionAlgorithm", "aes-256".into())), [codes::VALUE_CASE]);
        assert_eq!(errors(with("IntegrityAlgorithm", "MD5".into())), [codes::VALUE_NOT_ALLOWED]);
        assert_eq!(errors(with("LifeTimeInMinutes", 9.into())), [Code::new("sa.lifetime-range")]);
        assert_eq!(errors(with("LifeTimeInMinutes", 1441.into())), [Code::new("sa.lifetime-range")]);
    }
    // Without PFS the group of a child is never proposed, so a weak one does no harm.
    let child = Value::dict([("DiffieHellmanGroup", 2.into())]);
    assert_eq!(
        settings(psk(keys([("ChildSecurityAssociationParameters", child)]))).child_proposals[0].group,
        None
    );
}

#[test]
fn eap_takes_its_credentials_or_leaves_them_to_be_asked() {
    let Authentication::Eap(found) = settings(eap(vec![])).authentication else { panic!() };
    assert_eq!(found.name.as_deref(), Some("alice"));
    assert_eq!(found.password.as_ref().map(SecretText::expose), Some("wonderland"));
    assert!(found.eap_only);
    let asked = eap(keys([
        ("AuthPassword", DROP.into()),
        ("AuthName", "".into()),
        ("ExtendedAuthEnabled", true.into()),
    ]));
    let Authentication::Eap(found) = settings(asked).authentication else { panic!() };
    assert!(found.name.is_none() && found.password.is_none());
    // The server by certificate, the user by EAP: no identity of ours is needed.
    let certificate = eap(keys([("AuthenticationMethod", "Certificate".into())]));
    let Authentication::Eap(found) = settings(certificate).authentication else { panic!() };
    assert!(!found.eap_only);
}

#[test]
fn none_without_eap_falls_back_to_the_shared_secret() {
    let fallback = psk(keys([("AuthenticationMethod", "None".into())]));
    assert_eq!(warnings(fallback.clone()), [Code::new("ikev2.auth-none-no-eap")]);
    assert!(matches!(settings(fallback).authentication, Authentication::SharedSecret(_)));
    let without = psk(keys([("AuthenticationMethod", "None".into()), ("SharedSecret", DROP.into())]));
    assert_eq!(errors(without), [Code::new("ikev2.psk-missing")]);
}

#[test]
fn certificates_are_opened_and_put_in_order() {
    let ikev2 = |extra: Keys| {
        let base = psk(keys([
            ("AuthenticationMethod", "Certificate".into()),
            ("SharedSecret", DROP.into()),
            ("PayloadCertificateUUID", IDENTITY.into()),
            ("ServerCertificateIssuerCommonName", "Adit Test CA".into()),
        ]));
        payload(over(base, extra))
    };
    let p12 = |name: &str, password| certificate_payload("pkcs12", IDENTITY, file(name), password);
    let ecdsa = keys([("CertificateType", "ECDSA256".into())]);
    let xml = profile(vec![
        certificate_payload("root", "BBBBBBBB-2222-3333-4444-555555555555", file("ca.der"), None),
        ikev2(ecdsa.clone()),
        p12("modern-p256.p12", Some("secret")),
        certificate_payload("pkcs1", "CCCCCCCC-2222-3333-4444-555555555555", file("int.der"), None),
    ]);
    let settings = planned(&xml, Which::default()).unwrap();
    let Authentication::Certificate(identity) = &settings.authentication else { panic!() };
    assert_eq!(identity.key_kind, KeyKind::P256);
    assert_eq!(identity.chain, [file("p256.der"), file("int.der"), file("ca.der")]);
    assert_eq!(settings.server.anchors, [file("ca.der"), file("int.der")]);
    assert_eq!(settings.server.certificate_type, Some(CertificateType::Ecdsa256));
    assert_eq!((settings.payload_index, settings.warnings.len()), (1, 0));

    let refused = |payloads: Vec<Value>| {
        let found = planned(&profile(payloads), Which::default()).unwrap_err();
        codes_of(&found, Severity::Error)
    };
    assert_eq!(refused(vec![ikev2(vec![])]), [Code::new("ref.cert-missing")]);
    let root = certificate_payload("root", IDENTITY, file("ca.der"), None);
    assert_eq!(refused(vec![ikev2(vec![]), root]), [Code::new("ref.cert-not-identity")]);
    let Value::Dict(mut scep) = certificate_payload("scep", IDENTITY, vec![], None) else { panic!() };
    scep.retain(|(key, _)| key != "PayloadContent");
    scep.push(("PayloadContent".to_owned(), Value::dict([("URL", "https://scep.example.com".into())])));
    let scep = Value::Dict(scep);
    assert_eq!(refused(vec![ikev2(vec![]), scep]), [Code::new("plan.unsupported")]);
    assert_eq!(refused(vec![ikev2(vec![]), p12("modern-p256.p12", Some("wrong"))]), [codes::P12_PASSWORD]);
    assert_eq!(refused(vec![ikev2(vec![]), p12("modern-p256.p12", None)]), [codes::P12_NO_PASSWORD]);
    assert_eq!(refused(vec![ikev2(vec![]), p12("no-key.p12", Some("secret"))]), [codes::P12_NO_KEY]);
    assert_eq!(refused(vec![ikev2(vec![]), p12("ca.der", Some("secret"))]), [codes::P12_UNREADABLE]);
    let rsa = keys([("CertificateType", "RSA".into())]);
    assert_eq!(refused(vec![ikev2(rsa), p12("modern-p256.p12", Some("secret"))]), [codes::CERTTYPE_MISMATCH]);
    let pss = keys([("CertificateType", "RSA-PSS".into())]);
    let xml = profile(vec![ikev2(pss), p12("modern-rsa.p12", Some("secret"))]);
    assert!(planned(&xml, Which::default()).is_ok());

    // The host keeps the identity: whatever the profile has of it is not looked at.
    let at_host = Which { identity_at_host: true, ..Which::default() };
    let no_reference = keys([("PayloadCertificateUUID", DROP.into())]);
    for payloads in [
        vec![ikev2(vec![])],
        vec![ikev2(no_reference)],
        vec![ikev2(vec![]), certificate_payload("root", IDENTITY, file("ca.der"), None)],
        vec![ikev2(vec![]), p12("modern-p256.p12", None)],
    ] {
        let settings = planned(&profile(payloads), at_host).unwrap();
        assert!(matches!(settings.authentication, Authentication::CertificateAtHost));
    }

    // The password from the user, the UUID in another case, the type left to its default.
    let lower = keys([("PayloadCertificateUUID", IDENTITY.to_lowercase().into())]);
    let xml = profile(vec![ikev2(lower), p12("modern-p256.p12", None)]);
    let password = SecretText::new("secret".to_owned());
    let which = Which { pkcs12_password: Some(&password), ..Which::default() };
    let found = planned(&xml, which).unwrap().warnings;
    assert_eq!(
        codes_of(&found, Severity::Warning),
        [codes::CERTTYPE_DEFAULT_RSA, Code::new("ref.case-differs")]
    );
}

#[test]
fn f02_broken_certificate_payloads_are_errors() {
    let mut exponent = file("rsa.der");
    let at = exponent.windows(5).rposition(|window| window == [0x02, 0x03, 0x01, 0x00, 0x01]).unwrap();
    exponent[at + 2..at + 5].fill(0);
    for content in [exponent, file("ca.der")[..100].to_vec(), vec![], b"-----BEGIN CERTIFICATE-----".to_vec()]
    {
        let broken = certificate_payload("root", "BBBBBBBB-2222-3333-4444-555555555555", content, None);
        let found = planned(&profile(vec![payload(psk(vec![])), broken]), Which::default()).unwrap_err();
        assert_eq!(codes_of(&found, Severity::Error), [codes::CERT_UNREADABLE]);
        assert_eq!(found[0].path, "PayloadContent[1].PayloadContent");
    }
    let der = certificate_payload("pem", "BBBBBBBB-2222-3333-4444-555555555555", file("ca.der"), None);
    let found = planned(&profile(vec![payload(psk(vec![])), der]), Which::default()).unwrap();
    assert_eq!(codes_of(&found.warnings, Severity::Warning), [codes::CERT_DER_PEM_MIXUP]);
    assert_eq!(found.server.anchors.len(), 1);
}

#[test]
fn what_would_weaken_security_is_refused() {
    let everything = psk(keys([("IncludeAllNetworks", 1.into())]));
    assert_eq!(errors(everything.clone()), [Code::new("plan.unsupported")]);
    let for_app = Which { for_app: true, ..Which::default() };
    assert!(planned(&profile(vec![payload(everything)]), for_app).is_ok(), "an app's system keeps it");
    let identity = || certificate_payload("pkcs12", IDENTITY, file("pbe-3des.p12"), Some("secret"));
    let with_identity = |ikev2| planned(&profile(vec![payload(ikev2), identity()]), Which::default());
    let eap_tls = eap(keys([
        ("PayloadCertificateUUID", IDENTITY.into()),
        ("AuthName", DROP.into()),
        ("AuthPassword", DROP.into()),
    ]));
    let refused = with_identity(eap_tls).expect_err("must be refused");
    assert_eq!(codes_of(&refused, Severity::Error), [Code::new("plan.unsupported")]);
    let with_password = with_identity(eap(keys([("PayloadCertificateUUID", IDENTITY.into())]))).unwrap();
    assert!(codes_of(&with_password.warnings, Severity::Warning).contains(&Code::new("plan.not-obeyed")));
    let astray = eap(keys([("PayloadCertificateUUID", "x".into())]));
    assert_eq!(errors(astray), [Code::new("ref.cert-missing")]);
    assert_eq!(errors(psk(keys([("ExtendedAuthEnabled", 1.into())]))), [Code::new("plan.unsupported")]);
    let methods = |methods: &[i64]| {
        let methods = Value::Array(methods.iter().map(|method| (*method).into()).collect());
        Value::dict([("PostQuantumKeyExchangeMethods", methods)])
    };
    for key in ["IKESecurityAssociationParameters", "ChildSecurityAssociationParameters"] {
        assert_eq!(errors(psk(keys([(key, methods(&[36]))]))), [Code::new("plan.unsupported")]);
        let pfs = ("EnablePFS", 1.into());
        let fallback =
            keys([(key, methods(&[36, 37])), ("AllowPostQuantumKeyExchangeFallback", 1.into()), pfs.clone()]);
        assert_eq!(warnings(psk(fallback)), [Code::new("plan.not-obeyed")]);
        assert_eq!(warnings(psk(keys([(key, methods(&[0])), pfs]))), [Code::new("pq.first-none")]);
        assert_eq!(errors(psk(keys([(key, methods(&[38]))]))), [Code::new("pq.unknown-method")]);
        assert_eq!(errors(psk(keys([(key, methods(&[0; 8]))]))), [Code::new("pq.too-many")]);
    }
}

#[test]
fn f01_ppk_of_any_length_is_told() {
    let ppk = |length: usize, extra: Keys| {
        let base = keys([("PPK", vec![7u8; length].into()), ("PPKIdentifier", "key".into())]);
        psk(over(base, extra))
    };
    let unusable = Code::new("ppk.unusable");
    assert_eq!(validate_errors(ppk(0, vec![])), [unusable]);
    assert_eq!(validate_errors(ppk(65_536, vec![])), [unusable]);
    assert_eq!(validate_errors(ppk(1, vec![])), []);
    assert_eq!(validate_errors(ppk(32, keys([("PPK", DROP.into())]))), [Code::new("ppk.pair")]);
    assert_eq!(validate_errors(ppk(32, keys([("PPKIdentifier", DROP.into())]))), [Code::new("ppk.pair")]);
    assert_eq!(validate_errors(ppk(32, keys([("PPKIdentifier", "".into())]))), [Code::new("ppk.pair")]);
    assert_eq!(validate_errors(ppk(32, keys([("PPK", "text".into())]))), [Code::new("type.string-for-data")]);
    assert_eq!(validate_errors(ppk(32, vec![])), []);
    // Mandatory unless the profile says otherwise, and then this build cannot connect.
    for length in [1, 32] {
        assert_eq!(errors(ppk(length, vec![])), [Code::new("plan.unsupported")]);
    }
    assert_eq!(warnings(ppk(32, keys([("PPKMandatory", 0.into())]))), [Code::new("plan.not-obeyed")]);
    let short = warnings(ppk(1, keys([("PPKMandatory", 0.into())])));
    assert_eq!(short, [Code::new("plan.not-obeyed"), Code::new("ppk.short")]);
}

#[test]
fn f01_shared_secrets_of_any_kind_are_told() {
    let secret = |secret: Value| psk(keys([("SharedSecret", secret)]));
    assert_eq!(validate_errors(secret("".into())), [Code::new("ikev2.psk-missing")]);
    assert_eq!(validate_errors(secret(DROP.into())), [Code::new("ikev2.psk-missing")]);
    assert_eq!(validate_errors(secret("x".repeat(5000).into())), [Code::new("ikev2.psk-unusable")]);
    assert_eq!(validate_errors(secret(vec![1u8, 2].into())), [Code::new("type.string-for-data")]);
    assert_eq!(validate_errors(secret(5.into())), [codes::TYPE_MISMATCH]);
    // XML cannot hold a NUL, but CoreFoundation takes `&#0;`, and a binary list can.
    let nul = profile(vec![payload(secret("a-marker-b".into()))]).replace("a-marker-b", "a&#0;b");
    let report = check(nul.as_bytes());
    assert_eq!(codes_of(&report.diagnostics, Severity::Error), [Code::new("ikev2.psk-unusable")]);
    // Beyond ASCII it works with servers that take UTF-8 too, so it is a warning.
    let umlaut = secret("Grüne Äpfel, 27 Stück".into());
    assert_eq!(validate_errors(umlaut.clone()), []);
    assert_eq!(warnings(umlaut), [Code::new("ikev2.psk-unusable")]);
}

#[test]
fn required_keys_and_ranges_are_checked() {
    let without = |key: &str| psk(vec![(key.to_owned(), DROP.into())]);
    assert_eq!(errors(without("RemoteAddress")), [Code::new("vpn.remote-missing")]);
    assert_eq!(errors(without("RemoteIdentifier")), [Code::new("ikev2.remote-id-missing")]);
    assert_eq!(errors(without("AuthenticationMethod")), [Code::new("ikev2.auth-missing")]);
    assert_eq!(warnings(without("LocalIdentifier")), [Code::new("ikev2.local-id-missing")]);
    let with = |key: &str, value: Value| psk(vec![(key.to_owned(), value)]);
    let cases: [(&str, Value, Code); 16] = [
        ("RemoteAddress", "https://vpn.example.com".into(), Code::new("vpn.remote-syntax")),
        ("RemoteAddress", "vpn.example.com:4500".into(), Code::new("vpn.remote-syntax")),
        ("RemoteAddress", "".into(), Code::new("vpn.remote-missing")),
        ("RemoteAddress", 5.into(), codes::TYPE_MISMATCH),
        ("RemoteIdentifier", "".into(), Code::new("ikev2.remote-id-missing")),
        ("AuthenticationMethod", "Password".into(), codes::VALUE_NOT_ALLOWED),
        ("AuthenticationMethod", "sharedsecret".into(), codes::VALUE_CASE),
        ("NATKeepAliveInterval", 19.into(), Code::new("ikev2.nat-interval")),
        ("MTU", 1279.into(), Code::new("ikev2.mtu-range")),
        ("MTU", 1401.into(), Code::new("ikev2.mtu-range")),
        ("MTU", "1300".into(), codes::TYPE_MISMATCH),
        ("DeadPeerDetectionRate", "Sometimes".into(), Code::new("ikev2.dpd-value")),
        ("DisconnectOnIdleTimer", (-1).into(), Code::new("vpn.idle-negative")),
        ("EnablePFS", 2.into(), codes::VALUE_NOT_ALLOWED),
        ("CertificateType", "Ed25519".into(), Code::new("ikev2.certtype-ed25519")),
        ("IKESecurityAssociationParameters", "AES".into(), codes::TYPE_MISMATCH),
    ];
    for (key, value, code) in cases {
        assert_eq!(errors(with(key, value.clone())), [code], "{key}");
        assert_eq!(validate_errors(with(key, value)), [code], "{key}");
    }
    let certificate =
        psk(keys([("AuthenticationMethod", "Certificate".into()), ("SharedSecret", DROP.into())]));
    assert_eq!(errors(certificate), [Code::new("ikev2.cert-missing")]);
    let typed = keys([("CertificateType", "RSA".into())]);
    assert_eq!(errors(eap(typed.clone())), [Code::new("ikev2.certtype-needs-issuer")]);
    assert_eq!(warnings(psk(typed)), [Code::new("ikev2.certtype-needs-issuer")]);
    assert_eq!(warnings(psk(keys([("AuthName", "alice".into())]))), [Code::new("ikev2.eap-creds-unused")]);
    assert_eq!(warnings(eap(keys([("SharedSecret", "x".into())]))), [Code::new("ikev2.psk-unused")]);
    let invented = keys([("UseCertificateChainValidation", true.into())]);
    assert_eq!(warnings(psk(invented)), [Code::new("ikev2.unknown-chain-key")]);
}

#[test]
fn the_strict_switch_compares_after_inheritance() {
    let strict = |ike: Option<&str>, child: Option<&str>, group: i64| {
        let dictionary = |cipher: &str| {
            Value::dict([("EncryptionAlgorithm", cipher.into()), ("DiffieHellmanGroup", group.into())])
        };
        let mut extra = keys([("EnforceStrictAlgorithmSelection", 1.into())]);
        extra.extend(ike.map(|cipher| ("IKESecurityAssociationParameters".to_owned(), dictionary(cipher))));
        extra.extend(
            child.map(|cipher| ("ChildSecurityAssociationParameters".to_owned(), dictionary(cipher))),
        );
        validate_errors(psk(extra))
    };
    assert_eq!(strict(Some("AES-128"), Some("AES-256"), 14), [Code::new("sa.strict-order")]);
    assert_eq!(strict(Some("AES-256"), Some("ChaCha20Poly1305"), 14), []);
    assert_eq!(strict(Some("AES-128-GCM"), None, 14), []);
    assert_eq!(strict(None, Some("AES-256-GCM"), 14), []);
    assert_eq!(strict(Some("3DES"), None, 14), [Code::new("sa.strict-cipher")]);
    assert_eq!(strict(Some("AES-256"), None, 5), [Code::new("sa.strict-dh")]);
}

/// A sound value of a key.
fn present(key: &str) -> Value {
    match key {
        "TLSMinimumVersion" | "TLSMaximumVersion" => "1.2".into(),
        "ProviderType" => "packet-tunnel".into(),
        "DNSProtocol" => "Cleartext".into(),
        "ServerAddresses" => Value::Array(vec!["192.0.2.53".into()]),
        "SupplementalMatchDomains" => Value::Array(vec!["example.com".into()]),
        "VPNUUID" => "33333333-2222-3333-4444-555555555555".into(),
        _ => "com.example.provider".into(),
    }
}

/// What must stand beside a key of a dictionary for the dictionary to be sound.
fn beside(key: &str) -> Keys {
    match key {
        "HTTPEnable" => keys([("HTTPProxy", "proxy.example.com".into()), ("HTTPPort", 8080.into())]),
        "HTTPSEnable" => keys([("HTTPSProxy", "proxy.example.com".into()), ("HTTPSPort", 8080.into())]),
        "ProxyAutoConfigEnable" => keys([("ProxyAutoConfigURLString", "https://example.com/x.pac".into())]),
        _ => keys([("DNSProtocol", present("DNSProtocol")), ("ServerAddresses", present("ServerAddresses"))]),
    }
}

#[test]
fn each_key_not_obeyed_is_a_warning_that_names_it() {
    for row in NOT_OBEYED_YET {
        let asking = match row.when {
            When::Present => present(row.key),
            When::Set => 1.into(),
            When::Clear => 0.into(),
        };
        let silent: Value = if row.when == When::Set { 0.into() } else { 1.into() };
        let found = |value: Value, for_app: bool| {
            let entry = (row.key.to_owned(), value);
            let payload = match row.section {
                "IKEv2" => payload(psk(vec![entry])),
                section => {
                    let Value::Dict(mut entries) = payload(psk(vec![])) else { panic!() };
                    if section.is_empty() {
                        entries.push(entry);
                    } else {
                        let beside = beside(row.key).into_iter().filter(|(key, _)| key != row.key);
                        let inner = beside.chain([entry]).collect();
                        entries.push((section.to_owned(), Value::Dict(inner)));
                    }
                    Value::Dict(entries)
                }
            };
            let settings = planned(&profile(vec![payload]), Which { for_app, ..Which::default() });
            let warnings = settings.unwrap_or_else(|found| panic!("{}: {found:?}", row.key)).warnings;
            warnings
                .iter()
                .any(|found| found.code == Code::new("plan.not-obeyed") && found.message.contains(row.key))
        };
        assert!(found(asking.clone(), false), "{}", row.key);
        assert_eq!(found(asking, true), !row.by_apps, "an app's: {}", row.key);
        if row.when != When::Present {
            assert!(!found(silent, false), "{}", row.key);
        }
    }
}

#[test]
fn the_payload_is_chosen_or_the_choice_is_explained() {
    let first = payload(psk(vec![]));
    let Value::Dict(mut second) = payload(psk(keys([("RemoteAddress", "two.example.com".into())]))) else {
        panic!()
    };
    second.retain(|(key, _)| key != "PayloadUUID");
    second.push(("PayloadUUID".to_owned(), "22222222-2222-3333-4444-55555555555A".into()));
    let xml = profile(vec![first, Value::Dict(second)]);
    let chosen = |payload| planned(&xml, Which { payload, ..Which::default() });
    let refused = chosen(Choice::Only).unwrap_err();
    assert_eq!(refused[0].code, Code::new("plan.choice"));
    assert!(refused[0].help.as_ref().unwrap().contains("1 (Example)"), "{refused:?}");
    assert_eq!(chosen(Choice::Index(1)).unwrap().remote_address, "two.example.com");
    let uuid = chosen(Choice::Uuid("22222222-2222-3333-4444-55555555555a")).unwrap();
    assert_eq!(uuid.remote_address, "two.example.com");
    for choice in [Choice::Index(2), Choice::Uuid("none")] {
        assert_eq!(chosen(choice).unwrap_err()[0].code, Code::new("plan.choice"));
    }
    assert_eq!(planned(&profile(vec![]), Which::default()).unwrap_err()[0].code, Code::new("plan.choice"));
}

#[test]
fn other_vpn_types_are_refused_by_name() {
    for (kind, code) in [
        ("AlwaysOn", Code::new("plan.unsupported")),
        ("IPSec", Code::new("plan.unsupported")),
        ("ikev2", codes::VALUE_CASE),
        ("hunter2", Code::new("plan.unsupported")),
    ] {
        let Value::Dict(mut entries) = payload(psk(vec![])) else { panic!() };
        entries.retain(|(key, _)| key != "VPNType");
        entries.push(("VPNType".to_owned(), kind.into()));
        let found = planned(&profile(vec![Value::Dict(entries)]), Which::default()).unwrap_err();
        assert!(found.iter().any(|found| found.code == code), "{kind}: {found:#?}");
        assert!(!found.iter().any(|found| found.message.contains("hunter2")), "{found:#?}");
    }
    let Value::Dict(mut bare) = payload(vec![]) else { panic!() };
    bare.retain(|(key, _)| key != "IKEv2");
    let bare = Value::Dict(bare);
    let found = planned(&profile(vec![bare]), Which::default()).unwrap_err();
    assert_eq!(codes_of(&found, Severity::Error), [codes::VPN_SECTION_MISSING]);
}

#[test]
fn templates_are_judged_but_not_connected_with() {
    let template = psk(keys([("RemoteAddress", "{{ server }}".into()), ("SharedSecret", "${PSK}".into())]));
    assert_eq!(validate_errors(template.clone()), []);
    assert_eq!(errors(template), [codes::TEMPLATE_VARIABLE]);
}

#[test]
fn the_top_level_is_judged() {
    // A root has its four keys besides what each case gives it.
    let report = |root: Value| {
        let Value::Dict(mut entries) = root else { panic!() };
        entries.extend(keys([
            ("PayloadIdentifier", "com.example".into()),
            ("PayloadUUID", "99999999-2222-3333-4444-555555555555".into()),
            ("PayloadVersion", 1.into()),
        ]));
        let root = Value::Dict(entries);
        let report = check(to_xml(&root).unwrap().as_bytes());
        codes_of(&report.diagnostics, Severity::Error)
    };
    let kind = || ("PayloadType", Value::from("Configuration"));
    assert_eq!(report(Value::dict([kind()])), [Code::new("profile.content-missing")]);
    assert_eq!(
        report(Value::dict([kind(), ("PayloadContent", "x".into())])),
        [Code::new("profile.content-not-array")]
    );
    assert_eq!(
        report(Value::dict([kind(), ("PayloadContent", Value::Array(vec![1.into()]))])),
        [Code::new("payload.not-dict")]
    );
    assert_eq!(
        report(Value::dict([kind(), ("PayloadContent", Value::Array(vec![Value::dict::<&str>([])]))])),
        [Code::new("payload.missing-key")]
    );
    let wrong = Value::dict([
        ("PayloadType", "com.apple.vpn.managed".into()),
        ("PayloadContent", Value::Array(vec![])),
    ]);
    assert_eq!(report(wrong), [Code::new("profile.type")]);
    let encrypted =
        Value::dict([kind(), ("IsEncrypted", true.into()), ("EncryptedPayloadContent", vec![1u8].into())]);
    assert_eq!(report(encrypted), []);
}

#[test]
fn f03_no_output_echoes_a_secret() {
    let secret = |n: usize| format!("hunter{n}-secret");
    let ikev2 = psk(keys([
        ("SharedSecret", secret(1).into()),
        ("AuthPassword", secret(2).into()),
        ("Password", secret(3).into()),
        ("PPK", secret(4).into_bytes().into()),
        ("PPKMandatory", 0.into()),
        ("PPKIdentifier", "key".into()),
        ("ServerCertificateIssuerCommonName", "CA".into()),
    ]));
    let xml = profile(vec![
        payload(ikev2),
        certificate_payload(
            "pkcs12",
            "DDDDDDDD-2222-3333-4444-555555555555",
            file("no-mac.p12"),
            Some(&secret(5)),
        ),
    ]);
    let document = Document::read(xml.as_bytes());
    let profile = Profile::of(&document).unwrap();
    let model = Ikev2Payload::read(&profile.payloads()[0]);
    let settings = requirements(&profile, Which::default()).unwrap();
    let wrong = Which { payload: Choice::Index(1), ..Which::default() };
    let refused = requirements(&profile, wrong).unwrap_err();
    let report = check(xml.as_bytes());
    let json = serde_json::to_string(&report).unwrap();
    let shown = format!(
        "{document:?} {profile:?} {model:?} {settings:?} {refused:?} {report:?} {json} {:?} {}",
        settings.authentication,
        serde_json::to_string(&settings.warnings).unwrap(),
    );
    let base64 = ["aHVudGVy", "104, 117, 110"];
    for needle in ["hunter", "-secret"].iter().chain(&base64) {
        assert!(!shown.contains(needle), "{needle} in {shown}");
    }
    // Every secret is where the excerpts are masked.
    let text = adit_profile::source::SourceText::masked(xml.as_bytes(), &document.secret_spans()).unwrap();
    assert!(!text.text().contains("hunter") && !text.text().contains("aHVudGVy"));
    assert_eq!(text.text().len(), xml.len());
}

#[test]
fn the_keys_are_those_of_the_schema() {
    let Some(shared) = common::shared("schema, keys of the IKEv2 dictionary") else { return };
    let table = fs::read_to_string(shared.join("reference/vpn-profile-keys.tsv")).unwrap();
    let mut expected = BTreeSet::new();
    for line in table.lines() {
        let mut fields = line.split('\t');
        if fields.next() == Some("com.apple.vpn.managed")
            && let Some(key) = fields.next().and_then(|path| path.strip_prefix("IKEv2."))
            && !key.contains(['.', '['])
        {
            expected.insert(key.to_owned());
        }
    }
    let known: BTreeSet<String> = IKEV2_KEYS.iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(known, expected);
}

#[test]
fn a_null_where_a_value_is_needed_is_the_reason_given() {
    // Found by fuzzing: Apple's reader takes the null object of a binary list, so it is a warning there.
    let mut file = Vec::new();
    let xml = profile(vec![payload(psk(vec![]))]);
    let value = plist::Value::from_reader_xml(xml.as_bytes()).unwrap();
    value.to_writer_binary(&mut file).unwrap();
    // The string object: its marker and two bytes of length, then its text.
    let at = file.windows(15).position(|window| window == b"vpn.example.com").map(|text| text - 3);
    file[at.unwrap()] = 0;
    let document = Document::read(&file);
    assert!(!document.problems().has_errors(), "{:?}", document.problems());
    let reasons = requirements(&Profile::of(&document).unwrap(), Which::default());
    let reasons = reasons.unwrap_err();
    assert!(
        reasons.iter().any(|reason| reason.severity == Severity::Error && reason.message.contains("null"))
    );
}
