//! `pq.empty`.

use super::{METHODS, lists};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("pq.empty"),
    level: Level::Warning,
    title: "An empty list of additional key exchanges",
    what: prose("PostQuantumKeyExchangeMethods is an empty array."),
    why: prose(
        "It is the same as no list: no additional key exchange is proposed, and the tunnel is not protected against a \
          later quantum computer, which was most likely meant.",
    ),
    mend: prose("Add 36 (ML-KEM-768) or 37 (ML-KEM-1024), or remove the key."),
    source: "Own judgement; RFC 9370",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in cx.tunnels.iter().flat_map(lists) {
        if section.list(METHODS).is_empty() {
            out.say(
                Finding::value(
                    section,
                    METHODS,
                    "PostQuantumKeyExchangeMethods is empty: nothing is proposed",
                )
                .help("add 36 (ML-KEM-768) or 37 (ML-KEM-1024), or remove the key")
                .safe_remove("remove the empty list"),
            );
        }
    }
}
