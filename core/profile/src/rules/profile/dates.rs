//! `profile.removal-date-past` and `profile.expiration-past`.

use crate::rules::prelude::*;

pub(super) static REMOVAL: Rule = Rule {
    code: Code::new("profile.removal-date-past"),
    level: Level::Warning,
    title: "The profile removes itself at once",
    what: prose("RemovalDate lies before the time of checking."),
    why: prose("The device removes the profile on that day: it does not stay, or is not installed at all."),
    mend: prose("Write a later date, or leave the key out."),
    source: "Apple device-management schema: TopLevel, RemovalDate",
    check: Check::Profile(removal),
};

pub(super) static EXPIRATION: Rule = Rule {
    code: Code::new("profile.expiration-past"),
    level: Level::Warning,
    title: "The profile has expired",
    what: prose("PayloadExpirationDate lies before the time of checking."),
    why: prose(
        "The profile counts as expired: a device that got it over the air asks for a new one and shows it as expired.",
    ),
    mend: prose("Write a later date, or get the profile anew from where it comes from."),
    source: "Apple device-management schema: TopLevel, PayloadExpirationDate",
    check: Check::Profile(expiration),
};

fn removal(cx: &Context<'_>, out: &mut Sink<'_>) {
    past(cx, "RemovalDate", "the profile is to be removed", out);
}

fn expiration(cx: &Context<'_>, out: &mut Sink<'_>) {
    past(cx, "PayloadExpirationDate", "the profile expired", out);
}

fn past(cx: &Context<'_>, key: &str, what: &str, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    let (Some(now), Some(Value::Date(date))) = (cx.options.at, root.node(key).map(|node| &node.value)) else {
        return;
    };
    if *date < now {
        let message = format!("{what} on {date}, which is past");
        out.say(Finding::value(root, key, message).help("write a later date, or remove the key"));
    }
}
