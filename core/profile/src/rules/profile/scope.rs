//! `profile.scope-value` and `profile.scope-in-payload`.

use crate::rules::prelude::*;

const KEY: &str = "PayloadScope";

pub(super) static VALUE: Rule = Rule {
    code: Code::new("profile.scope-value"),
    level: Level::Error,
    title: "PayloadScope is neither System nor User",
    what: prose(
        "PayloadScope has another value than System or User. A difference in case only is a warning: a profile signed by \
           Apple has it.",
    ),
    why: prose(
        "macOS installs the profile for the computer or for the user by this word, and does not know others.",
    ),
    mend: prose("Write System, or User, or leave the key out: User is what a missing one means."),
    source: "Apple device-management schema: TopLevel, PayloadScope",
    check: Check::Profile(value),
};

pub(super) static IN_PAYLOAD: Rule = Rule {
    code: Code::new("profile.scope-in-payload"),
    level: Level::Warning,
    title: "PayloadScope stands inside a payload",
    what: prose("A payload has the key PayloadScope, which belongs to the profile."),
    why: prose("It is ignored there: the profile is installed by the PayloadScope at its top."),
    mend: prose("Move the key to the top of the file, beside PayloadContent."),
    source: "Apple device-management schema: PayloadScope is a key of TopLevel only",
    check: Check::Profile(in_payload),
};

fn value(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    let Some(scope) = root.str(KEY).filter(|scope| !["System", "User"].contains(&scope.value)) else {
        return;
    };
    let near = ["System", "User"].into_iter().find(|word| word.eq_ignore_ascii_case(scope.value.trim()));
    out.say(match near {
        Some(word) => Finding::value(root, KEY, "PayloadScope is written in the wrong case")
            .severity(Severity::Warning)
            .help(format!("write {word}"))
            .safe_replace(format!("write {word}"), word),
        None => Finding::value(root, KEY, "PayloadScope must be System or User").help("write System or User"),
    });
}

fn in_payload(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    for payload in cx.profile.payloads().iter().filter(|payload| payload.section.has(KEY)) {
        let finding = Finding::key(&payload.section, KEY, "PayloadScope has no effect inside a payload")
            .help("it belongs to the top of the file, beside PayloadContent");
        let path = finding.steps();
        out.say(if root.has(KEY) {
            finding.safe_remove("remove it")
        } else {
            finding.fix(Fix::not_safe("move it to the top", Change::Move { path, to: root.path().steps() }))
        });
    }
}
