//! `container.cms-malformed` and `container.signed-not-read`.

use crate::rules::prelude::*;

pub(super) static MALFORMED: Rule = Rule {
    code: Code::new("container.cms-malformed"),
    level: Level::Error,
    title: "The signed data is damaged",
    what: prose("The file begins as CMS signed data, and its ASN.1 cannot be read to the end."),
    why: prose("A device cannot open the profile inside."),
    mend: prose("Get the file again in binary mode, or sign the profile again."),
    source: "RFC 5652 section 5.1",
    check: Check::Reader,
};

pub(super) static NOT_READ: Rule = Rule {
    code: Code::new("container.signed-not-read"),
    level: Level::Error,
    title: "The profile is encrypted for a device",
    what: prose("The file is CMS enveloped data: the whole profile is encrypted."),
    why: prose("Only the device it was made for can open it, so nothing can be said of what is inside."),
    mend: prose("Check the profile before it is encrypted."),
    source: "RFC 5652 section 6.1",
    check: Check::Reader,
};
