//! The whole of certificate validation, case by case.

use adit_crypto::{EcdsaEncoding, HashId, SignatureScheme, rustcrypto_provider};

use super::testing::*;
use super::*;
use crate::identity::testing::{hex, shared_files};
use crate::identity::{IdKind, Identity};

const ROOT: &str = "C=CH, O=Adit, CN=Root";
const SUB: &str = "C=CH, O=Adit, CN=Sub";
const HOST: &str = "vpn.example.com";

fn validate_as(
    usage: Usage,
    anchors: &Anchors,
    chain: &[Certificate],
    now: u64,
) -> Result<(), CertificateRefusal> {
    let mut answers = Vec::new();
    for provider in [provider(), rustcrypto_provider()] {
        let check = ChainCheck { provider: &provider, anchors, now, usage, issuer_common_name: None };
        answers.push(check.validate(&chain[0], &chain[1..]));
    }
    assert_eq!(answers[0], answers[1], "the providers disagree");
    answers.remove(0)
}

fn validate(anchors: &Anchors, chain: &[Certificate]) -> Result<(), CertificateRefusal> {
    validate_as(Usage::Server, anchors, chain, NOW)
}

fn root() -> Issuer {
    Issuer::new(ROOT, P256_A)
}

fn sub() -> Issuer {
    Issuer::new(SUB, P256_B)
}

fn sub_template() -> Template {
    Template::ca(SUB, load(P256_B).public_key()).path_length(None)
}

fn root_anchor() -> Anchors {
    anchors(&[root().root().issue(&root())])
}

fn server() -> Template {
    Template::server(HOST, RSA_A)
}

#[test]
fn a_chain_to_an_anchor_is_accepted_with_every_kind_of_key_and_scheme() {
    let cases: [(&[u8], Option<SignatureScheme>); 14] = [
        (RSA_A, None),
        (RSA_A, Some(SignatureScheme::RsaPkcs1(HashId::SHA2_384))),
        (RSA_A, Some(SignatureScheme::RsaPkcs1(HashId::SHA2_512))),
        (RSA_A, Some(SignatureScheme::RsaPss(HashId::SHA2_256))),
        (RSA_A, Some(SignatureScheme::RsaPss(HashId::SHA2_384))),
        (RSA_A, Some(SignatureScheme::RsaPss(HashId::SHA2_512))),
        (P256_A, None),
        (P256_A, Some(SignatureScheme::Ecdsa(HashId::SHA2_384, EcdsaEncoding::Der))),
        (P256_A, Some(SignatureScheme::Ecdsa(HashId::SHA2_512, EcdsaEncoding::Der))),
        (P384, None),
        (P384, Some(SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Der))),
        (P521, None),
        (P521, Some(SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Der))),
        (ED25519, None),
    ];
    for (key, scheme) in cases {
        let issuer = Issuer::new(ROOT, key);
        let anchors = anchors(&[issuer.root().issue(&issuer)]);
        let mut template = server();
        if let Some(scheme) = scheme {
            // RFC 7427's PSS identifier spells the trailer out; certificates leave it out, as DER asks.
            template = template.scheme(scheme);
            if let SignatureScheme::RsaPss(hash) = scheme {
                template = template.algorithm(&pss_identifier(hash));
            }
        }
        let leaf = template.certificate(&issuer);
        validate(&anchors, &[leaf]).unwrap_or_else(|error| panic!("{:?}: {error}", scheme));
    }
}

fn pss_identifier(hash: HashId) -> Vec<u8> {
    let contents = match hash {
        HashId::SHA2_256 => rustls_pki_types::alg_id::RSA_PSS_SHA256,
        HashId::SHA2_384 => rustls_pki_types::alg_id::RSA_PSS_SHA384,
        _ => rustls_pki_types::alg_id::RSA_PSS_SHA512,
    };
    asn1::encode(der::Tag::Sequence, contents.as_ref())
}

