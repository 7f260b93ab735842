//! `container.unknown-format`, `container.binary-malformed` and `container.nskeyed-archive`.

use crate::rules::prelude::*;

pub(super) static UNKNOWN: Rule = Rule {
    code: Code::new("container.unknown-format"),
    level: Level::Error,
    title: "The file is no profile",
    what: prose(
        "The first bytes are neither those of an XML property list (a byte order mark, comments and white space may stand \
           before it), nor of a binary one (bplist0), nor of CMS signed data in DER, BER or PEM. A certificate or a PKCS#12 \
           file is told as what it is. The same is said of what was signed.",
    ),
    why: prose("A device opens property lists and signed property lists only."),
    mend: prose(
        "Check that this is the right file. A certificate is carried inside a profile, in a payload of its own.",
    ),
    source: "Own judgement, from the formats that Apple's parser takes",
    check: Check::Reader,
};

pub(super) static BINARY: Rule = Rule {
    code: Code::new("container.binary-malformed"),
    level: Level::Error,
    title: "The binary property list is damaged",
    what: prose(
        "The trailer, an offset, a length or a reference of the binary property list does not fit the file, or a \
           container holds itself.",
    ),
    why: prose(
        "Apple's parser refuses the whole file. What it takes all the same, but other readers refuse, is a warning.",
    ),
    mend: prose("Get the file again, or write it anew with plutil or adit show."),
    source: "CoreFoundation's binary property list reader (swift-corelibs-foundation, CFBinaryPList.c)",
    check: Check::Reader,
};

pub(super) static ARCHIVE: Rule = Rule {
    code: Code::new("container.nskeyed-archive"),
    level: Level::Error,
    title: "The file is an archive of objects",
    what: prose(
        "The property list is one that NSKeyedArchiver wrote: a dictionary with $archiver and $objects.",
    ),
    why: prose(
        "It holds a program's objects, not the keys of a profile. A device finds none of the keys it needs.",
    ),
    mend: prose("Export the profile from the program that saved the file."),
    source: "Own judgement",
    check: Check::Reader,
};
