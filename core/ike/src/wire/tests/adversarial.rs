//! Hostile messages: the cases A01 to A23 of the list of adversarial cases that concern reading.

use super::{read_body, samples};
use crate::test_support::{hex, providers};
use crate::wire::*;

/// A datagram with a valid header and these octets as payloads.
fn datagram(first: PayloadType, payloads: &[u8]) -> Vec<u8> {
    let length = u32::try_from(Header::LEN + payloads.len()).unwrap();
    let header = Header { next_payload: first, length, ..samples::message().header };
    let mut writer = Writer::new();
    header.write(&mut writer);
    writer.bytes(payloads);
    writer.finish().unwrap()
}

fn reason(first: PayloadType, payloads: &[u8]) -> Malformed {
    Message::parse(&datagram(first, payloads)).unwrap_err().reason
}

#[test]
fn a01_short_datagrams_and_wrong_length_fields_are_refused() {
    for length in [0, 1, 3, 4, 27] {
        let error = Header::parse(&vec![0; length]).unwrap_err();
        assert!(matches!(error.reason, Malformed::Truncated { .. }), "{length}: {error}");
    }
    let valid = datagram(PayloadType::NONE, &[]);
    assert!(Message::parse(&valid).is_ok());
    for wrong in [0_u32, 27, 29, 65_536, u32::MAX] {
        let mut octets = valid.clone();
        octets[24..].copy_from_slice(&wrong.to_be_bytes());
        let error = Message::parse(&octets).unwrap_err();
        assert_eq!(error.reason, Malformed::MessageLength { header: wrong, datagram: 28 });
        assert_eq!(error.offset, 24);
    }
    let longer = [valid.as_slice(), &[0]].concat();
    assert!(matches!(Message::parse(&longer).unwrap_err().reason, Malformed::MessageLength { .. }));
}

#[test]
fn a02_payload_length_below_four_is_rejected() {
    for length in 0..4_u8 {
        let error = Message::parse(&datagram(PayloadType::NOTIFY, &[0, 0, 0, length])).unwrap_err();
        assert_eq!(error.reason, Malformed::Length { what: "payload", length: length.into() });
        assert_eq!((error.offset, error.within), (28, Some(PayloadType::NOTIFY)));
    }
}

#[test]
fn a02_payload_length_past_the_end_and_a_chain_without_end_are_rejected() {
    assert_eq!(
        reason(PayloadType::VENDOR_ID, &[0, 0, 0, 9, 1, 2, 3, 4]),
        Malformed::Truncated { wanted: 5, left: 4 }
    );
    assert_eq!(
        reason(PayloadType::VENDOR_ID, &[0, 0, 0xff, 0xff]),
        Malformed::Truncated { wanted: 65_531, left: 0 }
    );
    // "The next is a Vendor ID" in the last one, and octets behind the last one.
    assert!(matches!(reason(PayloadType::VENDOR_ID, &[43, 0, 0, 4]), Malformed::Truncated { .. }));
    assert_eq!(reason(PayloadType::VENDOR_ID, &[0, 0, 0, 4, 7]), Malformed::TrailingOctets(1));
    assert_eq!(reason(PayloadType::NONE, &[7]), Malformed::TrailingOctets(1));
}

#[test]
fn a03_more_payloads_than_the_bound_are_rejected_in_the_clear_and_inside() {
    for kind in [PayloadType::NOTIFY, PayloadType(201)] {
        for count in [limits::MAX_PAYLOADS, limits::MAX_PAYLOADS + 1, 500] {
            let mut chain = Vec::new();
            for index in 1..=count {
                let next = if index == count { 0 } else { kind.0 };
                chain.extend_from_slice(&[next, 0, 0, 8, 0, 0, 0x40, 0x00]);
            }
            let clear = Message::parse(&datagram(kind, &chain)).map(|message| message.payloads);
            let inner = parse_inner(kind, &chain);
            assert_eq!(clear.is_ok(), count <= limits::MAX_PAYLOADS);
            assert_eq!(inner.is_ok(), count <= limits::MAX_PAYLOADS);
            if let Err(error) = clear {
                let limit = limits::MAX_PAYLOADS;
                assert_eq!(error.reason, Malformed::TooMany { what: "payloads", limit });
            }
        }
    }
}

