//! `scep.keysize`.

use super::scep;
use crate::rules::prelude::*;

const KEY: &str = "Keysize";

pub(super) static RULE: Rule = Rule {
    code: Code::new("scep.keysize"),
    level: Level::Error,
    title: "The key size of a SCEP request is none that devices make",
    what: prose(
        "Keysize of a com.apple.security.scep payload is not 1024, 2048 or 4096. A 0, which Apple's own example has, is \
           told as a warning.",
    ),
    why: prose(
        "The device cannot make the key, so no certificate is requested and the profile is not installed.",
    ),
    mend: prose("Write 2048, or 4096. 1024 is the default and too short for today's servers."),
    source: "Apple device-management schema: com.apple.security.scep, PayloadContent.Keysize",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for settings in scep(cx) {
        let Some(size) = settings.int(KEY).filter(|size| !matches!(size.value, 1024 | 2048 | 4096)) else {
            continue;
        };
        let severity = if size.value == 0 { Severity::Warning } else { Severity::Error };
        out.say(
            Finding::value(
                &settings,
                KEY,
                format!("Keysize is {}, it must be 1024, 2048 or 4096", size.value),
            )
            .severity(severity)
            .help("write 2048")
            .unsafe_replace("write <integer>2048</integer>", 2048),
        );
    }
}
