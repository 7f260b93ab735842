//! What a profile asks of this build rather than what is wrong with it: said when a tunnel is planned
//! ([`crate::ikev2::requirements`]), never by `adit validate`.

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[&NOT_OBEYED, &UNSUPPORTED, &CHOICE];

/// A key that is read and not acted on.
pub(crate) static NOT_OBEYED: Rule = Rule {
    code: Code::new("plan.not-obeyed"),
    level: Level::Warning,
    title: "A key that this build does not act on",
    what: prose(
        "The profile has a key that Apple's systems act on and this build does not, and the tunnel works without it.",
    ),
    why: prose(
        "The connection comes up, but does not do all that the profile asks: a rule, a timer or a route is missing.",
    ),
    mend: prose(
        "Nothing in the profile. Decide whether the connection is good enough without it; the message says what happens \
           instead.",
    ),
    source: "this build's list of keys that are not obeyed yet",
    check: Check::Plan,
};

/// Something this build cannot do and must not leave out.
pub(crate) static UNSUPPORTED: Rule = Rule {
    code: Code::new("plan.unsupported"),
    level: Level::Error,
    title: "The profile asks for something that this build cannot do",
    what: prose(
        "The profile is sound, but asks for a VPN type, an algorithm, an authentication method or a protection that this \
           build does not have.",
    ),
    why: prose(
        "Going on without it would weaken the connection or keep it from coming up, so no tunnel is made.",
    ),
    mend: prose("The message names what is missing; where another value would do, it says which."),
    source: "this build's abilities",
    check: Check::Plan,
};

/// No VPN, or several.
pub(crate) static CHOICE: Rule = Rule {
    code: Code::new("plan.choice"),
    level: Level::Error,
    title: "No VPN payload, or several to choose from",
    what: prose(
        "The profile has no VPN payload, or several, and none was chosen; or the chosen one is not there.",
    ),
    why: prose("One tunnel is made of one payload."),
    mend: prose("Choose a payload by its place or its PayloadUUID (--payload)."),
    source: "this build's command line",
    check: Check::Plan,
};
