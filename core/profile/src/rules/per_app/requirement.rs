//! `appmap.requirement`.

use super::MAPPING;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("appmap.requirement"),
    level: Level::Error,
    title: "An app mapping does not say how the app is signed",
    what: prose(
        "An element of AppLayerVPNMapping, or of its MatchTools, has no DesignatedRequirement or no SigningIdentifier, or \
           an empty one.",
    ),
    why: prose(
        "macOS has told apps apart by both since 10.10. Without them it does not bind the app, whose traffic goes past \
          the VPN, or rejects the payload.",
    ),
    mend: prose(
        "Add both: codesign -d -r- APP shows the designated requirement, codesign -dv APP the identifier.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.appmapping, AppLayerVPNMapping[].DesignatedRequirement \
             and SigningIdentifier (required, 10.10)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.payloads(MAPPING) {
        for mapping in payload.section.sections("AppLayerVPNMapping") {
            signed(&mapping, out);
            mapping.sections("MatchTools").iter().for_each(|tool| signed(tool, out));
        }
    }
}

fn signed(section: &Section<'_>, out: &mut Sink<'_>) {
    for key in ["DesignatedRequirement", "SigningIdentifier"] {
        let empty = section.str(key).is_some_and(|text| text.value.trim().is_empty());
        if empty || !section.has(key) {
            let message = if empty { format!("{key} is empty") } else { format!("the app has no {key}") };
            out.say(
                Finding::value(section, key, message)
                    .help("add it as codesign -d -r- and codesign -dv show it"),
            );
        }
    }
}
