//! The keys of a session in Wireshark's own tables, and Wireshark's word on whether they are right.

#![cfg(feature = "keylog")]
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use std::net::IpAddr;
use std::path::Path as FilePath;
use std::process::Command as Process;

use adit_crypto::{CipherSpec, IntegId};
use adit_esp::{OutboundSa, PacketBuf};
use adit_ike::keylog::{KeyLogLine, Table};
use adit_ike::{ChildEvent, Command, Event};
use support::{Pair, initiator, responder};

fn lines(events: &[Event], table: Table) -> Vec<String> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::KeyLog(KeyLogLine { table: found, line }) if *found == table => Some(line.to_string()),
            _ => None,
        })
        .collect()
}

fn established(cipher: CipherSpec) -> Pair {
    let (mut client, mut gateway) = (initiator(), responder());
    for config in [&mut client.common, &mut gateway.common] {
        config.key_log = true;
        config.ike_proposals[0].ciphers = vec![cipher];
        config.child.proposals[0].ciphers = vec![cipher];
    }
    Pair::established(client, gateway)
}

const CIPHERS: [CipherSpec; 5] = [
    CipherSpec::aes_gcm(128),
    CipherSpec::aes_gcm(256),
    CipherSpec::aes_cbc(128, IntegId::HMAC_SHA1_96),
    CipherSpec::aes_cbc(256, IntegId::HMAC_SHA2_256_128),
    CipherSpec::aes_cbc(256, IntegId::HMAC_SHA2_512_256),
];

#[test]
fn each_sa_has_its_lines_and_both_sides_the_same() {
    let mut pair = established(CipherSpec::aes_gcm(256));
    pair.client.request(pair.now, Command::RekeyChild);
    pair.settle();
    pair.client.request(pair.now, Command::RekeyIke);
    pair.settle();
    assert_eq!(lines(&pair.client_events, Table::Ikev2).len(), 2);
    assert_eq!(lines(&pair.client_events, Table::Ikev2), lines(&pair.gateway_events, Table::Ikev2));
    let mut client = lines(&pair.client_events, Table::Esp);
    let mut gateway = lines(&pair.gateway_events, Table::Esp);
    assert_eq!(client.len(), 4);
    client.sort();
    gateway.sort();
    assert_eq!(client, gateway);
    assert!(client[0].starts_with("\"IPv4\",\"192.0.2."), "{}", client[0]);
}

#[test]
fn f03_lines_are_made_on_request_only_and_print_nothing() {
    let pair = Pair::established(initiator(), responder());
    assert!(lines(&pair.client_events, Table::Ikev2).is_empty());
    assert!(lines(&pair.client_events, Table::Esp).is_empty());
    let pair = established(CipherSpec::aes_gcm(256));
    let line = lines(&pair.client_events, Table::Ikev2).remove(0);
    let key = line.split(',').nth(2).unwrap().to_owned();
    assert_eq!(key.len(), 72, "key and salt");
    assert!(!format!("{:?}", pair.client_events).contains(&key));
}

#[test]
fn a_cipher_that_wireshark_does_not_know_makes_a_warning() {
    let pair = established(CipherSpec::chacha20_poly1305());
    assert!(lines(&pair.client_events, Table::Ikev2).is_empty());
    assert!(pair.client_events.iter().any(|event| matches!(event, Event::Warning(_))));
}

/// An IPv4 packet.
fn ipv4(from: IpAddr, to: IpAddr, protocol: u8, body: &[u8]) -> Vec<u8> {
    let (IpAddr::V4(from), IpAddr::V4(to)) = (from, to) else { panic!("IPv4 only") };
    let length = u16::try_from(20 + body.len()).unwrap().to_be_bytes();
    let mut packet = vec![0x45, 0, length[0], length[1], 0, 1, 0, 0, 64, protocol, 0, 0];
    packet.extend(from.octets());
    packet.extend(to.octets());
    let sum = checksum(&packet).to_be_bytes();
    packet[10..12].copy_from_slice(&sum);
    packet.extend(body);
    packet
}

