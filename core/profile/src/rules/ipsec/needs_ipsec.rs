//! `l2tp.needs-ipsec`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("l2tp.needs-ipsec"),
    level: Level::Error,
    title: "L2TP without its IPSec dictionary",
    what: prose("VPNType is L2TP and the payload has no IPSec dictionary."),
    why: prose(
        "L2TP does not encrypt. The IPSec dictionary holds the shared secret or the certificate of the IPsec connection \
          around it; without it the payload is refused, or no connection is made.",
    ),
    mend: prose("Add IPSec with AuthenticationMethod and SharedSecret (as data) or PayloadCertificateUUID."),
    source: "Apple device-management schema: IPSec.AuthenticationMethod (for L2TP and Cisco IPSec)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in cx.vpns.iter().filter(|vpn| vpn.kind == Some("L2TP") && !vpn.section().has("IPSec")) {
        out.say(
            Finding::value(
                vpn.section(),
                "IPSec",
                "VPNType is L2TP, but the payload has no IPSec dictionary",
            )
            .help("add IPSec with the shared secret of the server"),
        );
    }
}
