//! `VPNSubType`: which app, by short names for the identifiers that are known.
//!
//! Source: `reference/vpn-subtypes.tsv`, gathered from Apple's schemas and the vendors' manuals.

use super::{SpecError, VpnKind};
use crate::gather::Gather as _;

/// An app of a vendor.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
pub struct SubtypeChoice {
    /// The short name, such as `legacy`.
    pub name: &'static str,
    /// The identifier that is written.
    pub identifier: &'static str,
    /// The systems it runs on.
    pub platforms: &'static str,
    /// What it is.
    pub note: &'static str,
}

const fn choice(
    name: &'static str,
    identifier: &'static str,
    platforms: &'static str,
    note: &'static str,
) -> SubtypeChoice {
    SubtypeChoice { name, identifier, platforms, note }
}

const ANYCONNECT: &[SubtypeChoice] = &[
    choice("current", "com.cisco.anyconnect", "iOS, macOS", "Cisco Secure Client"),
    choice("legacy", "com.cisco.anyconnect.applevpn.plugin", "old iOS", "plug-in; gone from current iOS"),
];

const JUNIPER: &[SubtypeChoice] = &[
    choice(
        "pulse",
        "net.pulsesecure.PulseSecure.vpnplugin",
        "iOS, macOS",
        "Ivanti Secure Access, Pulse Secure",
    ),
    choice("juniper", "net.juniper.sslvpn", "old iOS, macOS", "Juniper's plug-in; gone from current iOS"),
];

const NETMOTION: &[SubtypeChoice] =
    &[choice("macos", "com.netmotionwireless.MobilityOSX", "macOS", "Absolute Secure Access")];

const F5: &[SubtypeChoice] = &[
    choice("ios", "com.f5.access.ios", "iOS", "F5 Access 3"),
    choice("macos", "com.f5.access.macos", "macOS", "F5 Access"),
    choice(
        "legacy",
        "com.f5.F5-Edge-Client.vpnplugin",
        "old iOS",
        "BIG-IP Edge Client; gone from current iOS",
    ),
];

const SONICWALL: &[SubtypeChoice] =
    &[choice("current", "com.sonicwall.SonicWALL-SSLVPN.vpnplugin", "iOS, macOS", "Mobile Connect")];

const ARUBA: &[SubtypeChoice] =
    &[choice("current", "com.arubanetworks.aruba-via.vpnplugin", "iOS, macOS", "VIA")];

const GLOBALPROTECT: &[SubtypeChoice] = &[
    choice("current", "com.paloaltonetworks.globalprotect.vpn", "iOS, macOS", "GlobalProtect"),
    choice(
        "legacy",
        "com.paloaltonetworks.GlobalProtect.vpnplugin",
        "old iOS",
        "plug-in; gone from current iOS",
    ),
    choice("china", "com.paloaltonetworks.globalprotect.vpncn", "iOS", "the app of the store in China"),
];

/// The apps of a connection type, the one that is taken when nothing is said first; empty for types without choice.
#[must_use]
pub fn subtypes(kind: VpnKind) -> &'static [SubtypeChoice] {
    match kind {
        VpnKind::Ikev2 | VpnKind::AlwaysOn | VpnKind::Ipsec | VpnKind::CustomSsl => &[],
        VpnKind::CiscoAnyconnect => ANYCONNECT,
        VpnKind::JuniperSsl => JUNIPER,
        VpnKind::Netmotion => NETMOTION,
        VpnKind::F5Ssl => F5,
        VpnKind::SonicwallMobileConnect => SONICWALL,
        VpnKind::ArubaVia => ARUBA,
        VpnKind::Globalprotect => GLOBALPROTECT,
    }
}

/// The identifier for a short name; what has a dot or is a variable stands for itself.
pub(super) fn choose(kind: VpnKind, word: Option<&str>, field: &str) -> Result<String, SpecError> {
    let choices = subtypes(kind);
    let found = match word {
        None => choices.first(),
        Some(word) => choices.iter().find(|choice| choice.name == word),
    };
    match (found, word) {
        (Some(choice), _) => Ok(choice.identifier.to_owned()),
        (None, Some(word)) if word.contains(['.', '$', '{', '%']) => Ok(word.to_owned()),
        (None, word) => Err(SpecError::UnknownSubtype {
            field: format!("{field}.subtype"),
            word: word.unwrap_or_default().to_owned(),
            known: choices.iter().map(|choice| choice.name.to_owned()).gather(),
        }),
    }
}
