//! Messages and payloads that others made: Android's IKE library and its recorded peers.

use std::net::Ipv4Addr;

use adit_crypto::DhGroup;

use super::{body_of, read_body, read_payload};
use crate::test_support::{android, android_one, vectors};
use crate::wire::*;

/// Constants that are whole messages but, on purpose or because a mock made them, not valid ones.
const NOT_VALID: [&str; 0] = [];

#[test]
fn every_recorded_message_is_read_and_written_back_octet_for_octet() {
    let Some(folder) = vectors("wire: messages of android-ike") else { return };
    let mut read = 0;
    for (file, name, octets) in android(&folder) {
        let Ok(header) = Header::parse(&octets) else { continue };
        if header.version != Version::V2 || NOT_VALID.contains(&name.as_str()) {
            continue;
        }
        let message = Message::parse(&octets).unwrap_or_else(|error| panic!("{file} {name}: {error}"));
        assert!(!message.payloads.is_empty(), "{file} {name}");
        assert_eq!(message.encode().unwrap(), octets, "{file} {name}");
        read += 1;
    }
    println!("{read} messages read");
    assert!(read >= 60, "only {read} messages");
}

#[test]
fn the_request_of_ipsec_parser_is_read() {
    let Some(folder) = vectors("wire: msg/ipsec-parser") else { return };
    let octets = std::fs::read(folder.join("msg/ipsec-parser/ike-sa-init-req.bin")).unwrap();
    let message = Message::parse(&octets).unwrap();
    assert_eq!(message.header.exchange, ExchangeType::IKE_SA_INIT);
    assert!(message.header.flags.initiator && message.header.responder_spi.is_zero());
    assert_eq!(message.encode().unwrap(), octets);
}

#[test]
fn an_ike_sa_init_request_of_android_means_what_it_means() {
    let Some(folder) = vectors("wire: IkeMessageTest") else { return };
    let octets = android_one(&android(&folder), "IkeMessageTest", "IKE_SA_INIT_RAW_PACKET");
    let message = Message::parse(&octets).unwrap();
    let header = message.header;
    assert_eq!(header.initiator_spi.to_string(), "8f54bf6d8b48e6e1");
    assert_eq!(header.flags, Flags::request(Role::Initiator));
    assert_eq!((header.message_id, header.length), (0, 336));
    let kinds: Vec<u8> = message.payloads.iter().map(|payload| payload.payload_type().0).collect();
    assert_eq!(kinds, [33, 34, 40, 41, 41, 43]);
    let [Payload::Sa(sa), Payload::Ke(ke), Payload::Nonce(nonce), Payload::Notify(source), ..] =
        message.payloads.as_slice()
    else {
        panic!("{message:?}")
    };
    assert_eq!(ke.group, DhGroup::MODP_1024);
    assert_eq!((ke.data.len(), nonce.0.len()), (128, 32));
    assert_eq!((source.notify_type, source.data.len()), (NotifyType::NAT_DETECTION_SOURCE_IP, 20));
    let [proposal] = sa.proposals.as_slice() else { panic!("{sa:?}") };
    let transforms: Vec<_> =
        proposal.transforms.iter().map(|t| (t.transform_type.0, t.id, t.key_length())).collect();
    assert_eq!(transforms, [(1, 12, Ok(Some(128))), (3, 2, Ok(None)), (4, 2, Ok(None)), (2, 2, Ok(None))]);
}

