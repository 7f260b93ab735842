//! `container.bad-base64`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("container.bad-base64"),
    level: Level::Error,
    title: "<data> is not Base64",
    what: prose(
        "The text of a <data> element holds a character that is not ASCII, or none at all. A stray ASCII character, and \
           an incomplete end, which Apple's parser passes over, are a warning.",
    ),
    why: prose(
        "The device refuses the file, or gets other bytes than were meant: a certificate that does not open.",
    ),
    mend: prose(
        "Write the Base64 text again, without quotes and headers, padded with = to a multiple of four.",
    ),
    source: "RFC 4648 section 4; CoreFoundation's parser",
    check: Check::Reader,
};