#[test]
fn intermediates_may_come_in_any_order_and_with_strangers() {
    let root = root();
    let middle = Issuer::new("C=CH, O=Adit, CN=Middle", P384);
    let middle_certificate = Template::ca("C=CH, O=Adit, CN=Middle", load(P384).public_key())
        .path_length(Some(1))
        .certificate(&root);
    let sub_certificate = sub_template().certificate(&middle);
    let leaf = server().certificate(&sub());
    let stranger = Template::server("other.example.org", RSA_B).certificate(&Issuer::new("CN=Nobody", RSA_B));
    let anchors = root_anchor();
    validate(
        &anchors,
        &[leaf.clone(), stranger.clone(), middle_certificate.clone(), sub_certificate.clone()],
    )
    .expect("in this order");
    validate(&anchors, &[leaf.clone(), sub_certificate.clone(), middle_certificate])
        .expect("and the other way");
    assert_eq!(
        validate(&anchors, &[leaf, sub_certificate, stranger]),
        Err(CertificateRefusal::UntrustedIssuer {
            issuer: "C=CH, O=Adit, CN=Middle".to_owned(),
            subject: "C=CH, O=Adit, CN=Sub".to_owned(),
        })
    );
}

#[test]
fn an_intermediate_or_the_certificate_itself_may_be_the_anchor() {
    let sub_der = sub_template().issue(&root());
    let leaf = server().certificate(&sub());
    validate(&anchors(&[sub_der]), std::slice::from_ref(&leaf)).expect("anchored at the intermediate");
    validate(&anchors(&[leaf.der().to_vec()]), std::slice::from_ref(&leaf)).expect("pinned");

    // A self-signed certificate that says it is a CA, as `openssl req -x509` makes it.
    let own = Issuer::new("CN=vpn.example.com", P256_A);
    let self_signed = Template::new("CN=vpn.example.com", load(P256_A).public_key())
        .path_length(None)
        .dns(HOST)
        .certificate(&own);
    validate(&anchors(&[self_signed.der().to_vec()]), std::slice::from_ref(&self_signed)).expect("pinned");
    assert!(matches!(
        validate(&root_anchor(), &[self_signed]),
        Err(CertificateRefusal::CaAsEndEntity { .. } | CertificateRefusal::UntrustedIssuer { .. })
    ));

    // A pinned certificate still ends.
    let late = validate_as(Usage::Server, &anchors(&[leaf.der().to_vec()]), &[leaf], NOW + 101 * DAY);
    assert!(matches!(late, Err(CertificateRefusal::Expired { .. })));
}

#[test]
fn c25_a_self_signed_look_alike_of_the_root_is_refused() {
    let fake_root = Issuer::new(ROOT, P256_B);
    let leaf = server().certificate(&fake_root);
    let fake = fake_root.root().certificate(&fake_root);
    let refusal = validate(&root_anchor(), &[leaf, fake]).expect_err("another key");
    assert!(matches!(refusal, CertificateRefusal::BadSignature { .. }), "{refusal}");

    // A sound intermediate, and a leaf signed by somebody who took its name: the leaf is at fault.
    let leaf = server().certificate(&Issuer::new(SUB, RSA_B));
    let refusal =
        validate(&root_anchor(), &[leaf, sub_template().certificate(&root())]).expect_err("another key");
    assert!(
        matches!(&refusal, CertificateRefusal::BadSignature { subject, .. } if subject.ends_with("CN=server")),
        "{refusal}"
    );
}

#[test]
fn c25_a_ca_without_basic_constraints_is_refused() {
    let impostor = Template::new(SUB, load(P256_B).public_key()).certificate(&root());
    let leaf = server().certificate(&sub());
    let refusal = validate(&root_anchor(), &[leaf.clone(), impostor.clone()]).expect_err("not a CA");
    assert_eq!(refusal, CertificateRefusal::NotACa { subject: "C=CH, O=Adit, CN=Sub".to_owned() });
    // Trusting it as an anchor pins it; it still may not issue.
    let refusal = validate(&anchors(&[impostor.der().to_vec()]), &[leaf]).expect_err("not a CA");
    assert!(matches!(refusal, CertificateRefusal::NotACa { .. }), "{refusal}");
}

#[test]
fn c25_a_broken_path_length_is_refused() {
    let sub_certificate = sub_template().certificate(&Issuer::new("CN=Middle", P384));
    let middle = Template::ca("CN=Middle", load(P384).public_key()).path_length(Some(0)).certificate(&root());
    let leaf = server().certificate(&sub());
    let refusal = validate(&root_anchor(), &[leaf, sub_certificate, middle]).expect_err("one CA too many");
    assert!(matches!(refusal, CertificateRefusal::PathTooLong { .. }), "{refusal}");
}