#[test]
fn a07_types_of_ikev1_are_unknown_and_their_critical_bit_counts() {
    for kind in 1..=32_u8 {
        let message = Message::parse(&datagram(PayloadType(kind), &[0, 0, 0, 6, 1, 2])).unwrap();
        let unknown = Payload::Unknown { payload_type: PayloadType(kind), data: vec![1, 2] };
        assert_eq!(message.payloads, [unknown]);
        let error = Message::parse(&datagram(PayloadType(kind), &[0, 0x80, 0, 6, 1, 2])).unwrap_err();
        assert_eq!(error.unsupported_critical(), Some(PayloadType(kind)));
    }
}

#[test]
fn the_critical_bit_of_a_known_payload_is_ignored() {
    let message = Message::parse(&datagram(PayloadType::VENDOR_ID, &[0, 0xff, 0, 5, 1])).unwrap();
    assert_eq!(message.payloads, [Payload::VendorId(VendorId(vec![1]))]);
    let error = Message::parse(&datagram(PayloadType::VENDOR_ID, &[0, 0, 0, 1])).unwrap_err();
    assert_eq!(error.unsupported_critical(), None);
}

#[test]
fn a11_odd_attributes_spoil_the_transform_and_not_the_message() {
    let good = Transform::with_key_length(TransformType::ENCR, 20, 256);
    assert_eq!(good.key_length(), Ok(Some(256)));
    let odd = [
        "000e0002 0100",     // Key Length in the long form
        "000effff 01",       // a length far past the end
        "800e0100 800e0100", // twice
        "800e0100 80110001", // an attribute nobody knows
        "800e01",            // cut
        "80",                // cut further
    ];
    for text in odd {
        let raw_attributes = hex(text);
        let transform = Transform { raw_attributes, ..good.clone() };
        let proposal = Proposal {
            number: 1,
            protocol: ProtocolId::IKE,
            spi: vec![],
            transforms: vec![transform.clone(), good.clone()],
        };
        let payload = Payload::Sa(SecurityAssociation { proposals: vec![proposal] });
        let read = read_body(PayloadType::SA, &super::body_of(&payload)).unwrap();
        assert_eq!(read, payload, "{text}");
        assert_eq!(transform.key_length(), Err(BadAttributes), "{text}");
    }
    for bits in [0, 1, 65_535] {
        assert_eq!(Transform::with_key_length(TransformType::ENCR, 12, bits).key_length(), Ok(Some(bits)));
    }
    let many = Transform { raw_attributes: hex("800e0100").repeat(9), ..good };
    assert_eq!(many.attributes(), Err(BadAttributes));
}

#[test]
fn a12_counts_and_sizes_that_do_not_match_are_rejected() {
    // A proposal for IKE with one transform (AES-CBC, 128 bits).
    let valid = hex("00000014 01 01 00 01 0000000c 0100000c 800e0080");
    assert!(read_body(PayloadType::SA, &valid).is_ok());
    let change = |at: usize, value: u8| {
        let mut body = valid.clone();
        body[at] = value;
        read_body(PayloadType::SA, &body)
    };
    let cases = [
        (0, 1, "substructure mark"),
        (0, 2, "another proposal follows, but there is none"),
        (3, 0x13, "proposal length too short"),
        (3, 0x15, "proposal length too long"),
        (3, 3, "proposal length below its head"),
        (6, 3, "SPI size 3"),
        (6, 255, "SPI size 255"),
        (6, 4, "SPI size 4 for IKE"),
        (6, 8, "SPI of 8 octets that eats the transform"),
        (7, 0, "no transform, but one is there"),
        (7, 2, "two transforms, but one is there"),
        (7, 255, "255 transforms"),
        (8, 3, "another transform follows, but there is none"),
        (8, 2, "mark of a proposal on a transform"),
        (11, 0x0b, "transform length too short"),
        (11, 0x0d, "transform length too long"),
        (11, 7, "transform length below its head"),
    ];
    for (at, value, why) in cases {
        assert!(change(at, value).is_err(), "{why}");
    }
    // SPI sizes for ESP: only 4.
    for (size, ok) in [(0_u8, false), (3, false), (4, true), (8, false)] {
        let mut body = hex("00000000 01 03 00 00");
        body[6] = size;
        body.extend(std::iter::repeat_n(1, size.into()));
        body[3] = u8::try_from(body.len()).unwrap();
        assert_eq!(read_body(PayloadType::SA, &body).is_ok(), ok, "SPI size {size}");
    }
}

