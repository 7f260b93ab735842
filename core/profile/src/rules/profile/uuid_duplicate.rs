//! `payload.uuid-duplicate`.

use crate::by_name::ByName;
use crate::rules::prelude::*;

const KEY: &str = "PayloadUUID";

pub(super) static RULE: Rule = Rule {
    code: Code::new("payload.uuid-duplicate"),
    level: Level::Error,
    title: "A PayloadUUID stands twice",
    what: prose(
        "Two payloads, or a payload and the profile, have the same PayloadUUID, letters taken without their case.",
    ),
    why: prose(
        "References such as PayloadCertificateUUID no longer say which payload they mean, and a device that finds two \
          payloads with one UUID refuses the profile or installs only one of them.",
    ),
    mend: prose("Give one of them a fresh UUID, and look at every reference to the old one."),
    source: "Apple device-management schema: PayloadUUID (unique)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut seen = ByName::new();
    for (place, section) in super::dictionaries(cx).enumerate() {
        let Some(uuid) = section.str(KEY).filter(|uuid| !uuid.value.trim().is_empty()) else { continue };
        let earlier = seen.insert(uuid.value.to_ascii_lowercase().into(), place);
        if let Some(earlier) = earlier.and_then(|place| super::dictionaries(cx).nth(place)) {
            let finding = Finding::value(section, KEY, "this PayloadUUID stands in the profile already");
            out.say(
                finding
                    .help("write a fresh UUID, as uuidgen prints it")
                    .related(earlier.span_of(KEY), "the same UUID"),
            );
        }
    }
}
