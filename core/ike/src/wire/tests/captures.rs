//! Captures of real exchanges, and of input that broke other parsers.

use super::super::PayloadChain;
use crate::test_support::{capture, vectors};
use crate::wire::*;

/// Captures of IKEv2, with the number of IKE messages in them.
const IKEV2: [(&str, usize); 10] = [
    ("scapy/ikev2_nat_t.pcapng", 30),
    ("scapy/ikev2_notify_redirect.pcap", 4),
    ("suricata-verify/IKEv2_SA_INIT_2-8-weak.pcap", 1),
    ("tcpdump/ikev2pI2.pcap", 2),
    ("tcpdump/ikev2four.pcap", 21),
    ("wireshark/ikev2-decrypt-3des-sha1_160.pcap", 6),
    ("wireshark/ikev2-decrypt-aes128ccm12-2.pcap", 6),
    ("wireshark/ikev2-decrypt-aes256cbc.pcapng", 4),
    ("wireshark/ikev2-decrypt-aes256gcm16.pcap", 6),
    ("zeek-plugin-ikev2/ikev2.pcap", 7),
];

/// Captures of IKEv1 and of malformed messages: anything may come of them but a panic.
const OTHERS: [&str; 13] = [
    "suricata-verify/ikev1-duplicate-proposals.pcap",
    "tcpdump/ISAKMP_sa_setup.pcap",
    "tcpdump/ikev1_id_ipv6_addr_subnet-oobr.pcap",
    "tcpdump/ikev2-id-normal.pcap",
    "tcpdump/ikev2-id-short.pcap",
    "tcpdump/isakmp-delete-segfault.pcap",
    "tcpdump/isakmp-identification-segfault.pcap",
    "tcpdump/isakmp-rfc3948-oobr.pcap",
    "tcpdump/isakmpv1-attr-oobr.pcap",
    "wireshark/ikev1-certs.pcap",
    "zeek-spicy-ipsec/ipsec-ikev1-payload-bad-length.pcap",
    "zeek-spicy-ipsec/ipsec-ikev1-zero-length.pcap",
    "zeek-spicy-ipsec/ipsec_client.pcap",
];

#[test]
fn captured_exchanges_are_read_and_written_back() {
    let Some(folder) = vectors("wire: captures of IKEv2") else { return };
    for (name, expected) in IKEV2 {
        let mut read = 0;
        for octets in capture::ike_messages(&folder.join("pcap").join(name)) {
            let message = Message::parse(&octets).unwrap_or_else(|error| panic!("{name}: {error}"));
            // Reserved bits are dropped and a critical bit set on a known payload too, so compare meanings.
            let written = message.encode().unwrap();
            assert_eq!(written.len(), octets.len(), "{name}");
            assert_eq!(Message::parse(&written).unwrap().payloads, message.payloads, "{name}");
            read += 1;
        }
        println!("{name}: {read} messages");
        assert_eq!(read, expected, "{name}");
    }
}

#[test]
fn captures_that_broke_other_parsers_are_refused_or_read() {
    let Some(folder) = vectors("wire: captures of malformed messages") else { return };
    let (mut read, mut refused) = (0, 0);
    for name in OTHERS {
        for datagram in capture::read(&folder.join("pcap").join(name)) {
            let Some(octets) = datagram.ike() else { continue };
            match Message::parse(octets) {
                Ok(message) => {
                    message.encode().unwrap();
                    read += 1;
                }
                Err(error) => {
                    assert!(error.offset <= octets.len());
                    refused += 1;
                }
            }
            // Walking the chain whatever the version ends, too.
            if let Ok(header) = Header::parse(octets) {
                let mut reader = Reader::new(octets);
                reader.take(Header::LEN).unwrap();
                assert!(PayloadChain::new(header.next_payload, reader).count() <= limits::MAX_PAYLOADS + 1);
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(refused >= 20, "{refused}");
}