#[test]
fn a12_proposal_numbers_must_be_consecutive() {
    let numbers = |numbers: &[u8]| {
        let proposals = numbers
            .iter()
            .map(|number| Proposal {
                number: *number,
                protocol: ProtocolId::IKE,
                spi: vec![],
                transforms: vec![],
            })
            .collect();
        read_body(PayloadType::SA, &super::body_of(&Payload::Sa(SecurityAssociation { proposals })))
    };
    assert!(numbers(&[1, 2, 3]).is_ok());
    assert!(numbers(&[7]).is_ok());
    for wrong in [[1, 3], [1, 1], [2, 1], [255, 0]] {
        assert!(numbers(&wrong).is_err(), "{wrong:?}");
    }
    let too_many: Vec<u8> = (1..=65).collect();
    assert!(numbers(&too_many).is_err());
    assert!(read_body(PayloadType::SA, &[]).is_err());
}

#[test]
fn a13_traffic_selectors_that_lie_are_rejected() {
    let v4 = "07000010 0000ffff 0a000000 0a0000ff";
    let read = |text: &str| read_body(PayloadType::TSI, &hex(text));
    assert!(read(&format!("01000000 {v4}")).is_ok());
    assert!(read(&format!("02000000 {v4} {v4}")).is_ok());
    let refused = [
        ("00000000".to_owned(), "none"),
        (format!("00000000 {v4}"), "count 0, one there"),
        (format!("02000000 {v4}"), "count 2, one there"),
        (format!("ff000000 {v4}"), "count 255, one there"),
        (format!("01000000 {v4} {v4}"), "count 1, two there"),
        ("01000000 07000010 0000ffff 0a0000ff 0a000000".to_owned(), "addresses start above end"),
        ("01000000 07000010 00050004 0a000000 0a0000ff".to_owned(), "ports start above end"),
        ("01000000 08000018 0000ffff 00000000 00000000 00000000 00000000".to_owned(), "IPv6 in 24 octets"),
        ("01000000 07000003".to_owned(), "length below its head"),
        ("01000000 0700000f 0000ffff 0a000000 0a0000".to_owned(), "IPv4 cut"),
        ("01000000 07000011 0000ffff 0a000000 0a0000ff 00".to_owned(), "IPv4 with an octet more"),
    ];
    for (text, why) in refused {
        assert!(read(&text).is_err(), "{why}");
    }
    // Type 9 is kept and left out when narrowing; opaque ports are valid.
    let Ok(Payload::TsI(selectors)) = read("02000000 09000008 00000000 07000010 ffff0000 0a000000 0a0000ff")
    else {
        panic!("refused")
    };
    assert_eq!(selectors.selectors.len(), 2);
    assert!(selectors.ip().all(IpSelector::is_opaque));
    assert_eq!(selectors.ip().count(), 1);
    // 255 selectors are more than we take, and refused as a whole.
    let many = format!("ff000000 {}", v4.repeat(255));
    let error = read(&many).unwrap_err();
    assert!(matches!(error.reason, Malformed::TooMany { .. }));
    let most = format!("80000000 {}", v4.repeat(limits::MAX_SELECTORS));
    assert!(read(&most).is_ok());
}

#[test]
fn a14_malformed_identities_are_rejected() {
    let read = |text: &str| read_body(PayloadType::IDI, &hex(text));
    let refused = [
        ("", "nothing"),
        ("01", "no reserved octets"),
        ("02000000", "empty name"),
        ("00000000 61", "type 0"),
        ("01000000 0a0000", "IPv4 of 3 octets"),
        ("01000000 0a00000001", "IPv4 of 5 octets"),
        ("05000000 0a000001", "IPv6 of 4 octets"),
        ("0d000000 61", "null identity with data"),
        ("09000000 30", "DN without length"),
        ("09000000 3005", "DN past its end"),
        ("09000000 3000 00", "DN with an octet behind it"),
        ("09000000 3100", "set for a sequence"),
        ("09000000 3002 3100", "empty relative name"),
        ("09000000 3004 31023000", "attribute without type"),
        ("09000000 308100", "length not minimal"),
        ("09000000 3080 0000", "indefinite length"),
        ("09000000 3084ffffffff", "length of 4 GiB"),
        ("09000000 1010101010", "no ASN.1 name at all"),
    ];
    for (text, why) in refused {
        assert!(read(text).is_err(), "{why}");
    }
    assert!(read("09000000 3000").is_ok(), "an empty name is a name");
    let key_id = |length: usize| {
        let mut body = vec![11, 0, 0, 0];
        body.resize(4 + length, b'k');
        read_body(PayloadType::IDR, &body)
    };
    assert!(key_id(limits::MAX_IDENTITY).is_ok());
    assert!(key_id(limits::MAX_IDENTITY + 1).is_err());
    assert!(key_id(65_000).is_err());
}

