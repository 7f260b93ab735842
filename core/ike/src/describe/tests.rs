//! Messages in words.

use std::net::Ipv4Addr;

use adit_crypto::DhGroup;

use super::*;
use crate::test_support::{android, android_one, hex, vectors};
use crate::wire::*;

fn header() -> Header {
    Header::new(
        IkeSpi([0x11; 8]),
        IkeSpi::ZERO,
        ExchangeType::IKE_SA_INIT,
        Flags::request(Role::Initiator),
        0,
    )
}

#[test]
fn an_ike_sa_init_request_of_android_in_words() {
    let Some(folder) = vectors("describe: IkeMessageTest") else { return };
    let octets = android_one(&android(&folder), "IkeMessageTest", "IKE_SA_INIT_RAW_PACKET");
    let text = describe(&Message::parse(&octets).unwrap());
    let expected = "\
IKE_SA_INIT request 0 from the original initiator, SPIs 8f54bf6d8b48e6e1 0000000000000000
  SA
    1. IKE: AES-CBC-128 / HMAC-SHA1-96 / PRF HMAC-SHA1 / MODP-1024
  KE: MODP-1024, 128 octets
  Nonce: 32 octets
  Notify: NAT_DETECTION_SOURCE_IP, 20 octets
  Notify: NAT_DETECTION_DESTINATION_IP, 20 octets
  Vendor ID: 28 octets 699369228741c6d4ca094c93e242c9de19e7b7c60000000500000500";
    assert_eq!(text, expected);
}

#[test]
fn an_ike_auth_request_of_android_in_words() {
    let Some(folder) = vectors("describe: IkeEncryptedPayloadBodyTest") else { return };
    let name = "IKE_AUTH_INIT_REQUEST_UNENCRYPTED_DATA";
    let inner = android_one(&android(&folder), "IkeEncryptedPayloadBodyTest", name);
    let text = describe_payloads(&parse_inner(PayloadType::IDI, &inner).unwrap());
    let expected = "  IDi: 10.80.80.13
  IDr: 10.80.80.80
  AUTH: shared key, 20 octets
  SA
    1. ESP SPI 2ad4c0a2: AES-CBC-128 / HMAC-SHA1-96 / no ESN
  TSi: 0.0.0.0 to 255.255.255.255
  TSr: 0.0.0.0 to 255.255.255.255
  Notify: INITIAL_CONTACT
  Notify: SET_WINDOW_SIZE: 1";
    assert_eq!(text, expected);
}

#[test]
fn notifications_selectors_and_configuration_in_words() {
    use ConfigAttributeType as Type;
    let payloads = [
        Payload::Notify(Notify::new(NotifyType::INVALID_KE_PAYLOAD, [0, 19])),
        Payload::Notify(Notify::new(NotifyType::SIGNATURE_HASH_ALGORITHMS, [0, 2, 0, 5, 0, 99])),
        Payload::Notify(Notify::about_esp(NotifyType::REKEY_SA, 0xabcd)),
        Payload::Notify(Notify::status(NotifyType(9_999))),
        Payload::Notify(Notify::new(NotifyType(40_000), vec![0; 3])),
        Payload::Notify(Notify::new(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, [99])),
        Payload::Delete(Delete::ike_sa()),
        Payload::Delete(Delete::esp([1, 0xffff_ffff])),
        Payload::TsR(TrafficSelectors {
            selectors: vec![
                Selector::Ip(IpSelector {
                    protocol: 6,
                    start_port: 80,
                    end_port: 80,
                    start: Ipv4Addr::LOCALHOST.into(),
                    end: Ipv4Addr::LOCALHOST.into(),
                }),
                Selector::Unknown { ts_type: TsType(77), protocol: 0, data: vec![1; 5] },
            ],
        }),
        Payload::Cp(Configuration {
            config_type: ConfigType::REPLY,
            attributes: vec![
                ConfigAttribute::ip4(Type::INTERNAL_IP4_ADDRESS, Ipv4Addr::new(10, 0, 0, 7)),
                ConfigAttribute::ip4_subnet(Ipv4Addr::new(10, 0, 0, 0), 8),
                ConfigAttribute::dns_domain("corp.example"),
                ConfigAttribute { attribute_type: Type::INTERNAL_IP4_DNS, data: vec![1] },
                ConfigAttribute { attribute_type: Type(300), data: vec![1] },
            ],
        }),
        Payload::Eap(Eap(vec![2, 7, 0, 9, 26, 1, 2, 3, 4])),
        Payload::Unknown { payload_type: PayloadType(200), data: vec![0; 9] },
    ];
    let expected = "  Notify: INVALID_KE_PAYLOAD: ECP-256 is wanted
  Notify: SIGNATURE_HASH_ALGORITHMS: SHA2-256, identity, hash 99
  Notify: REKEY_SA, ESP SPI 0000abcd
  Notify: unknown error 9999
  Notify: unknown status 40000, 3 octets
  Notify: UNSUPPORTED_CRITICAL_PAYLOAD: payload type 99
  Delete: the IKE SA
  Delete: ESP SPIs 00000001 ffffffff
  TSr: 2 selectors
    127.0.0.1, protocol 6, port 80
    type 77 of 5 octets
  CP: CFG_REPLY
    INTERNAL_IP4_ADDRESS 10.0.0.7
    INTERNAL_IP4_SUBNET 10.0.0.0/8
    INTERNAL_DNS_DOMAIN corp.example
    INTERNAL_IP4_DNS: wrong length, 1 octets
    attribute 300, 1 octets
  EAP: Response, MSCHAPv2, 9 octets
  unknown payload 200: 9 octets";
    assert_eq!(describe_payloads(&payloads), expected);
}

