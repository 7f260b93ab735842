//! `profile.name-missing`.

use crate::gather::Gather as _;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("profile.name-missing"),
    level: Level::Notice,
    title: "The profile does not say what it is or whose",
    what: prose("PayloadDisplayName or PayloadOrganization is missing at the top of the file, or empty."),
    why: prose(
        "They are what the installer shows: without a name it shows the identifier, without an organization nothing. Users \
          are asked to trust a profile they cannot place.",
    ),
    mend: prose("Add both keys with words that users know."),
    source: "Apple device-management schema: TopLevel, PayloadDisplayName and PayloadOrganization (optional)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    let lacks = |key: &str| !root.has(key) || root.str(key).is_some_and(|text| text.value.trim().is_empty());
    let missing: Vec<&str> =
        ["PayloadDisplayName", "PayloadOrganization"].into_iter().filter(|key| lacks(key)).gather();
    if let [first, ..] = missing.as_slice() {
        let message = format!("the profile has no {}", missing.join(" and no "));
        out.say(Finding::value(root, first, message).help("the installer shows it to the user"));
    }
}
