//! `comment.unknown-rule`, which [`crate::rules::suppress`] says.

use crate::rules::prelude::*;

pub(in crate::rules) static UNKNOWN_RULE: Rule = Rule {
    code: Code::new("comment.unknown-rule"),
    level: Level::Warning,
    title: "A comment is to silence what is no rule",
    what: prose(
        "A comment `adit:ignore` names something that is neither a rule's code nor a family of rules, or nothing at all, or a \
           rule about the form of the file, which no comment silences; or a comment begins with `adit:` and goes on with \
           something else than `ignore`.",
    ),
    why: prose(
        "Devices pass over comments. But whoever wrote this one believes that a finding is silenced, or silenced a rule that \
          has another name, and nothing is.",
    ),
    mend: prose(
        "Correct the code: `adit rules` lists them. A reason stands behind a colon, as in \
           `adit:ignore secret.plaintext: a test server`. What is about the form of the file can be left out with --ignore.",
    ),
    source: "Own judgement, as other linters have it",
    check: Check::Reader,
};