#[test]
fn c25_a_loop_of_cas_ends() {
    let (a, b) = (Issuer::new("CN=A", P256_A), Issuer::new("CN=B", P256_B));
    let a_by_b = Template::ca("CN=A", load(P256_A).public_key()).path_length(None).certificate(&b);
    let b_by_a = Template::ca("CN=B", load(P256_B).public_key()).path_length(None).certificate(&a);
    let leaf = server().certificate(&a);
    let refusal = validate(&root_anchor(), &[leaf, a_by_b, b_by_a]).expect_err("nothing above");
    assert!(matches!(refusal, CertificateRefusal::UntrustedIssuer { .. }), "{refusal}");
}

#[test]
fn c25_more_intermediates_than_allowed_are_refused() {
    let leaf = server().certificate(&sub());
    let mut chain = vec![leaf];
    chain.extend(std::iter::repeat_n(sub_template().certificate(&root()), MAX_INTERMEDIATES + 1));
    let refusal = validate(&root_anchor(), &chain).expect_err("too many");
    assert_eq!(refusal, CertificateRefusal::PathTooLong { max: MAX_INTERMEDIATES });
}

#[test]
fn c25_expired_and_future_certificates_are_refused_by_name() {
    let anchors = root_anchor();
    let leaf = server().certificate(&root());
    let chain = std::slice::from_ref(&leaf);
    for (now, wanted) in [(NOW - 100 * DAY, true), (NOW + 100 * DAY, true)] {
        assert_eq!(
            validate_as(Usage::Server, &anchors, chain, now).is_ok(),
            wanted,
            "the bounds belong to it"
        );
    }
    let late = NOW + 100 * DAY + 1;
    let expired = validate_as(Usage::Server, &anchors, chain, late).expect_err("expired");
    assert_eq!(
        expired,
        CertificateRefusal::Expired {
            subject: "C=CH, O=Adit, CN=server".to_owned(),
            not_after: NOW + 100 * DAY,
            now: late
        }
    );
    assert!(expired.to_string().contains("2026-09-09 00:00 UTC"), "{expired}");
    let early = validate_as(Usage::Server, &anchors, chain, NOW - 100 * DAY - 1).expect_err("not yet");
    assert!(matches!(early, CertificateRefusal::NotYetValid { .. }) && early.to_string().contains("clock"));

    // An expired intermediate.
    let old_sub = sub_template().valid(NOW - 20 * DAY, NOW - DAY).certificate(&root());
    let leaf = server().certificate(&sub());
    let refusal = validate(&anchors, &[leaf, old_sub]).expect_err("expired intermediate");
    assert!(
        matches!(&refusal, CertificateRefusal::Expired { subject, .. } if subject == "C=CH, O=Adit, CN=Sub"),
        "{refusal}"
    );

    // An expired root.
    let old_root = testing::anchors(&[root().root().valid(NOW - 20 * DAY, NOW - DAY).issue(&root())]);
    let leaf = server().certificate(&root());
    let refusal = validate(&old_root, &[leaf]).expect_err("expired root");
    assert!(
        matches!(&refusal, CertificateRefusal::Expired { subject, .. } if subject == "C=CH, O=Adit, CN=Root"),
        "{refusal}"
    );
}

#[test]
fn c25_unknown_critical_extensions_are_refused() {
    let private = "1.3.6.1.4.1.99999.1";
    let anchors = root_anchor();
    let leaf = server().extension(private, true, vec![5, 0]).certificate(&root());
    let refusal = validate(&anchors, &[leaf]).expect_err("critical");
    assert!(
        matches!(&refusal, CertificateRefusal::UnknownCriticalExtension { oid, .. } if oid == private),
        "{refusal}"
    );
    let leaf = server().extension(private, false, vec![5, 0]).certificate(&root());
    validate(&anchors, &[leaf]).expect("not critical");

    let sub_certificate = sub_template().extension(private, true, vec![5, 0]).certificate(&root());
    let leaf = server().certificate(&sub());
    let refusal = validate(&anchors, &[leaf, sub_certificate]).expect_err("critical in a CA");
    assert!(
        matches!(&refusal, CertificateRefusal::UnknownCriticalExtension { oid, .. } if oid == private),
        "{refusal}"
    );
}

