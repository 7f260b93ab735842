use proptest::prelude::*;

use super::testing::{field, hex, shared_files, shared_json};
use super::*;

fn id(text: &str) -> Identity {
    Identity::from_text(text).expect(text)
}

fn raw(kind: IdKind, data: &[u8]) -> Identity {
    Identity::new(kind, data.to_vec()).expect("valid data")
}

fn dn(text: &str) -> DistinguishedName {
    DistinguishedName::from_text(text).expect(text)
}

#[test]
fn android_id_payloads_parse_and_encode_to_the_same_bytes() {
    let Some(file) = shared_json("Android ID payloads", "vectors/android-ike/IkeIdPayloadTest.json") else {
        return;
    };
    let wanted = [
        ("IPV4_ADDR_ID_PAYLOAD_RESPONDER_BODY_HEX_STRING", IdKind::IPV4, "192.0.2.100"),
        ("IPV6_ADDR_ID_PAYLOAD_RESPONDER_BODY_HEX_STRING", IdKind::IPV6, "0:2001:0:db8::1"),
        ("FQDN_ID_PAYLOAD_BODY_HEX_STRING", IdKind::FQDN, "ike.android.net"),
        ("RFC822_ADDR_ID_PAYLOAD_BODY_HEX_STRING", IdKind::RFC822, "androidike@example.com"),
        ("KEY_ID_PAYLOAD_BODY_HEX_STRING", IdKind::KEY_ID, "androidIkeKeyId"),
        (
            "ASN1_DN_PAYLOAD_BODY_HEX_STRING",
            IdKind::DER_ASN1_DN,
            "C=US, O=Android, CN=small.server.test.android.net",
        ),
    ];
    for (name, kind, text) in wanted {
        let body = field(&file["hex"], name);
        let identity = Identity::parse_payload(&body).expect(name);
        assert_eq!(identity.kind(), kind, "{name}");
        if kind != IdKind::IPV6 {
            assert_eq!(identity.to_string(), text, "{name}");
        }
        assert_eq!(identity.payload_body(), body, "{name}");
        for length in 0..body.len() {
            // A shorter name is still a name; everything with a fixed form must notice.
            let cut = Identity::parse_payload(&body[..length]);
            if matches!(kind, IdKind::IPV4 | IdKind::IPV6 | IdKind::DER_ASN1_DN) || length <= 4 {
                assert!(cut.is_err(), "{name} cut to {length}");
            }
        }
    }
    let invalid = field(&file["hex"], "ASN1_DN_INVALID_PAYLOAD_BODY_HEX_STRING");
    assert!(matches!(Identity::parse_payload(&invalid), Err(IdentityError::BadDer { .. })));
}

#[test]
fn a14_empty_type_zero_short_address_and_oversize_identities_are_rejected() {
    assert_eq!(Identity::parse_payload(&[]), Err(IdentityError::Truncated));
    assert_eq!(Identity::parse_payload(&[2, 0, 0]), Err(IdentityError::Truncated));
    for kind in [1, 2, 3, 5, 9, 10, 11] {
        let empty = Identity::parse_payload(&[kind, 0, 0, 0]);
        assert_eq!(empty, Err(IdentityError::Empty { kind: IdKind(kind) }));
    }
    for kind in [0, 4, 6, 7, 8, 12, 13, 200, 255] {
        let unknown = Identity::parse_payload(&[kind, 0, 0, 0, b'x']);
        assert_eq!(unknown, Err(IdentityError::UnsupportedKind { kind: IdKind(kind) }));
    }
    let short = Identity::parse_payload(&[1, 0, 0, 0, 192, 0, 2]);
    assert_eq!(short, Err(IdentityError::WrongLength { kind: IdKind::IPV4, wanted: 4, length: 3 }));
    assert!(Identity::parse_payload(&[5, 0, 0, 0, 1, 2, 3, 4]).is_err());
    let mut key_id = vec![11, 0, 0, 0];
    key_id.resize(65_535, b'k');
    assert_eq!(Identity::parse_payload(&key_id), Err(IdentityError::TooLong { length: 65_531 }));
}