#[test]
fn a15_identities_that_look_like_asn1_or_pem_are_octets() {
    for text in [b"\x30\x82\xff\xff".as_slice(), b"-----BEGIN CERTIFICATE-----"] {
        let id = Identification::new(IdType::RFC822_ADDR, text);
        let read = read_body(PayloadType::IDI, &id.body()).unwrap();
        assert_eq!(read, Payload::IdI(id));
    }
}

#[test]
fn a16_notify_with_any_protocol_and_spi_size_is_kept_and_gives_no_esp_spi() {
    for protocol in [0, 1, 2, 255] {
        for spi_size in [0_usize, 1, 4, 8, 255] {
            let mut body = vec![protocol, u8::try_from(spi_size).unwrap(), 0x40, 0x09];
            body.resize(4 + spi_size, 7);
            let Payload::Notify(notify) = read_body(PayloadType::NOTIFY, &body).unwrap() else { panic!() };
            assert_eq!(notify.spi.len(), spi_size);
            assert_eq!(notify.esp_spi(), None);
        }
    }
    assert_eq!(Notify::about_esp(NotifyType::REKEY_SA, 5).esp_spi(), Some(5));
    let short = Notify { spi: vec![1, 2, 3], ..Notify::about_esp(NotifyType::REKEY_SA, 5) };
    assert_eq!(short.esp_spi(), None);
    assert!(read_body(PayloadType::NOTIFY, &hex("03ff4009 01")).is_err(), "SPI past the end");
}

#[test]
fn a17_delete_whose_counts_lie_is_rejected() {
    let refused = [
        ("0304ffff 00000001", "65,535 SPIs, one there"),
        ("03040000 00000001", "no SPI, one there"),
        ("03040002 00000001", "two SPIs, one there"),
        ("03080001 0000000000000001", "SPI size 8 for ESP"),
        ("03000001", "SPI size 0 for ESP"),
        ("01080001 0000000000000001", "SPI for the IKE SA"),
        ("01000001", "count for the IKE SA"),
        ("00000000", "protocol 0"),
        ("63040001 00000001", "protocol 99"),
    ];
    for (text, why) in refused {
        assert!(read_body(PayloadType::DELETE, &hex(text)).is_err(), "{why}");
    }
    let twice = read_body(PayloadType::DELETE, &hex("03040002 00000001 00000001")).unwrap();
    assert_eq!(twice, Payload::Delete(Delete::esp([1, 1])));
    let many = [hex("03040401"), vec![0; 4 * (limits::MAX_DELETE_SPIS + 1)]].concat();
    assert!(matches!(read_body(PayloadType::DELETE, &many).unwrap_err().reason, Malformed::TooMany { .. }));
}

