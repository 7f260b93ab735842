//! `container.xml-malformed`, `container.xml-leading-junk` and `container.entity-expansion`.

use crate::rules::prelude::*;

pub(super) static MALFORMED: Rule = Rule {
    code: Code::new("container.xml-malformed"),
    level: Level::Error,
    title: "The XML is not well-formed",
    what: prose(
        "An element is not closed or closed by another name, a & or < stands unescaped in text, text stands where only \
           elements may, or bytes are not of the file's encoding. What Apple's parser takes and strict XML parsers refuse, \
           such as -- in a comment or text after the end, is a warning.",
    ),
    why: prose(
        "Apple's parser stops at the first such place, and the device says no more than that the profile is invalid.",
    ),
    mend: prose("Mend the place that is pointed at. In text write &amp; for & and &lt; for <."),
    source: "XML 1.0; CoreFoundation's parser (swift-corelibs-foundation, CFPropertyList.c); fleetdm/fleet issue 40074",
    check: Check::Reader,
};

pub(super) static LEADING_JUNK: Rule = Rule {
    code: Code::new("container.xml-leading-junk"),
    level: Level::Warning,
    title: "Something stands before the XML declaration",
    what: prose("White space, a comment or another tag stands before <?xml … ?>."),
    why: prose(
        "XML allows nothing before its declaration. Apple's parser takes white space and comments, others refuse the file.",
    ),
    mend: prose("Remove everything before <?xml."),
    source: "XML 1.0 section 2.8; seen in profiles in use",
    check: Check::Reader,
};

pub(super) static ENTITIES: Rule = Rule {
    code: Code::new("container.entity-expansion"),
    level: Level::Error,
    title: "The document type has declarations of its own",
    what: prose("<!DOCTYPE … [ … ]> declares entities or something else of its own."),
    why: prose(
        "Entities can make a small file enormous or fetch other files. Apple's parser refuses them; Adit never expands one \
          and never fetches anything.",
    ),
    mend: prose("Remove everything from [ to ], and write the text itself where an entity stood."),
    source: "XML 1.0 section 4; CoreFoundation's parser; own judgement",
    check: Check::Reader,
};
