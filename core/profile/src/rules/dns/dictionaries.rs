//! The DNS dictionaries of a profile: those of its VPN payloads and those of its DNS settings.

use crate::rules::prelude::*;
use crate::rules::words::Word;

/// A dictionary with the keys of a DNS resolver.
pub(super) struct Resolver<'a> {
    /// The VPN it belongs to; `None` for encrypted DNS settings.
    pub vpn: Option<&'a Vpn<'a>>,
    /// The dictionary: `DNS` of a VPN payload, `DNSSettings` of `com.apple.dnsSettings.managed`.
    pub section: Section<'a>,
}

/// `DNSProtocol`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Protocol {
    /// The key is missing.
    Missing,
    /// `Cleartext`.
    Cleartext,
    /// `HTTPS`.
    Https,
    /// `TLS`.
    Tls,
    /// Something that cannot be told.
    Unclear,
}

impl Resolver<'_> {
    /// How it is asked.
    pub fn protocol(&self) -> Protocol {
        let Some(text) = self.section.str("DNSProtocol") else {
            return if self.section.has("DNSProtocol") { Protocol::Unclear } else { Protocol::Missing };
        };
        match Word::of(text.value, &["Cleartext", "HTTPS", "TLS"]).meant() {
            Some("Cleartext") => Protocol::Cleartext,
            Some("HTTPS") => Protocol::Https,
            Some("TLS") => Protocol::Tls,
            _ => Protocol::Unclear,
        }
    }
}

/// All of them.
pub(super) fn all<'c>(cx: &'c Context<'c>) -> impl Iterator<Item = Resolver<'c>> {
    let of_vpns = cx
        .vpns
        .iter()
        .filter_map(|vpn| Some(Resolver { vpn: Some(vpn), section: vpn.section().sub("DNS")? }));
    let settings = cx.payloads("com.apple.dnsSettings.managed");
    of_vpns.chain(
        settings
            .filter_map(|payload| Some(Resolver { vpn: None, section: payload.section.sub("DNSSettings")? })),
    )
}

/// Whether a key holds something: it is there, and no empty text or list.
pub(super) fn is_filled(section: &Section<'_>, key: &str) -> bool {
    section.node(key).is_some_and(|node| match &node.value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    })
}