#[test]
fn c25_md5_and_sha1_signatures_are_refused_by_name() {
    let issuer = Issuer::new(ROOT, RSA_B);
    let anchors = anchors(&[issuer.root().issue(&issuer)]);
    let md5 = server().algorithm(&hex("300d06092a864886f70d0101040500")).certificate(&issuer);
    assert_eq!(
        validate(&anchors, &[md5]),
        Err(CertificateRefusal::WeakSignature { algorithm: "RSA with MD5" })
    );
    let sha1 = server().scheme(SignatureScheme::RsaPkcs1(HashId::SHA1)).certificate(&issuer);
    assert_eq!(
        validate(&anchors, &[sha1]),
        Err(CertificateRefusal::WeakSignature { algorithm: "RSA with SHA-1" })
    );
    let ecdsa_sha1 = server().algorithm(&hex("300906072a8648ce3d0401")).certificate(&root());
    assert_eq!(
        validate(&root_anchor(), &[ecdsa_sha1]),
        Err(CertificateRefusal::WeakSignature { algorithm: "ECDSA with SHA-1" })
    );
    let pss_sha1 = server().algorithm(&hex("300d06092a864886f70d01010a3000")).certificate(&issuer);
    assert_eq!(
        validate(&anchors, &[pss_sha1]),
        Err(CertificateRefusal::WeakSignature { algorithm: "RSA-PSS with SHA-1" })
    );
    let ed448 = server().algorithm(&hex("300506032b6571")).certificate(&issuer);
    assert_eq!(
        validate(&anchors, &[ed448]),
        Err(CertificateRefusal::UnsupportedSignature { algorithm: "1.3.101.113".to_owned() })
    );
}

#[test]
fn c25_explicit_curve_parameters_and_short_rsa_keys_are_refused() {
    for spki in [EXPLICIT_P256_SPKI, RSA_1024_SPKI] {
        let leaf = Template::new("CN=server", spki).dns(HOST).certificate(&root());
        let refusal = validate(&root_anchor(), &[leaf]).expect_err("unusable key");
        assert!(matches!(refusal, CertificateRefusal::UnsupportedKey { .. }), "{refusal}");
        // The same key in a CA.
        let sub_certificate = Template::ca(SUB, spki).path_length(None).certificate(&root());
        let leaf = server().certificate(&sub());
        let refusal = validate(&root_anchor(), &[leaf, sub_certificate]).expect_err("unusable CA key");
        assert!(matches!(refusal, CertificateRefusal::UnsupportedKey { .. }), "{refusal}");
    }
}

#[test]
fn c25_a_damaged_certificate_is_refused() {
    let mut der = server().issue(&root());
    let last = der.len() - 1;
    der[last] ^= 1;
    let leaf = Certificate::parse(&der).expect("still readable");
    let refusal = validate(&root_anchor(), &[leaf]).expect_err("altered");
    assert!(matches!(refusal, CertificateRefusal::BadSignature { .. }), "{refusal}");
}

#[test]
fn a_ca_whose_key_usage_lacks_certificate_signing_issues_nothing() {
    let weak_sub = Template::new(SUB, load(P256_B).public_key())
        .path_length(None)
        .key_usage(&[7, 0x80])
        .certificate(&root());
    let leaf = server().certificate(&sub());
    let refusal = validate(&root_anchor(), &[leaf, weak_sub]).expect_err("no keyCertSign");
    assert!(matches!(refusal, CertificateRefusal::WrongKeyUsage { .. }), "{refusal}");
}

#[test]
fn usages_follow_rfc_4945() {
    let anchors = root_anchor();
    let (server_auth, client_auth) = ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    let cases: [(&[&str], bool, bool); 8] = [
        (&[server_auth], true, false),
        (&[client_auth], false, true),
        (&[server_auth, client_auth], true, true),
        (&["1.3.6.1.5.5.7.3.17"], true, true),
        (&["1.3.6.1.5.5.8.2.2"], true, true),
        (&["2.5.29.37.0"], true, true),
        (&["1.3.6.1.5.5.7.3.4"], false, false),
        (&["1.3.6.1.5.5.7.3.4", server_auth], true, false),
    ];
    for (purposes, as_server, as_client) in cases {
        let leaf = [server().purposes(purposes).certificate(&root())];
        for (usage, wanted) in [(Usage::Server, as_server), (Usage::Client, as_client)] {
            let answer = validate_as(usage, &anchors, &leaf, NOW);
            assert_eq!(answer.is_ok(), wanted, "{purposes:?} as {usage:?}");
            if let Err(refusal) = answer {
                assert!(matches!(refusal, CertificateRefusal::WrongUsage { .. }), "{refusal}");
            }
        }
    }
    for (bits, wanted) in [(&[7, 0x80], true), (&[6, 0x40], true), (&[5, 0x20], false), (&[2, 0x04], false)] {
        let leaf = [server().key_usage(bits).certificate(&root())];
        assert_eq!(validate(&anchors, &leaf).is_ok(), wanted, "{bits:?}");
    }
    // A CA restricted to another purpose restricts what is below it.
    let mail_sub = sub_template().purposes(&["1.3.6.1.5.5.7.3.4"]).certificate(&root());
    let refusal = validate(&anchors, &[server().certificate(&sub()), mail_sub]).expect_err("a CA for mail");
    assert!(
        matches!(&refusal, CertificateRefusal::WrongUsage { subject, .. } if subject == "C=CH, O=Adit, CN=Sub"),
        "{refusal}"
    );
}

