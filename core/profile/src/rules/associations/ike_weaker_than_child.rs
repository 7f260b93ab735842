//! `sa.ike-weaker-than-child`.

use crate::rules::prelude::*;

use super::{order, weak};

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.ike-weaker-than-child"),
    level: Level::Warning,
    title: "The IKE SA has a weaker cipher than its Child SAs",
    what: prose(
        "After defaults and inheritance the cipher of the IKE SA is weaker than that of its Child SAs. With \
           EnforceStrictAlgorithmSelection 1 it is sa.strict-order.",
    ),
    why: prose(
        "The IKE SA negotiates the keys of the Child SAs, so their stronger cipher protects no better than the weaker one.",
    ),
    mend: prose("Give the IKE SA a cipher at least as strong as the child's."),
    source: "own judgement, after IKEv2.EnforceStrictAlgorithmSelection in Apple's schema; RFC 7296 section 2.17",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| !weak::is_strict(tunnel)) {
        if let Some(finding) = order::weaker_than_child(tunnel) {
            out.say(finding);
        }
    }
}