#[test]
fn payloads_of_android_are_read_and_written_back() {
    let Some(folder) = vectors("wire: payloads of android-ike") else { return };
    let all = android(&folder);
    let with_header = [
        ("IkeAuthPskPayloadTest", "PSK_AUTH_PAYLOAD_HEX_STRING", PayloadType::AUTH),
        ("IkeAuthPskPayloadTest", "PSK_ID_INITIATOR_PAYLOAD_HEX_STRING", PayloadType::NONE),
        ("IkeConfigPayloadTest", "CONFIG_RESP_PAYLOAD_INVALID_ONE_HEX", PayloadType::CP),
        ("IkeConfigPayloadTest", "CONFIG_RESP_PAYLOAD_INVALID_TWO_HEX", PayloadType::CP),
        ("IkeDeletePayloadTest", "DELETE_IKE_PAYLOAD_HEX_STRING", PayloadType::DELETE),
        ("IkeDeletePayloadTest", "DELETE_CHILD_PAYLOAD_HEX_STRING", PayloadType::DELETE),
        ("IkeDeletePayloadTest", "DELETE_MULTIPLE_CHILD_PAYLOAD_HEX_STRING", PayloadType::DELETE),
        ("IkeIdPayloadTest", "IPV4_ADDR_ID_PAYLOAD_RESPONDER_HEX_STRING", PayloadType::IDR),
        ("IkeIdPayloadTest", "IPV6_ADDR_ID_PAYLOAD_RESPONDER_HEX_STRING", PayloadType::IDR),
        ("IkeIdPayloadTest", "FQDN_ID_PAYLOAD_HEX_STRING", PayloadType::IDI),
        ("IkeIdPayloadTest", "RFC822_ADDR_ID_PAYLOAD_HEX_STRING", PayloadType::IDI),
        ("IkeIdPayloadTest", "KEY_ID_PAYLOAD_HEX_STRING", PayloadType::IDI),
        ("IkeIdPayloadTest", "ASN1_DN_PAYLOAD_HEX_STRING", PayloadType::IDI),
        ("IkeNotifyPayloadTest", "NOTIFY_NAT_DETECTION_PAYLOAD_HEX_STRING", PayloadType::NOTIFY),
        ("IkeTsPayloadTest", "TS_INITIATOR_PAYLOAD_HEX_STRING", PayloadType::TSI),
        ("IkeSessionStateMachineTest", "IKE_SA_PAYLOAD_HEX_STRING", PayloadType::SA),
        ("IkeSessionStateMachineTest", "IKE_REKEY_SA_PAYLOAD_HEX_STRING", PayloadType::SA),
        ("IkeSessionStateMachineTest", "CHILD_SA_PAYLOAD_HEX_STRING", PayloadType::SA),
        ("IkeSessionStateMachineTest", "KE_PAYLOAD_HEX_STRING", PayloadType::KE),
        ("IkeSessionStateMachineTest", "unrecognizedKePayload", PayloadType::KE),
        ("IkeSessionStateMachineTest", "INVALID_KE_PAYLOAD_HEX_STRING", PayloadType::NOTIFY),
        ("IkeSessionStateMachineTest", "NONCE_INIT_PAYLOAD_HEX_STRING", PayloadType::NONCE),
        ("IkeSessionStateMachineTest", "SIGNATURE_HASH_SUPPORTED_PAYLOAD_HEX_STRING", PayloadType::NOTIFY),
        ("IkeSessionStateMachineTest", "GENERIC_DIGITAL_SIGN_AUTH_RESP_HEX_STRING", PayloadType::AUTH),
        ("IkeSessionStateMachineTest", "VENDOR_ID_PAYLOAD_HEX_STRING", PayloadType::VENDOR_ID),
        ("IkeSessionStateMachineTest", "CP_PAYLOAD_HEX_STRING", PayloadType::CP),
    ];
    for (file, name, kind) in with_header {
        let octets = android_one(&all, file, name);
        if kind == PayloadType::NONE {
            // This constant is a body.
            let id = read_body(PayloadType::IDI, &octets).unwrap();
            assert_eq!(body_of(&id), octets, "{name}");
            continue;
        }
        assert_eq!(usize::from(u16::from_be_bytes([octets[2], octets[3]])), octets.len(), "{name}");
        let payload = read_payload(kind, &octets);
        assert_eq!(body_of(&payload), octets[4..], "{name}");
    }
}