#[test]
fn old_certificates_without_extensions_are_roots_at_most() {
    let issuer = root();
    let old_root = Template::new(ROOT, load(P256_A).public_key()).version_one().issue(&issuer);
    let leaf = server().certificate(&issuer);
    validate(&anchors(&[old_root]), std::slice::from_ref(&leaf)).expect("a version 1 root");
    let old_leaf = Template::new("CN=server", load(RSA_A).public_key()).version_one().certificate(&issuer);
    let refusal = validate(&root_anchor(), &[old_leaf]).expect_err("version 1");
    assert_eq!(refusal, CertificateRefusal::Malformed { what: "it is not of version 3" });
}

#[test]
fn nothing_is_trusted_without_anchors() {
    let leaf = server().certificate(&root());
    assert_eq!(validate(&Anchors::new(), &[leaf]), Err(CertificateRefusal::NoAnchors));
}

#[test]
fn the_issuer_common_name_must_be_in_the_path() {
    let leaf = server().certificate(&sub());
    let chain = [leaf.clone(), sub_template().certificate(&root())];
    let (provider, anchors) = (provider(), root_anchor());
    let check = |name| ChainCheck {
        provider: &provider,
        anchors: &anchors,
        now: NOW,
        usage: Usage::Server,
        issuer_common_name: Some(name),
    };
    check("Root").validate(&chain[0], &chain[1..]).expect("the anchor");
    check("Sub").validate(&chain[0], &chain[1..]).expect("the intermediate");
    for other in ["server", "root", "Roo", "Root\0", ""] {
        let refusal = check(other).validate(&chain[0], &chain[1..]).expect_err("another CA");
        assert!(matches!(refusal, CertificateRefusal::WrongIssuer { .. }), "{refusal}");
    }
    let pinned = testing::anchors(&[leaf.der().to_vec()]);
    let check = ChainCheck { anchors: &pinned, ..check("Sub") };
    check.validate(&leaf, &[]).expect("the pinned certificate's issuer");
    let check = ChainCheck { issuer_common_name: Some("Root"), ..check };
    assert!(check.validate(&leaf, &[]).is_err());
}

fn server_matches(certificate: &Certificate, wanted: &str) -> bool {
    server_name_matches(certificate, wanted).is_ok()
}

#[test]
fn c24_a_host_name_decides_by_dns_names_and_by_the_common_name_only_without_them() {
    let issue = |template: Template| template.certificate(&root());
    let spki = load(P256_A).public_key().to_vec();
    let with_name = issue(Template::new("CN=cn.example.com", &spki).dns("san.example.com").ip("192.0.2.1"));
    assert!(server_matches(&with_name, "san.example.com"));
    assert!(server_matches(&with_name, "SAN.example.COM"));
    assert!(!server_matches(&with_name, "cn.example.com"), "the common name counts only without dNSName");
    assert!(server_matches(&with_name, "192.0.2.1"));
    for other in ["192.0.2.2", "::ffff:192.0.2.1", "san.example.com.", "san.example", "xsan.example.com", ""]
    {
        assert!(!server_matches(&with_name, other), "{other}");
    }
    let only_common_name = issue(Template::new("CN=cn.example.com", &spki));
    assert!(server_matches(&only_common_name, "cn.example.com"));
    assert!(!server_matches(&only_common_name, "192.0.2.1"));
    // An address in iPAddress does not stop the common name from being the host name.
    let mixed = issue(Template::new("CN=cn.example.com", &spki).ip("192.0.2.1"));
    assert!(server_matches(&mixed, "cn.example.com"));
}