#[test]
fn a14_broken_and_truncated_names_are_rejected() {
    let der = dn("C=CH, O=Adit, CN=vpn").to_der();
    assert!(DistinguishedName::parse(&der).is_ok());
    for length in 0..der.len() {
        assert!(DistinguishedName::parse(&der[..length]).is_err(), "cut to {length}");
    }
    let mut longer = der.clone();
    longer.push(0);
    assert!(DistinguishedName::parse(&longer).is_err(), "trailing byte");
    // Empty name, empty part, SEQUENCE where a SET belongs, attribute without a value, with two, length past the end.
    for broken in [
        "3000",
        "30023100",
        "300b3009060355040613024348",
        "3009310730050603550406",
        "3007310530030c0141",
        "30823000",
        "3084ffffffff",
    ] {
        assert!(DistinguishedName::parse(&hex(broken)).is_err(), "{broken}");
    }
    assert!(Identity::new(IdKind::DER_ASN1_GN, hex("820161")).is_ok());
    assert!(Identity::new(IdKind::DER_ASN1_GN, hex("8203")).is_err());
    // Sixty-five attributes.
    let pair = asn1_pair();
    let many = crate::certificate::asn1::encode(der::Tag::Sequence, &pair.repeat(65));
    assert!(DistinguishedName::parse(&many).is_err());
}

fn asn1_pair() -> Vec<u8> {
    hex("310b3009060355040613024348")
}

#[test]
fn a14_a_name_that_is_a_prefix_of_another_is_not_equal() {
    let long = dn("C=CH, O=Adit, CN=vpn");
    let short = dn("C=CH, O=Adit");
    assert!(!long.equals(&short) && !short.equals(&long));
    assert!(!dn("CN=vpn").equals(&dn("CN=vpnx")) && !dn("CN=vpnx").equals(&dn("CN=vpn")));
}

#[test]
fn a15_text_that_looks_like_pem_or_der_stays_text() {
    for text in ["-----BEGIN CERTIFICATE-----", "0\u{7f}", "0$1\"0", "\u{30}\u{22}1"] {
        match Identity::from_text(text) {
            Ok(identity) => {
                assert_eq!(identity.kind(), IdKind::FQDN);
                assert_eq!(identity.data(), text.as_bytes());
            }
            Err(error) => assert_eq!(error, IdentityError::ControlCharacter { kind: IdKind::FQDN }),
        }
    }
}

#[test]
fn the_type_follows_from_the_text() {
    let cases = [
        ("192.0.2.1", IdKind::IPV4),
        ("2001:db8::1", IdKind::IPV6),
        ("::ffff:192.0.2.1", IdKind::IPV6),
        ("vpn.example.com", IdKind::FQDN),
        ("192.0.2", IdKind::FQDN),
        ("My Server", IdKind::FQDN),
        ("alice@example.com", IdKind::RFC822),
        ("alice=bob@example.com", IdKind::RFC822),
        ("CN=vpn.example.com", IdKind::DER_ASN1_DN),
        ("C=CH, O=strongSwan, CN=moon@strongswan.org", IdKind::DER_ASN1_DN),
        ("/C=CH/E=moon@strongswan.org/CN=moon", IdKind::DER_ASN1_DN),
        ("2.5.4.3=x", IdKind::DER_ASN1_DN),
        ("a=b", IdKind::FQDN),
    ];
    for (text, kind) in cases {
        assert_eq!(id(text).kind(), kind, "{text}");
    }
    for text in
        ["", "vpn\0.example.com", "a\nb", "CN=", "CN=x,", "CN=x,y", "CN=\"x", "CN=x\\", "C=\u{e4}", "CN=#zz"]
    {
        assert!(Identity::from_text(text).is_err(), "{text:?}");
    }
    assert!(Identity::from_text(&"a".repeat(MAX_IDENTITY_LEN + 1)).is_err());
}

