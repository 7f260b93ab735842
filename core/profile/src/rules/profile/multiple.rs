//! `payload.multiple-not-allowed`.

use crate::by_name::ByName;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("payload.multiple-not-allowed"),
    level: Level::Error,
    title: "Two payloads of a type that a profile may hold once",
    what: prose(
        "A profile holds several payloads of a type of which Apple allows one, such as com.apple.vpn.managed.appmapping.",
    ),
    why: prose("A device refuses the profile, or only one of the payloads takes effect."),
    mend: prose(
        "Merge them into one payload, or put the others into profiles of their own where the type allows that.",
    ),
    source: "Apple device-management schema: multiple is false",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut first = ByName::new();
    let payloads = cx.profile.payloads();
    for (place, payload) in payloads.iter().enumerate() {
        let Some(kind) = payload.section.str("PayloadType") else { continue };
        let once = schema::payload_type(kind.value).is_some_and(|known| !known.multiple);
        if !once {
            continue;
        }
        if let Some(earlier) = first.get(kind.value).and_then(|place| payloads.get(place)) {
            let message = format!("a profile may hold one payload of type {}", kind.value);
            let finding = Finding::value(&payload.section, "PayloadType", message);
            out.say(
                finding
                    .help("merge the two")
                    .related(earlier.section.span_of("PayloadType"), "the first one"),
            );
        } else {
            first.insert(kind.value.into(), place);
        }
    }
}