#[test]
fn c24_an_address_in_the_common_name_or_in_a_dns_name_is_no_address() {
    let spki = load(P256_A).public_key().to_vec();
    let in_common_name = Template::new("CN=192.0.2.1", &spki).certificate(&root());
    assert!(!server_matches(&in_common_name, "192.0.2.1"));
    let in_dns = Template::new("CN=x", &spki).dns("192.0.2.1").certificate(&root());
    assert!(!server_matches(&in_dns, "192.0.2.1"));
    let v6 = Template::new("CN=x", &spki).ip("2001:db8::1").certificate(&root());
    assert!(server_matches(&v6, "2001:db8:0::1") && !server_matches(&v6, "2001:db8::2"));
}

#[test]
fn c24_a_wildcard_is_the_whole_leftmost_label() {
    let spki = load(P256_A).public_key().to_vec();
    let with = |name: &str| Template::new("CN=x", &spki).dns(name).certificate(&root());
    let wildcard = with("*.example.com");
    assert!(server_matches(&wildcard, "vpn.example.com") && server_matches(&wildcard, "VPN.Example.com"));
    for other in ["example.com", "a.b.example.com", ".example.com", "*.example.com", "vpn.example.org"] {
        assert!(!server_matches(&wildcard, other), "{other}");
    }
    for (pattern, host) in [
        ("*.com", "example.com"),
        ("*", "localhost"),
        ("v*.example.com", "vpn.example.com"),
        ("*n.example.com", "vpn.example.com"),
        ("vpn.*.com", "vpn.example.com"),
        ("*.*.com", "vpn.example.com"),
        ("**.example.com", "vpn.example.com"),
        ("*.2.1", "192.2.1"),
    ] {
        assert!(!server_matches(&with(pattern), host), "{pattern}");
    }
    let in_common_name = Template::new("CN=*.example.com", &spki).certificate(&root());
    assert!(server_matches(&in_common_name, "vpn.example.com"));
    // Clients are called by their whole name.
    let vpn = Identity::from_text("vpn.example.com").expect("a name");
    assert!(name_matches(&wildcard, &vpn, Usage::Client).is_err());
    name_matches(&with("vpn.example.com"), &vpn, Usage::Client).expect("the very name");
}

#[test]
fn c24_name_constraints_hold_for_alternative_and_common_names() {
    let constrained = |permitted: &[Vec<u8>], excluded: &[Vec<u8>]| {
        sub_template().constraints(permitted, excluded).certificate(&root())
    };
    let spki = load(RSA_A).public_key().to_vec();
    let by_san = |host: &str| Template::new("CN=x.y", &spki).dns(host).certificate(&sub());
    let by_cn = |subject: &'static str| Template::new(subject, &spki).certificate(&sub());
    let anchors = root_anchor();
    let check = |leaf: Certificate, ca: &Certificate| validate(&anchors, &[leaf, ca.clone()]);
    let refused = |answer: Result<(), CertificateRefusal>| {
        assert!(matches!(answer, Err(CertificateRefusal::NameConstraint { .. })), "{answer:?}");
    };

    let permitted = constrained(&[dns_base("example.com")], &[]);
    check(by_san("vpn.example.com"), &permitted).expect("inside");
    check(by_cn("CN=vpn.example.com"), &permitted).expect("inside");
    check(by_cn("CN=My VPN"), &permitted).expect("no host name, and never compared as one");
    refused(check(by_san("vpn.example.org"), &permitted));
    refused(check(by_cn("CN=vpn.example.org"), &permitted));
    refused(check(by_cn("CN=*.example.org"), &permitted));

    let excluded = constrained(&[], &[dns_base("secret.example.com")]);
    check(by_san("vpn.example.com"), &excluded).expect("outside");
    check(by_cn("CN=vpn.example.com"), &excluded).expect("outside");
    refused(check(by_san("a.secret.example.com"), &excluded));
    refused(check(by_cn("CN=a.secret.example.com"), &excluded));
    refused(check(by_cn("CN=*.example.com"), &excluded));

    // In the anchor itself.
    let anchored =
        testing::anchors(&[root().root().constraints(&[dns_base("example.com")], &[]).issue(&root())]);
    let leaf = |subject| Template::new(subject, &spki).certificate(&root());
    validate(&anchored, &[leaf("CN=vpn.example.com")]).expect("inside");
    refused(validate(&anchored, &[leaf("CN=vpn.example.org")]));
}