#[test]
fn identities_in_words() {
    let text = |id_type, data: &[u8]| describe_identity(&Identification::new(id_type, data));
    assert_eq!(text(IdType::FQDN, b"vpn.example.org"), "\"vpn.example.org\"");
    assert_eq!(text(IdType::IPV6_ADDR, &[0; 16]), "::");
    assert_eq!(text(IdType::KEY_ID, b"group1"), "key ID \"group1\"");
    assert_eq!(text(IdType::KEY_ID, &[0, 255]), "key ID 0x00ff");
    assert_eq!(text(IdType::DER_ASN1_DN, &hex("3000")), "empty distinguished name");
    assert_eq!(text(IdType::DER_ASN1_DN, &hex("300f310d300b0603550403130461 0a 2c 62")), "CN=a\\x0a,b");
    assert_eq!(text(IdType(77), &[1]), "identity of type 77 0x01");
    assert_eq!(text(IdType::IPV4_ADDR, &[1]), "IPv4 address 0x01");
}

#[test]
fn a21_hostile_names_cannot_break_a_log_line() {
    let hostile = b"\r\n2026-01-01 ERROR %s%n \x1b[2J\0\xff";
    let payloads = vec![
        Payload::IdI(Identification::new(IdType::FQDN, hostile.as_slice())),
        Payload::IdR(Identification::new(IdType::RFC822_ADDR, vec![b'a'; 4_096])),
        Payload::VendorId(VendorId(hostile.to_vec())),
        Payload::VendorId(VendorId(vec![b'v'; 65_000])),
    ];
    let text = describe(&Message { header: header(), payloads });
    assert_eq!(text.lines().count(), 5, "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(text.contains("... (4096 octets)") && text.contains("... (65000 octets)"), "{text}");
    assert!(text.len() < 1_000, "{}", text.len());
}

#[test]
fn a21_a_message_with_very_many_parts_stays_short() {
    let attribute = ConfigAttribute::ip4(ConfigAttributeType::INTERNAL_IP4_DNS, Ipv4Addr::LOCALHOST);
    let configuration = Configuration { config_type: ConfigType::REPLY, attributes: vec![attribute; 1_024] };
    let payloads = vec![
        Payload::Cp(configuration.clone()),
        Payload::Delete(Delete::esp(vec![1; 1_000])),
        Payload::Cp(configuration),
        Payload::Ke(KeyExchange { group: DhGroup(65_000), data: vec![1] }),
    ];
    let text = describe(&Message { header: header(), payloads });
    assert_eq!(text.lines().count(), MAX_LINES + 1);
    assert!(text.ends_with("lines more"), "{text}");
    assert!(text.len() < 20_000);
}

#[test]
fn headers_of_other_versions_in_words() {
    let version = Version { major: 3, minor: 1 };
    let flags = Flags { initiator: false, version: true, response: true };
    let odd = Header { version, flags, exchange: ExchangeType(240), ..header() };
    assert_eq!(
        describe_header(&odd),
        "240 response 0 from the original responder, SPIs 1111111111111111 0000000000000000, version 3.1, \
         speaks a higher version"
    );
}
