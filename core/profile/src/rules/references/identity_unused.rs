//! `ref.identity-unused`.

use super::index::{IDENTITIES, describe};
use crate::arrange::Arrange;
use crate::by_name::ByName;
use crate::gather::Gather as _;
use crate::model::Payload;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.identity-unused"),
    level: Level::Notice,
    title: "No payload uses an identity",
    what: prose(
        "A profile with a VPN brings an identity (pkcs12, scep, acme, ADCertificate) whose PayloadUUID stands in no \
           other payload.",
    ),
    why: prose(
        "The identity is installed, but no connection presents it. Often PayloadCertificateUUID was forgotten or names \
          another payload.",
    ),
    mend: prose(
        "Put its PayloadUUID into PayloadCertificateUUID of the VPN, or leave the identity out. An identity for apps or \
           web sites to pick is fine as it is.",
    ),
    source: "Own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let references = cx.references();
    if cx.vpns.is_empty() || references.open_references {
        return;
    }
    let identities: Vec<&Payload<'_>> = references.identities().gather();
    let mut unused = ByName::new();
    for (place, payload) in identities.iter().enumerate() {
        if let Some(uuid) = payload.section.str("PayloadUUID") {
            unused.insert(uuid.value.trim().to_ascii_lowercase().into(), place);
        }
    }
    for (_, reference) in &references.certificates {
        let named = references.payload(reference.uuid.value).and_then(|(payload, _)| payload.kind());
        // A reference that names no identity is told, and is most likely the one that was meant.
        if named.is_none_or(|kind| !IDENTITIES.contains(&kind)) {
            return;
        }
        unused.remove(reference.uuid.value.trim().to_ascii_lowercase().as_str());
    }
    if !unused.is_empty() {
        // Whatever the key: Wi-Fi, mail and MDM payloads have their own names for it.
        for other in cx.profile.payloads() {
            without_used(&other.section, &mut unused);
        }
    }
    let mut unused: Vec<usize> = unused.places();
    unused.arrange();
    for payload in unused.into_iter().filter_map(|place| identities.get(place)) {
        let message = format!("no payload uses the identity {}", describe(payload));
        out.say(
            Finding::value(&payload.section, "PayloadUUID", message)
                .help("name it in PayloadCertificateUUID of the VPN, or leave it out"),
        );
    }
}

/// Takes out the identities whose UUID stands anywhere in a payload but in its own `PayloadUUID`.
fn without_used(payload: &Section<'_>, unused: &mut ByName<'_>) {
    /// No UUID is longer.
    const LONGEST: usize = 128;
    let own = payload.dict().entries.iter().filter(|entry| entry.key.text != "PayloadUUID");
    let mut left: Vec<&Node> = own.map(|entry| &entry.value).gather();
    while let Some(node) = left.pop() {
        match &node.value {
            Value::Dict(dict) => left.extend(dict.entries.iter().map(|entry| &entry.value)),
            Value::Array(items) => left.extend(items),
            Value::String(text) if text.trim().len() <= LONGEST => {
                unused.remove(text.trim().to_ascii_lowercase().as_str());
            }
            _ => {}
        }
    }
}