#[test]
fn c24_directory_name_constraints_are_never_passed_over() {
    let name = crate::identity::DistinguishedName::from_text("O=Other").expect("a name").to_der();
    let base = asn1::encode(asn1::context(4, true), &name);
    let leaf = server().certificate(&sub());
    for ca in [
        sub_template().constraints(std::slice::from_ref(&base), &[]),
        sub_template().constraints(&[], std::slice::from_ref(&base)),
    ] {
        let refusal =
            validate(&root_anchor(), &[leaf.clone(), ca.certificate(&root())]).expect_err("constrained");
        assert!(matches!(refusal, CertificateRefusal::NameConstraint { .. }), "{refusal}");
    }
    // The same for a mail address, which rustls-webpki does not compare.
    let base = asn1::encode(asn1::context(1, false), b"example.com");
    let ca = sub_template().constraints(&[base], &[]).certificate(&root());
    let leaf = server().mail("a@example.org").certificate(&sub());
    assert!(matches!(validate(&root_anchor(), &[leaf, ca]), Err(CertificateRefusal::NameConstraint { .. })));
}

#[test]
fn names_of_other_kinds_match_in_their_own_field_only() {
    let spki = load(P256_A).public_key().to_vec();
    let certificate = Template::new("C=CH, O=Adit, CN=alice", &spki)
        .mail("Alice@example.com")
        .directory("C=CH, O=Adit, CN=alias")
        .certificate(&root());
    let matches = |text: &str| {
        name_matches(&certificate, &Identity::from_text(text).expect(text), Usage::Client).is_ok()
    };
    assert!(matches("Alice@EXAMPLE.com") && !matches("alice@example.com") && !matches("bob@example.com"));
    assert!(matches("c=ch, o=adit, cn=ALICE") && matches("C=CH,O=Adit,CN=alias"));
    assert!(!matches("C=CH, O=Adit") && !matches("C=CH, O=Adit, CN=bob"));
    assert!(matches("alice"), "the common name, because there is no dNSName");
    let key_id = Identity::new(IdKind::KEY_ID, b"alice".to_vec()).expect("a key ID");
    assert!(name_matches(&certificate, &key_id, Usage::Client).is_err());
    let refusal = name_matches(&certificate, &key_id, Usage::Client).expect_err("no such field");
    assert_eq!(
        refusal,
        CertificateRefusal::NameMismatch {
            wanted: "alice".to_owned(),
            found: vec!["Alice@example.com".into(), "C=CH, O=Adit, CN=alias".into(), "CN=alice".into()],
        }
    );
    assert!(refusal.to_string().contains("'Alice@example.com', 'C=CH"), "{refusal}");
}

#[test]
fn apples_common_name_may_be_any_text() {
    let spki = load(P256_A).public_key().to_vec();
    let certificate = Template::new("CN=My VPN Server", &spki).dns("vpn.example.com").certificate(&root());
    assert!(server_matches(&certificate, "My VPN Server"));
    assert!(!server_matches(&certificate, "My VPN") && !server_matches(&certificate, "my vpn server"));
}

#[test]
fn the_key_type_must_be_one_configured() {
    let rsa = server().certificate(&root());
    require_key_type(&rsa, &[KeyType::Rsa]).expect("RSA");
    require_key_type(&rsa, KeyType::ALL).expect("any");
    let refusal = require_key_type(&rsa, &[KeyType::EcdsaP256, KeyType::EcdsaP384]).expect_err("RSA");
    assert!(refusal.to_string().contains("RSA-2048, but ECDSA P-256 or ECDSA P-384"), "{refusal}");
    assert!(require_key_type(&rsa, &[]).is_err());
}

#[test]
fn certificate_requests_name_cas_by_the_hash_of_their_key() {
    let provider = provider();
    let root_der = root().root().issue(&root());
    let other = Issuer::new("CN=Other", RSA_B);
    let both = anchors(&[root_der.clone(), other.root().issue(&other), root_der]);
    let hashes = both.key_hashes(&provider);
    assert_eq!(hashes.len(), 2, "the same certificate twice is one anchor");
    let found = both.find_by_key_hash(&provider, &hashes[1]).expect("the second");
    assert_eq!(found.common_name(), Some("Other"));
    assert!(both.find_by_key_hash(&provider, &[0; 20]).is_none());
    assert_eq!(both.with_common_name("Other").certificates().len(), 1);
    assert!(both.with_common_name("other").is_empty());

    let chain = [server().certificate(&sub()), sub_template().certificate(&root())];
    assert!(both.requested(&provider, &hashes[0], &chain), "the root above");
    assert!(!both.requested(&provider, &hashes[1], &chain), "another CA");
    assert!(both.requested(&provider, &hashes.concat(), &chain));
    assert!(!both.requested(&provider, &hashes[0][..19], &chain) && !both.requested(&provider, &[], &chain));
    let sub_hash = anchors(&[chain[1].der().to_vec()]).key_hashes(&provider);
    assert!(both.requested(&provider, &sub_hash[0], &chain), "the intermediate in the chain");
}

