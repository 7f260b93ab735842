//! `container.plist-structure` and `container.duplicate-key`.

use crate::rules::prelude::*;

pub(super) static STRUCTURE: Rule = Rule {
    code: Code::new("container.plist-structure"),
    level: Level::Error,
    title: "The elements are no property list",
    what: prose(
        "A <key> has no value, a value has no <key>, an element is none that property lists have, <plist> is empty or \
           holds two values, or the root is not a dictionary.",
    ),
    why: prose("Apple's parser refuses the file, or a device refuses what it read."),
    mend: prose(
        "In <dict> write pairs of <key> and a value; everywhere use only dict, array, string, integer, real, true, false, \
           date and data.",
    ),
    source: "Apple property list DTD; CoreFoundation's parser",
    check: Check::Reader,
};

pub(super) static DUPLICATE_KEY: Rule = Rule {
    code: Code::new("container.duplicate-key"),
    level: Level::Error,
    title: "A key stands twice in one dictionary",
    what: prose("A dictionary has the same key twice."),
    why: prose(
        "Apple's parser takes the last one, others the first: what was checked before is not what the device does.",
    ),
    mend: prose("Remove one of the two."),
    source: "Own judgement",
    check: Check::Reader,
};
