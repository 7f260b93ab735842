//! `payload.not-dict`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("payload.not-dict"),
    level: Level::Error,
    title: "A payload is not a dictionary",
    what: prose("An element of PayloadContent is something else than a dictionary."),
    why: prose("A device refuses the whole profile."),
    mend: prose("Write each payload as a <dict> with its keys, and remove everything else from the array."),
    source: "Apple device-management schema: TopLevel, PayloadContent (array of dictionaries)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for element in cx.profile.root().list("PayloadContent") {
        if !matches!(element.node.value, Value::Dict(_) | Value::Invalid) {
            let message =
                format!("a payload must be a dictionary, this one is {}", element.node.value.describe());
            out.say(Finding::element(&element, message).help("each element of PayloadContent is a <dict>"));
        }
    }
}