#[test]
fn names_are_read_with_escapes_quotes_and_several_values() {
    assert_eq!(id(r"C=CH, O=A\, B, CN=x").to_string(), r"C=CH, O=A\, B, CN=x");
    assert!(dn(r#"O="A, B",CN=x"#).equals(&dn(r"O=A\, B,CN=x")));
    assert!(dn(r"CN=a\41b").equals(&dn("CN=aAb")));
    assert!(dn("CN=x+UID=y").equals(&dn("UID=y+CN=x")));
    assert_eq!(id("CN=x+UID=y").to_string().matches('+').count(), 1);
    assert!(dn("CN=#0C0161").equals(&dn("CN=a")));
    assert_eq!(dn("CN=trailing ").to_der(), dn("CN=trailing").to_der());
    assert_ne!(dn(r"CN=trailing\ ").to_der(), dn("CN=trailing").to_der());
}

#[test]
fn an_rfc_4514_name_is_encoded_with_the_country_first() {
    assert_eq!(id("CN=moon, O=Adit, C=CH"), id("C=CH, O=Adit, CN=moon"));
    assert_eq!(id("CN=moon,DC=example,DC=org").to_string(), "DC=org, DC=example, CN=moon");
    assert_ne!(id("/CN=moon/O=Adit"), id("/O=Adit/CN=moon"));
    // The first seed of the corpus, as strongSwan encodes it.
    let wanted = "3022310b300906035504061302434831133011060355040a130a7374726f6e675377616e";
    assert_eq!(dn("C=CH, O=strongSwan").to_der(), hex(wanted));
}

#[test]
fn names_compare_as_rfc_5280_says() {
    let printable = raw(IdKind::DER_ASN1_DN, &hex("300c310a300806035504030c0141"));
    let utf8_lower = raw(IdKind::DER_ASN1_DN, &hex("300c310a30080603550403130161"));
    printable.matches(&utf8_lower).expect("case and string type do not matter");
    assert!(dn("CN=A  B").equals(&dn("CN=a b")));
    assert!(!dn("CN=AB").equals(&dn("CN=a b")));
    assert!(!dn("O=A").equals(&dn("CN=A")));
    // A BIT STRING never equals a string with the same bytes.
    let bits = hex("300c310a30080603550403030141");
    assert!(printable.matches(&raw(IdKind::DER_ASN1_DN, &bits)).is_err());
}

#[test]
fn c23_an_identity_matches_only_what_the_rule_calls_equal() {
    let expected = id("vpn.example.com");
    expected.matches(&id("VPN.Example.COM")).expect("ASCII case does not matter");
    let refused: [(IdKind, &[u8]); 10] = [
        (IdKind::FQDN, b"other.example.com"),
        (IdKind::FQDN, b"*.example.com"),
        (IdKind::FQDN, b"vpn.example"),
        (IdKind::FQDN, b"vpn.example.com.evil.org"),
        (IdKind::FQDN, b"vpn.example.com."),
        (IdKind::FQDN, "vpn.ex\u{e4}mple.com".as_bytes()),
        (IdKind::FQDN, b"xn--vpn.example.com"),
        (IdKind::KEY_ID, b"vpn.example.com"),
        (IdKind::RFC822, b"vpn.example.com"),
        (IdKind::KEY_ID, b"vpn.example.com\0.evil.org"),
    ];
    for (kind, data) in refused {
        assert!(expected.matches(&raw(kind, data)).is_err(), "{kind} {}", printable(data));
    }
    assert!(Identity::new(IdKind::FQDN, b"vpn.example.com\0.evil.org".to_vec()).is_err());

    // A wildcard in the configuration is no pattern either.
    assert!(id("*.example.com").matches(&id("vpn.example.com")).is_err());
    // An internationalised name equals neither its A-label nor its capital.
    assert!(id("b\u{fc}cher.example").matches(&id("xn--bcher-kva.example")).is_err());
    assert!(id("b\u{fc}cher.example").matches(&id("B\u{dc}CHER.example")).is_err());

    assert!(id("192.0.2.1").matches(&id("::ffff:192.0.2.1")).is_err());
    assert!(id("192.0.2.1").matches(&raw(IdKind::FQDN, b"192.0.2.1")).is_err());
    assert!(id("192.0.2.1").matches(&id("192.0.2.1")).is_ok());

    let mailbox = id("Alice@example.com");
    mailbox.matches(&id("Alice@EXAMPLE.com")).expect("the domain has no case");
    assert!(mailbox.matches(&id("alice@example.com")).is_err());
    assert!(mailbox.matches(&raw(IdKind::RFC822, b"Alice")).is_err());

    let key_id = raw(IdKind::KEY_ID, b"Key");
    assert!(key_id.matches(&raw(IdKind::KEY_ID, b"key")).is_err());
    assert!(key_id.matches(&raw(IdKind::KEY_ID, b"Key")).is_ok());
}

#[test]
fn a_mismatch_names_both_sides_and_what_to_change() {
    let error = id("vpn.example.com").matches(&id("10.0.0.1")).expect_err("different");
    let text = error.to_string();
    for part in ["vpn.example.com", "10.0.0.1", "FQDN", "IPv4 address", "RemoteIdentifier"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn untrusted_bytes_print_escaped_and_cut() {
    let nasty = raw(IdKind::FQDN, "a\u{202e}b\u{200b}\u{85}".as_bytes());
    assert_eq!(nasty.to_string(), r"a\u{202e}b\u{200b}\u{85}");
    assert_eq!(raw(IdKind::FQDN, &[b'a', 0xff]).to_string(), r"a\xff");
    assert!(raw(IdKind::FQDN, &[b'a'; 2000]).to_string().chars().count() <= 257);
    assert!(raw(IdKind::KEY_ID, &[0xfe; 2000]).to_string().len() < 300);
    assert_eq!(raw(IdKind::KEY_ID, &[1, 2]).to_string(), "0x0102");
    let long = format!("CN={}", "x,".repeat(500).replace(',', "\\,"));
    assert!(id(&long).to_string().chars().count() < 1200);
}

#[test]
fn identity_seeds_never_panic() {
    let Some(seeds) = shared_files("identity seeds", "vectors/fuzz-seeds/ids") else { return };
    for (name, seed) in seeds {
        for kind in 0..=13 {
            if let Ok(identity) = Identity::new(IdKind(kind), seed.clone()) {
                let _ = identity.to_string();
                assert!(identity.matches(&identity).is_ok(), "{name} as {kind}");
            }
        }
        if let Ok(text) = std::str::from_utf8(&seed)
            && let Ok(identity) = Identity::from_text(text.trim_end())
        {
            assert_eq!(Identity::parse_payload(&identity.payload_body()).as_ref(), Ok(&identity), "{name}");
        }
    }
}

proptest! {
    #[test]
    fn payloads_round_trip_and_equal_themselves(kind in 0_u8..14, data in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(identity) = Identity::new(IdKind(kind), data) {
            prop_assert_eq!(Identity::parse_payload(&identity.payload_body()), Ok(identity.clone()));
            prop_assert!(identity.matches(&identity).is_ok());
            prop_assert!(!identity.to_string().chars().any(char::is_control));
        }
    }

    #[test]
    fn any_text_is_refused_or_survives_the_wire(text in "\\PC{0,40}|[A-Z]{1,2}=[ -~]{0,20}(,[A-Z]{1,2}=[ -~]{0,20})?") {
        if let Ok(identity) = Identity::from_text(&text) {
            prop_assert_eq!(Identity::parse_payload(&identity.payload_body()), Ok(identity));
        }
    }

    #[test]
    fn names_made_of_any_text_survive_der(values in proptest::collection::vec("[!-~][ -~]{0,10}[!-~]|\\PC{1,12}", 1..4)) {
        let text = values.iter().zip(["O", "OU", "CN"]).map(|(value, keyword)| {
            // Every byte escaped: none of them separates.
            let value: String = value.bytes().map(|byte| format!("\\{byte:02x}")).collect();
            format!("{keyword}={value}")
        }).collect::<Vec<_>>().join(",");
        let name = DistinguishedName::from_text(&text).expect("escaped text");
        let reread = DistinguishedName::parse(&name.to_der()).expect("our own DER");
        prop_assert!(name.equals(&reread));
        prop_assert_eq!(&name, &reread);
        prop_assert_eq!(reread.common_names().next(), values.get(2).map(String::as_str));
    }
}
