//! `payload.identifier-duplicate`.

use crate::by_name::ByName;
use crate::rules::prelude::*;

const KEY: &str = "PayloadIdentifier";

pub(super) static RULE: Rule = Rule {
    code: Code::new("payload.identifier-duplicate"),
    level: Level::Error,
    title: "A PayloadIdentifier stands twice",
    what: prose(
        "Two payloads have the same PayloadIdentifier. A payload with the profile's own identifier is a notice: \
           profiles in use are written so, some of Apple's own among them.",
    ),
    why: prose(
        "When the profile is updated, the identifier says which old payload a new one replaces. With two alike a device \
          refuses the profile, or one payload takes the place of the other.",
    ),
    mend: prose(
        "Give each payload an identifier of its own: the profile's, a dot, and a word for the payload.",
    ),
    source: "Apple device-management schema: PayloadIdentifier",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let own = cx.profile.root().str(KEY);
    let mut seen = ByName::new();
    let payloads = cx.profile.payloads();
    for (place, payload) in payloads.iter().enumerate() {
        let section = &payload.section;
        let Some(identifier) = section.str(KEY).filter(|identifier| !identifier.value.is_empty()) else {
            continue;
        };
        let earlier = seen.insert(identifier.value.into(), place);
        if let Some(earlier) = earlier.and_then(|place| payloads.get(place)) {
            let finding = Finding::value(section, KEY, "another payload has this PayloadIdentifier");
            out.say(
                finding
                    .help("give each payload an identifier of its own")
                    .related(earlier.section.span_of(KEY), "the same identifier"),
            );
        } else if let Some(own) = own.filter(|own| own.value == identifier.value) {
            let finding = Finding::value(section, KEY, "the payload has the profile's own PayloadIdentifier");
            let help = "put a dot and a word for the payload behind it";
            out.say(
                finding.severity(Severity::Warning).help(help).related(own.span, "the profile's identifier"),
            );
        }
    }
}