#[test]
fn a18_configuration_is_bounded_and_bad_values_are_skipped_one_by_one() {
    use ConfigAttributeType as Type;
    assert!(read_body(PayloadType::CP, &hex("02000000 0001 0005 0a000001")).is_err(), "length past the end");
    let many = |count: usize| [hex("02000000"), hex("0003 0004 0a000001").repeat(count)].concat();
    assert!(read_body(PayloadType::CP, &many(limits::MAX_CONFIGURATION_ATTRIBUTES)).is_ok());
    assert!(read_body(PayloadType::CP, &many(10_000 / 2)).is_err());
    let value = |attribute_type, text: &str| ConfigAttribute { attribute_type, data: hex(text) }.value();
    let v6 = "20010db8000000000000000000000007";
    let bad = [
        (Type::INTERNAL_IP4_ADDRESS, "0a0000".to_owned()),
        (Type::INTERNAL_IP4_NETMASK, "ff00ff00".to_owned()),
        (Type::INTERNAL_IP4_NETMASK, "00000001".to_owned()),
        (Type::INTERNAL_IP4_SUBNET, "0a000000".to_owned()),
        (Type::INTERNAL_IP4_SUBNET, "0a000000 ff0000ff".to_owned()),
        (Type::INTERNAL_IP6_ADDRESS, format!("{v6}81")),
        (Type::INTERNAL_IP6_ADDRESS, format!("{v6}4000")),
        (Type::INTERNAL_IP6_SUBNET, v6.to_owned()),
        (Type::INTERNAL_IP6_DNS, format!("{v6}40")),
        (Type::INTERNAL_DNS_DOMAIN, "00".to_owned()),
        (Type::INTERNAL_DNS_DOMAIN, "2e".to_owned()),
        (Type::INTERNAL_DNS_DOMAIN, "61 0a 62".to_owned()),
        (Type::INTERNAL_DNS_DOMAIN, "61 2e 2e 62".to_owned()),
        (Type::INTERNAL_DNS_DOMAIN, "61".repeat(64)),
        (Type::INTERNAL_DNS_DOMAIN, "612e".repeat(128)),
    ];
    for (attribute_type, text) in bad {
        let error = value(attribute_type, &text).unwrap_err();
        assert_eq!(error.attribute_type, attribute_type, "{text}");
    }
    let v6: std::net::Ipv6Addr = "2001:db8::7".parse().unwrap();
    let prefix = |octets: &str| value(Type::INTERNAL_IP6_ADDRESS, octets).unwrap();
    assert_eq!(prefix("20010db800000000000000000000000740"), ConfigValue::Ip6Prefix(v6, 64));
    assert_eq!(prefix("20010db8000000000000000000000007"), ConfigValue::Ip6Prefix(v6, 128));
    assert_eq!(value(Type::INTERNAL_IP4_NETMASK, "00000000").unwrap(), ConfigValue::Ip4Netmask(0));
    assert_eq!(value(Type::INTERNAL_IP4_NETMASK, "ffffffff").unwrap(), ConfigValue::Ip4Netmask(32));
    assert_eq!(value(Type::INTERNAL_IP4_ADDRESS, "").unwrap(), ConfigValue::Empty);
    assert_eq!(
        value(Type::INTERNAL_DNS_DOMAIN, "61622e6578616d706c652e").unwrap(),
        ConfigValue::Domain("ab.example".to_owned())
    );
}

#[test]
fn a18_netmasks_of_every_prefix_read_back() {
    for prefix in 0..=32 {
        assert_eq!(ConfigAttribute::ip4_netmask(prefix).value(), Ok(ConfigValue::Ip4Netmask(prefix)));
    }
    assert_eq!(ConfigAttribute::ip4_netmask(200).value(), Ok(ConfigValue::Ip4Netmask(32)));
}

#[test]
fn a19_certificates_empty_unknown_and_large() {
    assert!(read_body(PayloadType::CERT, &[]).is_err());
    assert!(read_body(PayloadType::CERT, &[4]).is_err());
    for encoding in [0, 12, 99] {
        let Payload::Cert(cert) = read_body(PayloadType::CERT, &[encoding, 1]).unwrap() else { panic!() };
        assert_eq!(cert.encoding.0, encoding);
    }
    let large = vec![4; 60 * 1024];
    assert!(read_body(PayloadType::CERT, &large).is_ok());
    assert!(read_body(PayloadType::CERTREQ, &[4]).is_ok());
    let Payload::CertReq(odd) = read_body(PayloadType::CERTREQ, &[4; 1 + 39]).unwrap() else { panic!() };
    assert_eq!(odd.authority_hashes().count(), 1);
}

#[test]
fn a20_vendor_ids_reserved_bits_and_versions() {
    for length in [0, 65_531] {
        assert!(read_body(PayloadType::VENDOR_ID, &vec![0; length]).is_ok());
    }
    let mut octets = datagram(PayloadType::NONE, &[]);
    octets[19] = 0xff;
    let all_flags = Flags { initiator: true, version: true, response: true };
    assert_eq!(Message::parse(&octets).unwrap().header.flags, all_flags);
    for (version, accepted) in
        [(0x20, true), (0x29, true), (0x2f, true), (0x10, false), (0x30, false), (0, false)]
    {
        octets[17] = version;
        let header = Header::parse(&octets).expect("fields to answer with");
        assert_eq!(header.check_version().is_ok(), accepted);
        match Message::parse(&octets) {
            Ok(message) => assert_eq!(message.header.version.minor, version & 0x0f),
            Err(error) => assert_eq!(error.reason, Malformed::MajorVersion(version >> 4)),
        }
    }
}

