//! `profile.consent-no-default`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("profile.consent-no-default"),
    level: Level::Notice,
    title: "ConsentText has no text for other languages",
    what: prose("The dictionary ConsentText holds texts for some languages, and none under the key default."),
    why: prose(
        "On a device in a language that is not listed no text is shown, and the user agrees to nothing.",
    ),
    mend: prose("Add the key default with the text in the language most of your users read."),
    source: "Apple device-management schema: TopLevel, ConsentText",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(consent) = cx.profile.root().sub("ConsentText") else { return };
    if !consent.has("default") {
        let finding = Finding::section(&consent, "ConsentText has no entry `default`");
        out.say(finding.help("add one: it is shown where no other language matches"));
    }
}
