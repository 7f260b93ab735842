//! `pq.too-many`.

use super::{METHODS, lists};
use crate::rules::prelude::*;

/// ADDKE1 to ADDKE7.
const MOST: usize = 7;

pub(super) static RULE: Rule = Rule {
    code: Code::new("pq.too-many"),
    level: Level::Error,
    title: "More than seven additional key exchanges",
    what: prose(
        "PostQuantumKeyExchangeMethods has more than seven elements. Each element is one additional key exchange, the \
           first is ADDKE1.",
    ),
    why: prose(
        "IKEv2 has seven kinds of transform for additional key exchanges. A system rejects the payload.",
    ),
    mend: prose("Keep at most seven; one or two are what servers take."),
    source: "Apple device-management schema: com.apple.vpn.managed, PostQuantumKeyExchangeMethods; RFC 9370 section 2.2.1",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in cx.tunnels.iter().flat_map(lists) {
        let count = section.list(METHODS).len();
        if count > MOST {
            let message = format!("{count} post-quantum methods, at most {MOST} can be used");
            out.say(Finding::value(section, METHODS, message).help("remove some"));
        }
    }
}
