//! `payload.identifier-style` and `payload.identifier-not-under-profile`.

use crate::rules::prelude::*;

const KEY: &str = "PayloadIdentifier";

pub(super) static STYLE: Rule = Rule {
    code: Code::new("payload.identifier-style"),
    level: Level::Notice,
    title: "A PayloadIdentifier is no reverse-DNS name",
    what: prose(
        "A PayloadIdentifier holds white space, or no dot at all. A UUID, which some consoles write, is left alone.",
    ),
    why: prose(
        "Identifiers are to be unique among all profiles of a device. A reverse-DNS name such as com.example.vpn makes \
          sure of that; Apple asks for this style, and nothing checks it.",
    ),
    mend: prose(
        "Write a name under a domain of yours. A device takes a profile with another identifier for another profile: \
           the old one has to be removed by itself.",
    ),
    source: "Apple device-management schema: PayloadIdentifier (reverse-DNS style); own judgement",
    check: Check::Profile(style),
};

pub(super) static NOT_UNDER_PROFILE: Rule = Rule {
    code: Code::new("payload.identifier-not-under-profile"),
    level: Level::Notice,
    title: "A payload's identifier does not begin with the profile's",
    what: prose("A payload's PayloadIdentifier does not continue the profile's PayloadIdentifier."),
    why: prose(
        "Apple describes a payload's identifier as the profile's with something behind it, which keeps payloads of \
          different profiles apart. Nothing fails without it.",
    ),
    mend: prose("Write the profile's identifier, a dot, and a word for the payload."),
    source: "Apple device-management schema: CommonPayloadKeys, PayloadIdentifier",
    check: Check::Profile(not_under_profile),
};

fn style(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in super::dictionaries(cx) {
        let Some(identifier) = section.str(KEY) else { continue };
        // What consoles write where nobody chose a name; unique all the same.
        if super::uuid::is_uuid(identifier.value) {
            continue;
        }
        let message = if identifier.value.contains(char::is_whitespace) {
            "PayloadIdentifier holds white space"
        } else if !identifier.value.contains('.') {
            "PayloadIdentifier is no reverse-DNS name"
        } else {
            continue;
        };
        out.say(Finding::value(section, KEY, message).help("write a name such as com.example.vpn"));
    }
}

fn not_under_profile(cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(own) = cx.profile.root().str(KEY).filter(|own| !own.value.is_empty()) else { return };
    let apart = |payload: &&crate::model::Payload<'_>| {
        payload.section.str(KEY).is_some_and(|identifier| !identifier.value.starts_with(own.value))
    };
    // One word for the whole profile: such profiles are made so throughout.
    let mut payloads = cx.profile.payloads().iter().filter(apart);
    let Some(first) = payloads.next() else { return };
    let message = match payloads.count() {
        0 => "the payload's PayloadIdentifier does not begin with the profile's".to_owned(),
        more => {
            format!("the PayloadIdentifier of this payload and {more} more does not begin with the profile's")
        }
    };
    let finding = Finding::value(&first.section, KEY, message).related(own.span, "the profile's identifier");
    out.say(finding.help("usual is the profile's identifier, a dot, and a word for the payload"));
}
