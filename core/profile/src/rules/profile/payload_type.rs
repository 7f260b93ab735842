//! `payload.unknown-type` and `payload.known-type-typo`.

use crate::rules::nearest::{distance, nearest};
use crate::rules::prelude::*;

const KEY: &str = "PayloadType";

pub(super) static UNKNOWN: Rule = Rule {
    code: Code::new("payload.unknown-type"),
    level: Level::Warning,
    title: "Nobody knows this PayloadType",
    what: prose(
        "The PayloadType of a payload is none that Apple documents. For a type outside com.apple this is a notice: on \
           macOS it may be the preference domain of an app.",
    ),
    why: prose(
        "A device installs the profile and ignores the payload, or refuses the profile. A preference domain is written \
          for the app to read, on macOS only.",
    ),
    mend: prose(
        "Look the type up in Apple's documentation. Settings of an app may stand in com.apple.ManagedClient.preferences.",
    ),
    source: "Apple device-management schema: list of payload types",
    check: Check::Profile(unknown),
};

pub(super) static TYPO: Rule = Rule {
    code: Code::new("payload.known-type-typo"),
    level: Level::Error,
    title: "The PayloadType is a slip of a known one",
    what: prose(
        "The PayloadType differs from a type of Apple's by one or two letters, or is the bundle identifier of a VPN app, \
           which belongs into VPNSubType.",
    ),
    why: prose("The payload does nothing: no device knows the type."),
    mend: prose(
        "Write the type that was meant; for a VPN app com.apple.vpn.managed with VPNType VPN and the app's identifier as \
           VPNSubType.",
    ),
    source: "Apple device-management schema: list of payload types; seen in profiles in use (com.wireguard.ios)",
    check: Check::Profile(typo),
};

/// What a type that is not known may have been meant as.
enum Meant {
    Type(&'static str),
    App,
    Unknown,
}

/// Types without documentation that Apple's own signed profiles have.
const APPLE_INTERNAL: [&str; 1] = ["com.apple.defaults.managed"];

fn meant(kind: &str) -> Option<Meant> {
    if kind.is_empty()
        || kind == "Configuration"
        || schema::payload_type(kind).is_some()
        || schema::payload(kind).is_some()
    {
        return (kind.is_empty() || kind == "Configuration").then_some(Meant::Unknown);
    }
    let app = schema::subtypes().iter().any(|subtype| subtype.identifiers.contains(&kind));
    if app {
        return Some(Meant::App);
    }
    let names = || {
        schema::payload_types().iter().map(|known| known.name).filter(|name| name.starts_with("com.apple."))
    };
    let near = nearest(kind, names(), 2);
    Some(
        near.filter(|near| distance(kind, near, 2).is_some() || near.eq_ignore_ascii_case(kind))
            .map_or(Meant::Unknown, Meant::Type),
    )
}

fn unknown(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.profile.payloads() {
        let Some(kind) = payload.section.str(KEY) else { continue };
        if !matches!(meant(kind.value), Some(Meant::Unknown)) {
            continue;
        }
        let message = "no payload type of this name is documented";
        let finding = Finding::value(&payload.section, KEY, message);
        let ours = kind.value.starts_with("com.apple.") || !kind.value.contains('.');
        out.say(if ours && !APPLE_INTERNAL.contains(&kind.value) {
            let near = schema::payload_types().iter().map(|known| known.name);
            match nearest(kind.value, near, 3) {
                Some(near) => finding.help(format!("a device ignores it; the nearest name is {near}")),
                None => finding.help("a device ignores it: check the spelling"),
            }
        } else {
            finding
                .severity(Severity::Notice)
                .help("on macOS it may be the preference domain of an app; elsewhere it does nothing")
        });
    }
}

fn typo(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.profile.payloads() {
        let Some(kind) = payload.section.str(KEY) else { continue };
        match meant(kind.value) {
            Some(Meant::Type(near)) => {
                let finding =
                    Finding::value(&payload.section, KEY, format!("no payload type is spelt so: {near} is"));
                out.say(finding.help(format!("write {near}")).unsafe_replace(format!("write {near}"), near));
            }
            Some(Meant::App) => {
                let message = "this is the bundle identifier of a VPN app, not a payload type";
                let help =
                    "write com.apple.vpn.managed here, VPN as VPNType, and the identifier as VPNSubType";
                out.say(Finding::value(&payload.section, KEY, message).help(help));
            }
            _ => {}
        }
    }
}
