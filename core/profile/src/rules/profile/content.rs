//! `profile.content-missing`, `profile.content-not-array` and `profile.content-empty`.

use crate::model::is_encrypted;
use crate::rules::prelude::*;

const KEY: &str = "PayloadContent";

pub(super) static MISSING: Rule = Rule {
    code: Code::new("profile.content-missing"),
    level: Level::Error,
    title: "The profile has no PayloadContent",
    what: prose(
        "PayloadContent, the array of payloads, is missing, and the profile is not encrypted. Where the whole profile \
           stands inside a single key of an outer dictionary, as an editor shows Apple's Wi-Fi sample, this is a warning.",
    ),
    why: prose(
        "A device looks for PayloadContent at the top of the file. Without it there is nothing to install.",
    ),
    mend: prose(
        "Add PayloadContent with an array of payloads, or take the profile out of the dictionary around it.",
    ),
    source: "Apple device-management schema: TopLevel, PayloadContent (required)",
    check: Check::Profile(missing),
};

pub(super) static NOT_ARRAY: Rule = Rule {
    code: Code::new("profile.content-not-array"),
    level: Level::Error,
    title: "PayloadContent is not an array",
    what: prose(
        "PayloadContent is a dictionary, as older tools wrote a single payload, or something else than an array.",
    ),
    why: prose("A device expects an array of dictionaries and refuses the profile."),
    mend: prose("Put the payload's <dict> into an <array>."),
    source: "Apple device-management schema: TopLevel, PayloadContent (array); seen in profiles in use",
    check: Check::Profile(not_array),
};

pub(super) static EMPTY: Rule = Rule {
    code: Code::new("profile.content-empty"),
    level: Level::Warning,
    title: "The profile has no payloads",
    what: prose("PayloadContent is an empty array."),
    why: prose("The profile installs, and does nothing."),
    mend: prose("Add a payload, or do not distribute the profile."),
    source: "Own judgement",
    check: Check::Profile(empty),
};

fn missing(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    if !root.path().steps().is_empty() {
        let message = format!(
            "the profile stands inside the key `{}`: a device looks for its keys at the top",
            root.path()
        );
        let help = "take its dictionary out of the one around it";
        out.say(Finding::section(root, message).help(help).severity(Severity::Warning));
    } else if !is_encrypted(root) && !root.has(KEY) && super::is_whole(cx) {
        let help = "its payloads stand in an array of this name";
        out.say(Finding::value(root, KEY, "the profile has no PayloadContent").help(help));
    }
}

fn not_array(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    let Some(content) = root.node(KEY).filter(|_| !is_encrypted(root)) else { return };
    match &content.value {
        Value::Array(_) | Value::Invalid => {}
        Value::Dict(_) => {
            let message = "PayloadContent is a dictionary, it must be an array of payloads";
            let finding = Finding::value(root, KEY, message).help("put the dictionary into an <array>");
            let change = Change::Wrap { path: finding.steps() };
            out.say(finding.fix(Fix::safe("put it into an array", change)));
        }
        other => {
            let message = format!("PayloadContent must be an array, it is {}", other.describe());
            out.say(Finding::value(root, KEY, message).help("its payloads stand in an array"));
        }
    }
}

fn empty(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    if root.node(KEY).and_then(Node::as_array).is_some_and(<[Node]>::is_empty) && !is_encrypted(root) {
        let finding = Finding::value(root, KEY, "the profile has no payloads");
        out.say(finding.help("add one, or remove the profile"));
    }
}
