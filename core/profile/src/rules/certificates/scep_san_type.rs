//! `scep.san-type`.

use super::scep;
use crate::rules::prelude::*;

const KEY: &str = "ntPrincipalName";

pub(super) static RULE: Rule = Rule {
    code: Code::new("scep.san-type"),
    level: Level::Error,
    title: "The NT principal name of a SCEP request is an array",
    what: prose(
        "SubjectAltName.ntPrincipalName of a com.apple.security.scep payload is an array. The other names of \
           SubjectAltName may be a string or an array of strings; this one is a string.",
    ),
    why: prose(
        "The device cannot make the request out of it, so no certificate is issued and the profile is not installed.",
    ),
    mend: prose("Write the one name as a string."),
    source: "Apple device-management schema, errata of 18.1: com.apple.security.scep, SubjectAltName",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for settings in scep(cx) {
        let Some(names) = settings.sub("SubjectAltName") else { continue };
        if names.node(KEY).and_then(Node::as_array).is_none() {
            continue;
        }
        let finding = Finding::value(&names, KEY, "ntPrincipalName is an array, it must be a string")
            .help("write the one name as <string>");
        out.say(match names.strings(KEY).as_slice() {
            [one] if names.list(KEY).len() == 1 => finding.safe_replace("write the string itself", one.value),
            _ => finding,
        });
    }
}