fn checksum(data: &[u8]) -> u16 {
    let mut sum: u32 =
        data.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

fn udp(from: u16, to: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + body.len()).unwrap();
    let mut packet: Vec<u8> = [from, to, length, 0].iter().flat_map(|word| word.to_be_bytes()).collect();
    packet.extend(body);
    packet
}

/// A pcap file of raw IPv4 packets.
fn pcap(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101] {
        file.extend(word.to_le_bytes());
    }
    for packet in packets {
        let length = u32::try_from(packet.len()).unwrap();
        for word in [1, 0, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

fn tshark(folder: &FilePath, filter: &str, fields: &[&str]) -> Option<String> {
    let mut process = Process::new("tshark");
    process
        .env("WIRESHARK_CONFIG_DIR", folder)
        .env("HOME", folder)
        .arg("-r")
        .arg(folder.join("capture.pcap"));
    process.args(["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]);
    process.args(["-Y", filter, "-T", "fields"]);
    for field in fields {
        process.args(["-e", field]);
    }
    let output = process.output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!errors.contains("UAT") && !errors.contains("rror"), "{errors}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn wireshark_decrypts_with_these_lines() {
    if Process::new("tshark").arg("--version").output().is_err() {
        println!("LEFT OUT: keys in Wireshark's tables: no tshark (apt-get install tshark)");
        return;
    }
    for (index, cipher) in CIPHERS.into_iter().enumerate() {
        let mut pair = established(cipher);
        pair.client.request(pair.now, Command::RekeyIke);
        pair.settle();
        pair.client.request(pair.now, Command::RekeyChild);
        pair.settle();
        let mut packets = Vec::new();
        for (_, transmit) in &pair.log {
            let path = transmit.path;
            let body = udp(path.local.port(), path.remote.port(), &transmit.payload);
            packets.push(ipv4(path.local.ip(), path.remote.ip(), 17, &body));
        }
        // A ping through each Child SA.
        let path = pair.client.path();
        for event in &pair.client_events {
            let Event::Child(ChildEvent::Install { outbound, .. }) = event else { continue };
            let mut sa = OutboundSa::new(outbound).unwrap();
            let mut ping = vec![8, 0, 0, 0, 0, 1, 0, 1];
            ping.extend(b"a ping in the tunnel");
            let sum = checksum(&ping).to_be_bytes();
            ping[2..4].copy_from_slice(&sum);
            let inner = ipv4("10.97.0.5".parse().unwrap(), "10.98.0.1".parse().unwrap(), 1, &ping);
            let mut packet = PacketBuf::from_payload(&inner);
            sa.seal(&mut packet).unwrap();
            let body = udp(4500, 4500, packet.payload());
            packets.push(ipv4(path.local.ip(), path.remote.ip(), 17, &body));
        }
        let folder = std::env::temp_dir().join(format!("adit-keylog-{}-{index}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("capture.pcap"), pcap(&packets)).unwrap();
        for table in [Table::Ikev2, Table::Esp] {
            let text = lines(&pair.client_events, table).join("\n") + "\n";
            std::fs::write(folder.join(table.file_name()), text).unwrap();
        }
        let ids =
            tshark(&folder, "isakmp", &["isakmp.id.data.fqdn", "isakmp.exchangetype", "isakmp.typepayload"])
                .unwrap();
        assert!(ids.contains("vpn.rig.test"), "{cipher}: IKE_AUTH is readable:\n{ids}");
        let rekeys = ids.lines().filter(|line| line.contains("\t36\t46,") && line.contains(",40,34")).count();
        assert!(rekeys >= 4, "{cipher}: CREATE_CHILD_SA on both IKE SAs is readable:\n{ids}");
        let pings = tshark(&folder, "icmp.type == 8", &["ip.dst", "icmp.type"]).unwrap();
        assert_eq!(
            pings.lines().filter(|line| line.contains("10.98.0.1")).count(),
            2,
            "{cipher}: ESP:\n{pings}"
        );
        let _ = std::fs::remove_dir_all(&folder);
    }
}
