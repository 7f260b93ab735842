//! `profile.missing-key` and `payload.missing-key`.

use crate::model::Payload;
use crate::rules::prelude::*;

pub(super) static PROFILE: Rule = Rule {
    code: Code::new("profile.missing-key"),
    level: Level::Error,
    title: "The profile lacks a key that every profile has",
    what: prose(
        "PayloadIdentifier, PayloadUUID, PayloadType or PayloadVersion is missing at the top of the file.",
    ),
    why: prose("A device tells profiles apart by these keys and refuses a profile without them."),
    mend: prose("Add the key: a reverse-DNS name, a fresh UUID, Configuration, the integer 1."),
    source: "Apple device-management schema: TopLevel (required keys)",
    check: Check::Profile(profile),
};

pub(super) static PAYLOAD: Rule = Rule {
    code: Code::new("payload.missing-key"),
    level: Level::Error,
    title: "A payload lacks a key it needs",
    what: prose(
        "A payload has no PayloadIdentifier, PayloadUUID, PayloadType or PayloadVersion, or one of its dictionaries \
           lacks a key that the schema requires and no other rule speaks of. Keys with rules of their own, such as VPNType \
           or RemoteAddress, are left to them. A missing PayloadVersion is a warning: files of vendors that install leave \
           it out.",
    ),
    why: prose("A device refuses a payload that lacks a required key, and with it the profile."),
    mend: prose("Add the key."),
    source: "Apple device-management schema: CommonPayloadKeys and the payload's own keys (required)",
    check: Check::Profile(payload),
};

/// Required keys of which rules of their own speak, some of them only under conditions the schema cannot say.
const SPOKEN_FOR: [&str; 17] = [
    "Action",
    "AuthenticationMethod",
    "DNSProtocol",
    "DesignatedRequirement",
    "DomainAction",
    "Domains",
    "LocalIdentifier",
    "ProtocolType",
    "RemoteAddress",
    "RemoteIdentifier",
    "ServerAddresses",
    "ServiceName",
    "SigningIdentifier",
    "TunnelConfigurations",
    "UserDefinedName",
    "VPNType",
    // Of a per-app VPN; app mappings are below.
    "VPNUUID",
];

fn profile(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    for key in ["PayloadIdentifier", "PayloadUUID", "PayloadType", "PayloadVersion"] {
        if !root.has(key) && super::is_whole(cx) {
            out.say(missing(root, key, "the profile", "a profile needs it", Some("Configuration")));
        }
    }
}

fn payload(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !super::is_whole(cx) {
        return;
    }
    for payload in cx.profile.payloads() {
        common(payload, out);
        if let Some(schema) = payload.kind().and_then(schema::payload) {
            let mapping = payload.kind() == Some("com.apple.vpn.managed.appmapping");
            required(&payload.section, schema.keys, mapping, out);
        }
    }
    for field in &cx.fields.known {
        let Some(index) = field.payload else { continue };
        if field.schema.kind != schema::Kind::Dictionary || field.schema.takes_any_key() {
            continue;
        }
        let kind =
            cx.profile.payloads().iter().find(|payload| payload.index == index).and_then(Payload::kind);
        if let Some(section) = field.inside() {
            required(&section, field.schema.children, kind == Some("com.apple.vpn.managed.appmapping"), out);
        }
    }
}

/// The keys of every payload, whatever its type.
fn common(payload: &Payload<'_>, out: &mut Sink<'_>) {
    let section = &payload.section;
    if !section.has("PayloadType") {
        out.say(missing(
            section,
            "PayloadType",
            "the payload",
            "without a type no system knows what the payload is",
            None,
        ));
    }
    for key in ["PayloadIdentifier", "PayloadUUID"] {
        if !section.has(key) {
            out.say(missing(section, key, "the payload", "every payload needs one of its own", None));
        }
    }
    if !section.has("PayloadVersion") {
        let finding =
            missing(section, "PayloadVersion", "the payload", "devices take the payload all the same", None);
        out.say(finding.severity(Severity::Warning));
    }
}

fn required(section: &Section<'_>, keys: &[schema::Key], mapping: bool, out: &mut Sink<'_>) {
    for key in keys.iter().filter(|key| key.required && key.name != "ANY" && key.name != "[]") {
        let spoken_for = SPOKEN_FOR.contains(&key.name) && !(mapping && key.name == "VPNUUID");
        if !spoken_for && !section.has(key.name) {
            out.say(missing(
                section,
                key.name,
                "the dictionary",
                &format!("add it: {} is required", key.kind.describe()),
                None,
            ));
        }
    }
}

fn missing(section: &Section<'_>, key: &str, what: &str, help: &str, kind: Option<&str>) -> Finding {
    let finding = Finding::value(section, key, format!("{what} has no {key}")).help(help);
    let insert =
        |value: crate::build::Value| Change::Insert { path: section.path().steps(), key: key.into(), value };
    match (key, kind) {
        // The only values these keys may have.
        ("PayloadVersion", _) => finding.fix(Fix::safe("add PayloadVersion 1", insert(1.into()))),
        ("PayloadType", Some(kind)) => {
            finding.fix(Fix::safe(format!("add PayloadType {kind}"), insert(kind.into())))
        }
        _ => finding,
    }
}
