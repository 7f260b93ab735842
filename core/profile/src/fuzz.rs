//! Entry points for fuzzing: each takes arbitrary bytes, reads them through one reader and everything behind it, and
//! throws the result away. They must return for every input, in bounded time and memory, without a panic.

use crate::certificate::{self, pkcs12};
use crate::model::Profile;
use crate::report::Problems;
use crate::source::encoding;
use crate::syntax::{Limits, binary, xml};
use crate::{Document, check, ikev2, ondemand};

/// The XML reader alone, in whatever encoding the bytes look like.
pub fn parse_xml(bytes: &[u8]) {
    let decoded = encoding::decode(bytes, encoding::guess(bytes));
    let parsed = xml::read(&decoded, &Limits::default());
    drop(parsed);
}

/// The binary reader alone; the header may be missing, so that most inputs get past it.
pub fn parse_binary(bytes: &[u8]) {
    drop(binary::read(bytes, &Limits::default()));
    let file = [b"bplist00".as_slice(), bytes].concat();
    drop(binary::read(&file, &Limits::default()));
}

/// PKCS#12 with an empty password, with one, and the certificate readers. Few iterations are allowed, to be quick.
pub fn parse_pkcs12(bytes: &[u8]) {
    for password in ["", "password"] {
        drop(pkcs12::open_within(bytes, password, 5_000));
    }
    drop(pkcs12::protection(bytes));
    drop(certificate::read_certificates(bytes));
}

/// A whole file: judged, and planned and asked for its on-demand rules with each of its VPN payloads.
pub fn parse_profile(bytes: &[u8]) {
    let report = check(bytes);
    drop(report);
    let document = Document::read(bytes);
    if let Some(profile) = Profile::of(&document) {
        for payload in profile.vpn_payloads().take(4) {
            let which = ikev2::Which { payload: ikev2::Choice::Index(payload.index), ..Default::default() };
            drop(ikev2::requirements(&profile, which));
            if let Some(rules) = ondemand::Rules::of_payload(payload, &mut Problems::default()) {
                drop(ondemand::decide(&rules, &some_network(), ondemand::Mode::Profile));
            }
        }
    }
}

/// A network on which every match key is looked at.
fn some_network() -> ondemand::Network {
    ondemand::Network {
        interface: ondemand::Interface::WiFi,
        ssid: Some("Office".to_owned()),
        search_domains: vec!["corp.example.com".to_owned()],
        dns_servers: vec!["192.0.2.53".to_owned(), "2001:db8::53".to_owned()],
        host: Some("www.example.com".to_owned()),
        ..ondemand::Network::default()
    }
}
