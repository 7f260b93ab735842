//! `ref.identity-unused`.

use super::index::{IDENTITIES, describe};
use crate::model::Payload;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.identity-unused"),
    level: Level::Notice,
    title: "No payload uses an identity",
    what: "A profile with a VPN brings an identity (pkcs12, scep, acme, ADCertificate) whose PayloadUUID stands in no \
           other payload.",
    why: "The identity is installed, but no connection presents it. Often PayloadCertificateUUID was forgotten or names \
          another payload.",
    mend: "Put its PayloadUUID into PayloadCertificateUUID of the VPN, or leave the identity out. An identity for apps or \
           web sites to pick is fine as it is.",
    source: "Own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let references = cx.references();
    if cx.vpns.is_empty() || references.open_references {
        return;
    }
    // A reference that names no identity is told, and is most likely the one that was meant.
    let astray = references.certificates.iter().any(|(_, reference)| {
        let named = references.payload(reference.uuid.value).and_then(|(payload, _)| payload.kind());
        named.is_none_or(|kind| !IDENTITIES.contains(&kind))
    });
    if astray {
        return;
    }
    let mut unused: Vec<(&Payload<'_>, &str)> = references
        .identities()
        .filter_map(|payload| payload.section.str("PayloadUUID").map(|uuid| (payload, uuid.value.trim())))
        .collect();
    if unused.is_empty() {
        return;
    }
    // Whatever the key: Wi-Fi, mail and MDM payloads have their own names for it.
    for other in cx.profile.payloads() {
        let mut left: Vec<&Node> = Vec::new();
        for entry in &other.section.dict().entries {
            if entry.key.text != "PayloadUUID" {
                left.push(&entry.value);
            }
        }
        while let Some(node) = left.pop() {
            match &node.value {
                Value::Dict(dict) => left.extend(dict.entries.iter().map(|entry| &entry.value)),
                Value::Array(items) => left.extend(items),
                Value::String(text) => unused.retain(|(_, uuid)| !text.trim().eq_ignore_ascii_case(uuid)),
                _ => {}
            }
        }
    }
    for (payload, _) in unused {
        let message = format!("no payload uses the identity {}", describe(payload));
        out.say(
            Finding::value(&payload.section, "PayloadUUID", message)
                .help("name it in PayloadCertificateUUID of the VPN, or leave it out"),
        );
    }
}
