//! `profile.version` and `payload.version`.

use crate::rules::prelude::*;

const KEY: &str = "PayloadVersion";

pub(super) static PROFILE: Rule = Rule {
    code: Code::new("profile.version"),
    level: Level::Error,
    title: "The profile's PayloadVersion is not 1",
    what: prose("The PayloadVersion at the top of the file is another number than 1."),
    why: prose(
        "It names the version of the format, of which there is only one. A device refuses every other.",
    ),
    mend: prose(
        "Write <integer>1</integer>. A version of your own belongs into PayloadDescription or PayloadIdentifier.",
    ),
    source: "Apple device-management schema: TopLevel, PayloadVersion",
    check: Check::Profile(profile),
};

pub(super) static PAYLOAD: Rule = Rule {
    code: Code::new("payload.version"),
    level: Level::Error,
    title: "A payload's PayloadVersion is not 1",
    what: prose("The PayloadVersion of a payload is another number than 1."),
    why: prose(
        "It names the version of the format, of which there is only one. A device refuses every other.",
    ),
    mend: prose("Write <integer>1</integer>."),
    source: "Apple device-management schema: CommonPayloadKeys, PayloadVersion",
    check: Check::Profile(payload),
};

fn profile(cx: &Context<'_>, out: &mut Sink<'_>) {
    judge(cx.profile.root(), "profile", out);
}

fn payload(cx: &Context<'_>, out: &mut Sink<'_>) {
    cx.profile.payloads().iter().for_each(|payload| judge(&payload.section, "payload", out));
}

fn judge(section: &Section<'_>, whose: &str, out: &mut Sink<'_>) {
    if let Some(version) = section.int(KEY).filter(|version| version.value != 1) {
        let message = format!("the {whose}'s PayloadVersion is {}, it must be 1", version.value);
        let finding = Finding::value(section, KEY, message).help("the format has one version only");
        out.say(finding.safe_replace("write 1", 1));
    }
}
