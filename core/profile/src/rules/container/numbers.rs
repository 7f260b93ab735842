//! `container.bad-integer` and `container.bad-real`.

use crate::rules::prelude::*;

pub(super) static INTEGER: Rule = Rule {
    code: Code::new("container.bad-integer"),
    level: Level::Error,
    title: "<integer> is not an integer",
    what: prose(
        "The text of an <integer> element is empty, holds something that is no digit, or is too large for 64 bits.",
    ),
    why: prose("Apple's parser refuses the whole file."),
    mend: prose(
        "Write decimal digits only, perhaps with a sign before them, and no white space behind them.",
    ),
    source: "CoreFoundation's parser",
    check: Check::Reader,
};

pub(super) static REAL: Rule = Rule {
    code: Code::new("container.bad-real"),
    level: Level::Error,
    title: "<real> is not a number",
    what: prose("The text of a <real> element is no number."),
    why: prose("Apple's parser refuses the whole file."),
    mend: prose("Write digits with a point, such as 1.5."),
    source: "CoreFoundation's parser",
    check: Check::Reader,
};
