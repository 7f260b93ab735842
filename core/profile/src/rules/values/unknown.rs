//! `key.unknown`.

use crate::model::UnknownKey;
use crate::rules::nearest::nearest;
use crate::rules::prelude::*;
use crate::template::{Strictness, is_placeholder};

pub(super) static RULE: Rule = Rule {
    code: Code::new("key.unknown"),
    level: Level::Warning,
    title: "A key that Apple's schema does not know",
    what: prose(
        "A dictionary has a key that the schema does not list for it, nor anywhere else in the payload. A key that some \
           other payload has is a notice.",
    ),
    why: prose(
        "A device ignores it. Most often it is a slip of the key that was meant, which then is missing.",
    ),
    mend: prose("Check the spelling, letter by letter and in its case, or remove the key."),
    source: "Apple device-management schema: keys of each dictionary",
    check: Check::Profile(check),
};

/// Keys of profiles in use, Apple's own signed ones among them, that no schema lists: the first says whether a payload is
/// on, the second that the device should be restarted.
const LEGACY: [&str; 2] = ["PayloadEnabled", "PayloadRebootSuggested"];

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for unknown in &cx.fields.unknown {
        let name = unknown.entry.key.text.as_str();
        if LEGACY.contains(&name)
            || is_placeholder(name, Strictness::Plain)
            || super::misplaced::is_known_elsewhere(cx, unknown)
        {
            continue;
        }
        let shown = crate::syntax::shorten(name);
        let message = format!("`{shown}` is not a key of this dictionary");
        let finding = Finding::at(unknown.entry.key.span, unknown.section.path_of(name), message);
        let near = nearest(name, candidates(unknown), 2).filter(|near| !unknown.section.has(near));
        out.say(match near {
            Some(near) => {
                let change = Change::Rename { path: finding.steps(), name: near.to_owned() };
                let help = format!("it is ignored; did you mean {near}?");
                finding.help(help).fix(Fix::not_safe(format!("rename it to {near}"), change))
            }
            None if schema::payloads().iter().any(|other| other.keys.iter().any(|key| key.name == name)) => {
                let finding = finding.severity(Severity::Notice);
                finding.help("it is ignored here: it is a key of another kind of payload")
            }
            None => finding.help("it is ignored: check the spelling, or remove it"),
        });
    }
}

/// The keys its dictionary may have; in a payload the common ones too.
fn candidates<'u>(unknown: &'u UnknownKey<'_>) -> impl Iterator<Item = &'static str> + 'u {
    let common = schema::payload("CommonPayloadKeys").map_or(&[][..], |common| common.keys);
    let in_payload = unknown.payload.is_some() && unknown.section.has("PayloadType");
    let common = if in_payload { common } else { &[] };
    unknown.known.iter().chain(common).map(|key| key.name).filter(|name| *name != "ANY" && *name != "[]")
}
