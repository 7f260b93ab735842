//! `pq.repeat`.

use super::{METHODS, lists, name};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("pq.repeat"),
    level: Level::Warning,
    title: "The same additional key exchange twice",
    what: prose("PostQuantumKeyExchangeMethods names 36 or 37 more than once."),
    why: prose(
        "Each element is a key exchange of its own, one after the other, so the same method would be run again: it costs \
          a round trip of about a kilobyte or more each way and adds no strength. The responder must choose different \
          methods for each round and refuses the proposal when it cannot.",
    ),
    mend: prose("Name each method once; the order is the order of the exchanges."),
    source: "RFC 9370 section 2.2.1; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in cx.tunnels.iter().flat_map(lists) {
        let methods = section.list(METHODS);
        for known in [36, 37] {
            let mut same = methods.iter().filter(|element| element.int().is_some_and(|it| it.value == known));
            let (Some(first), Some(second)) = (same.next(), same.next()) else { continue };
            let message = format!("{known} ({}) stands in the list twice", name(known));
            out.say(
                Finding::element(second, message)
                    .help("name each method once")
                    .related(first.node.span, "the first time")
                    .unsafe_remove("remove the second"),
            );
        }
    }
}