#[test]
fn a23_nat_detection_of_any_size_is_data_and_hashes_have_one_size() {
    for length in [0, 19, 20, 21, 60_000] {
        let body = [hex("00004004"), vec![1; length]].concat();
        let Payload::Notify(notify) = read_body(PayloadType::NOTIFY, &body).unwrap() else { panic!() };
        assert_eq!(<[u8; 20]>::try_from(notify.data.as_slice()).is_ok(), length == 20);
    }
    for provider in providers() {
        let hash = nat_detection_hash(&provider, IkeSpi([1; 8]), IkeSpi::ZERO, [127, 0, 0, 1].into(), 500);
        assert_eq!(hash.is_some(), provider.hash(adit_crypto::HashId::SHA1).is_some());
    }
}

#[test]
fn b11_nonces_outside_16_to_256_octets_are_rejected() {
    for (length, ok) in [(0, false), (15, false), (16, true), (256, true), (257, false)] {
        assert_eq!(read_body(PayloadType::NONCE, &vec![1; length]).is_ok(), ok, "{length}");
    }
}

#[test]
fn b11_a_nonce_below_half_the_prf_key_does_not_suit_it() {
    for (length, output_len, suits) in
        [(16, 20, true), (16, 32, true), (16, 48, false), (31, 64, false), (32, 64, true)]
    {
        assert_eq!(Nonce(vec![1; length]).suits_prf(output_len), suits, "{length} for {output_len}");
    }
}

#[test]
fn b12_fragment_numbers_out_of_range_are_rejected() {
    for (numbers, ok) in [
        ("00010001", true),
        ("00020003", true),
        ("ffffffff", true),
        ("00000000", false),
        ("00000005", false),
        ("00010000", false),
        ("00060005", false),
    ] {
        let payload = [hex("00000010"), hex(numbers), vec![0; 8]].concat();
        assert_eq!(Message::parse(&datagram(PayloadType::SKF, &payload)).is_ok(), ok, "{numbers}");
    }
}

#[test]
fn b13_a_later_fragment_with_next_payload_and_nested_encryption_are_rejected() {
    let fragment = |next: u8, number: u8| {
        Message::parse(&datagram(PayloadType::SKF, &[next, 0, 0, 12, 0, number, 0, 2, 1, 2, 3, 4]))
    };
    assert!(fragment(35, 1).is_ok());
    assert!(fragment(0, 2).is_ok());
    assert!(fragment(35, 2).is_err());
    for kind in [PayloadType::SK, PayloadType::SKF] {
        let error = parse_inner(kind, &[0, 0, 0, 12, 0, 1, 0, 1, 1, 2, 3, 4]).unwrap_err();
        assert_eq!(error.reason, Malformed::Misplaced(kind));
    }
    // Behind SK nothing may stand: its next payload field names what is inside.
    assert_eq!(reason(PayloadType::SK, &[41, 0, 0, 8, 1, 2, 3, 4, 0, 0, 0, 8]), Malformed::TrailingOctets(4));
}

#[test]
fn a_payload_too_long_for_its_length_field_is_not_written() {
    let payload = Payload::VendorId(VendorId(vec![0; 65_532]));
    let error = encode_inner(&[payload]).unwrap_err();
    assert_eq!(error, EncodeError { what: "payload", length: 65_536 });
    let delete = Payload::Delete(Delete::esp(vec![0; 70_000]));
    assert!(encode_inner(&[delete]).is_err());
}

#[test]
fn debug_output_shows_no_key_exchange_value_nonce_auth_or_eap() {
    let secret = [0xab; 40];
    let payloads = vec![
        Payload::Ke(KeyExchange { group: adit_crypto::DhGroup::ECP_256, data: secret.to_vec() }),
        Payload::Nonce(Nonce(secret.to_vec())),
        Payload::Auth(Authentication { method: AuthMethod::SHARED_KEY, data: secret.to_vec() }),
        Payload::Eap(Eap([&[1, 9, 0, 45, 26], secret.as_slice()].concat())),
        Payload::Sk(Encrypted { first: PayloadType::NONE, body: secret.to_vec() }),
        Payload::Notify(Notify::new(NotifyType::COOKIE, secret)),
    ];
    let header = samples::message().header;
    let message = Message { header, payloads };
    let text = format!("{message:?}{}", crate::describe::describe(&message));
    assert!(!text.contains("171, ") && !text.contains("abab"), "{text}");
}
