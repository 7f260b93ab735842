//! `profile.type`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("profile.type"),
    level: Level::Error,
    title: "The profile's PayloadType is not Configuration",
    what: prose("The PayloadType at the top of the file has another value than Configuration."),
    why: prose(
        "Configuration is the only type a profile may have; a device refuses anything else as an invalid profile. Where \
          the outer type is the type of one of the payloads, as in Apple's own PKCS#12 sample, this is a warning.",
    ),
    mend: prose("Write Configuration. A payload of another type stands inside the profile's PayloadContent."),
    source: "Apple device-management schema: TopLevel, PayloadType",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    let Some(kind) = root.str("PayloadType").filter(|kind| kind.value != "Configuration") else { return };
    let of_a_payload = cx.profile.payloads().iter().any(|payload| payload.kind() == Some(kind.value));
    let mut finding = Finding::value(root, "PayloadType", "the profile's PayloadType must be Configuration")
        .help("a payload stands inside the profile's PayloadContent, not at the top");
    if of_a_payload {
        finding = finding.severity(Severity::Warning);
    }
    let title = "write Configuration";
    out.say(if of_a_payload || kind.value.eq_ignore_ascii_case("Configuration") {
        finding.safe_replace(title, "Configuration")
    } else {
        finding.unsafe_replace(title, "Configuration")
    });
}
