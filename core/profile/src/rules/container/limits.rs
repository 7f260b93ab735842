//! `container.too-deep` and `container.too-large`.

use crate::rules::prelude::*;

pub(super) static TOO_DEEP: Rule = Rule {
    code: Code::new("container.too-deep"),
    level: Level::Error,
    title: "Too many dictionaries and arrays inside one another",
    what: prose("The file nests dictionaries and arrays deeper than the limit, 128 levels."),
    why: prose("An iPhone refuses such a file, and a reader without a limit may run out of stack."),
    mend: prose("No profile needs such depth: look at what made the file."),
    source: "CoreFoundation's parser (128 levels on a phone); own judgement",
    check: Check::Reader,
};

pub(super) static TOO_LARGE: Rule = Rule {
    code: Code::new("container.too-large"),
    level: Level::Error,
    title: "The file is too large",
    what: prose(
        "The file has more bytes than the limit (16 MiB), more values (262144), or, where it is signed, more \
           certificates and signers than any signed profile has.",
    ),
    why: prose("No profile is of this size, and judging one would cost more than it is worth."),
    mend: prose("Look at what made the file. Split what is in it over several profiles."),
    source: "Own judgement",
    check: Check::Reader,
};
