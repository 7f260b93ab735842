//! `container.bad-date`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("container.bad-date"),
    level: Level::Error,
    title: "<date> is not a date",
    what: prose(
        "The text of a <date> element is not of the form 2026-01-31T12:00:00Z. A date of this form that is no day of the \
           calendar is a warning.",
    ),
    why: prose("Apple's parser refuses the whole file, or takes some other day."),
    mend: prose("Write the date in UTC, in this form, with the letter Z at its end."),
    source: "CoreFoundation's parser; ISO 8601",
    check: Check::Reader,
};