#[test]
fn every_truncation_and_trailing_byte_is_refused() {
    let der = server().issue(&root());
    for length in 0..der.len() {
        assert!(Certificate::parse(&der[..length]).is_err(), "cut to {length}");
    }
    let mut longer = der;
    longer.push(0);
    assert!(Certificate::parse(&longer).is_err());
    assert!(matches!(
        Certificate::parse(&vec![0x30; MAX_CERTIFICATE_LEN + 1]),
        Err(CertificateRefusal::TooLarge { .. })
    ));
}

#[test]
fn an_extension_may_appear_once() {
    let der = server().purposes(&["1.3.6.1.5.5.7.3.1"]).purposes(&["1.3.6.1.5.5.7.3.2"]).issue(&root());
    assert_eq!(
        Certificate::parse(&der),
        Err(CertificateRefusal::Malformed { what: "an extension appears twice" })
    );
}

#[test]
fn a_name_with_a_nul_or_without_ascii_matches_nothing() {
    let spki = load(P256_A).public_key().to_vec();
    let certificate = Template::new("CN=x.y", &spki).dns("vpn.example.com\0.evil.org").certificate(&root());
    assert!(!server_matches(&certificate, "vpn.example.com"));
    assert!(!server_matches(&certificate, "vpn.example.com\0.evil.org"));
    assert!(certificate.names().iter().all(|name| !name.contains('\0')), "names print escaped");
}

#[test]
fn c24_a_dns_name_that_is_not_ascii_keeps_the_common_name_out() {
    let spki = load(P256_A).public_key().to_vec();
    let certificate =
        Template::new("CN=vpn.example.com", &spki).dns("v\u{e4}n.example.com").certificate(&root());
    assert!(!server_matches(&certificate, "vpn.example.com"));
    assert!(!server_matches(&certificate, "v\u{e4}n.example.com"));
}

#[test]
fn certificate_seeds_never_panic() {
    let mut read = 0;
    for folder in ["vectors/fuzz-seeds/certs", "vectors/fuzz-seeds/certs-crash"] {
        let Some(seeds) = shared_files("certificate seeds", folder) else { return };
        let anchors = root_anchor();
        for (_, seed) in seeds {
            let Ok(certificate) = Certificate::parse(&seed) else { continue };
            read += 1;
            let _ = (certificate.names(), certificate.subject(), certificate.issuer());
            let _ = server_name_matches(&certificate, HOST);
            let chain = [certificate.clone(), certificate.clone()];
            for now in [0, NOW, u64::MAX, certificate.not_before()] {
                let provider = provider();
                let mut own = anchors.clone();
                let _ = own.add(certificate.der());
                for anchors in [&anchors, &own] {
                    let check = ChainCheck {
                        provider: &provider,
                        anchors,
                        now,
                        usage: Usage::Server,
                        issuer_common_name: None,
                    };
                    let _ = check.validate(&chain[0], &chain[1..]).map_err(|refusal| refusal.to_string());
                }
            }
        }
    }
    assert!(read > 10, "only {read} seeds could be read");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn an_altered_byte_is_never_accepted(at in 0_usize..700, flip in 1_u8..=255) {
        let mut der = ISSUED.with(Clone::clone);
        let at = at % der.len();
        der[at] ^= flip;
        if let Ok(certificate) = Certificate::parse(&der) {
            let provider = provider();
            let anchors = root_anchor();
            let check = ChainCheck {
                provider: &provider, anchors: &anchors, now: NOW, usage: Usage::Server, issuer_common_name: None,
            };
            proptest::prop_assert!(check.validate(&certificate, &[]).is_err());
        }
    }
}

thread_local! {
    static ISSUED: Vec<u8> = server().issue(&root());
}
