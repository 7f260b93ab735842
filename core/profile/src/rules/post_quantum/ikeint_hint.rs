//! `pq.ikeint-hint`.

use super::{METHODS, lists};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("pq.ikeint-hint"),
    level: Level::Notice,
    title: "ML-KEM-1024 needs IKE fragmentation on the server",
    what: prose("PostQuantumKeyExchangeMethods of the IKE security association has 37 (ML-KEM-1024)."),
    why: prose(
        "Its public key has 1568 bytes, more than a packet of 1280 to 1500 bytes holds, so the IKE_INTERMEDIATE exchange \
          travels in IKE fragments. A server, or a firewall before it, without RFC 7383 lets the connection hang there.",
    ),
    mend: prose(
        "Switch IKE fragmentation on at the server (strongSwan: fragmentation = yes), or use 36 (ML-KEM-768), whose key \
           has 1184 bytes.",
    ),
    source: "RFC 9242 section 3; RFC 9370 section 2.2.2; RFC 7383; FIPS 203 table 3",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        for section in lists(tunnel)
            .filter(|section| tunnel.ike.as_ref().is_some_and(|ike| ike.span() == section.span()))
        {
            let large =
                section.list(METHODS).into_iter().find(|it| it.int().is_some_and(|it| it.value == 37));
            if let Some(large) = large {
                let message =
                    "the key of ML-KEM-1024 (37) does not fit one packet: the server needs IKE fragmentation";
                out.say(
                    Finding::element(&large, message).help("switch on RFC 7383 fragmentation at the server"),
                );
            }
        }
    }
}
