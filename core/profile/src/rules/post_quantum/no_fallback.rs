//! `pq.no-fallback`.

use super::{FALLBACK, METHODS, has_method};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("pq.no-fallback"),
    level: Level::Notice,
    title: "Servers without post-quantum support are refused",
    what: prose(
        "The IKE security association has PostQuantumKeyExchangeMethods, and AllowPostQuantumKeyExchangeFallback is 0 or \
           missing.",
    ),
    why: prose(
        "The device then proposes only suites with additional key exchanges. A server without RFC 9370 answers \
          NO_PROPOSAL_CHOSEN, and the tunnel does not come up. That is the safe choice where every server is known.",
    ),
    mend: prose(
        "Nothing, if all servers know the methods. Otherwise set AllowPostQuantumKeyExchangeFallback to 1.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed, IKEv2.AllowPostQuantumKeyExchangeFallback (default 0); \
             RFC 9370 section 2.2.1",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let Some(ike) = tunnel.ike.as_ref().filter(|ike| has_method(ike)) else { continue };
        // A value that is no flag is told elsewhere.
        let unclear = tunnel.settings.has(FALLBACK) && tunnel.settings.switch(FALLBACK).is_none();
        if unclear || tunnel.settings.is_on(FALLBACK) {
            continue;
        }
        out.say(
            Finding::key(ike, METHODS, "a server without these post-quantum methods is refused")
                .help("set AllowPostQuantumKeyExchangeFallback to 1 if some servers lack them"),
        );
    }
}