#[test]
fn values_in_payloads_of_android() {
    let Some(folder) = vectors("wire: values in android-ike") else { return };
    let all = android(&folder);
    let one = |file, name, kind| read_payload(kind, &android_one(&all, file, name));

    let Payload::TsI(ts) = one("IkeTsPayloadTest", "TS_INITIATOR_PAYLOAD_HEX_STRING", PayloadType::TSI)
    else {
        panic!()
    };
    let first = ts.ip().next().unwrap();
    assert_eq!((first.start_port, first.end_port), (16, 65_520));
    assert_eq!(first.start, Ipv4Addr::new(192, 0, 2, 100));
    assert_eq!(first.end, Ipv4Addr::new(192, 0, 3, 101));

    let invalid_ke = one("IkeSessionStateMachineTest", "INVALID_KE_PAYLOAD_HEX_STRING", PayloadType::NOTIFY);
    let Payload::Notify(invalid_ke) = invalid_ke else { panic!() };
    assert_eq!((invalid_ke.notify_type, invalid_ke.data_u16()), (NotifyType::INVALID_KE_PAYLOAD, Some(14)));
    assert!(invalid_ke.notify_type.is_error());

    let hashes =
        one("IkeSessionStateMachineTest", "SIGNATURE_HASH_SUPPORTED_PAYLOAD_HEX_STRING", PayloadType::NOTIFY);
    let Payload::Notify(hashes) = hashes else { panic!() };
    assert_eq!(hashes.notify_type, NotifyType::SIGNATURE_HASH_ALGORITHMS);
    assert_eq!(hashes.data_u16_list().collect::<Vec<_>>(), [1, 2, 3, 4]);

    let rekey = read_body(
        PayloadType::NOTIFY,
        &android_one(&all, "IkeNotifyPayloadTest", "NOTIFY_REKEY_PAYLOAD_BODY_HEX_STRING"),
    );
    assert_eq!(rekey.unwrap(), Payload::Notify(Notify::about_esp(NotifyType::REKEY_SA, 0x2ad4_c0a2)));

    let deletes =
        one("IkeDeletePayloadTest", "DELETE_MULTIPLE_CHILD_PAYLOAD_HEX_STRING", PayloadType::DELETE);
    assert_eq!(deletes, Payload::Delete(Delete::esp([0xabcd_ef01, 0x20fe_dcba])));

    let Payload::IdI(dn) = one("IkeIdPayloadTest", "ASN1_DN_PAYLOAD_HEX_STRING", PayloadType::IDI) else {
        panic!()
    };
    assert_eq!(crate::describe::describe_identity(&dn), "C=US, O=Android, CN=small.server.test.android.net");
    let invalid = android_one(&all, "IkeIdPayloadTest", "ASN1_DN_INVALID_PAYLOAD_BODY_HEX_STRING");
    assert!(read_body(PayloadType::IDI, &invalid).is_err());

    let Payload::Cp(cp) = one("IkeSessionStateMachineTest", "CP_PAYLOAD_HEX_STRING", PayloadType::CP) else {
        panic!()
    };
    assert_eq!(cp.config_type, ConfigType::REPLY);
    let first = cp.attributes.first().unwrap();
    assert_eq!(
        first.value(),
        Ok(ConfigValue::Ip6Prefix("2600:1011:1067:a17d::af6:8e86".parse().unwrap(), 64))
    );
}

#[test]
fn proposals_of_android_are_read() {
    let Some(folder) = vectors("wire: IkeSaPayloadTest") else { return };
    let all = android(&folder);
    let one = |name| {
        let octets = android_one(&all, "IkeSaPayloadTest", name);
        let Payload::Sa(sa) = read_body(PayloadType::SA, &octets).unwrap() else { panic!() };
        assert_eq!(body_of(&Payload::Sa(sa.clone())), octets, "{name}");
        sa
    };
    let two = one("INBOUND_TWO_PROPOSAL_RAW_PACKET");
    assert_eq!(two.proposals.iter().map(|p| p.transforms.len()).collect::<Vec<_>>(), [25, 26]);
    let child = one("INBOUND_CHILD_TWO_PROPOSAL_RAW_PACKET");
    assert_eq!(
        child.proposals.iter().map(Proposal::esp_spi).collect::<Vec<_>>(),
        [Some(0xcae7_019f), Some(0xcae7_019e)]
    );
    for name in ["saPayloadBodyHex", "inboundRequestSaPayload", "INBOUND_CHILD_PROPOSAL_RAW_PACKET"] {
        assert_eq!(one(name).proposals.len(), 1, "{name}");
    }
}
