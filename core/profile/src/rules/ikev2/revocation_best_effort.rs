//! `ikev2.revocation-best-effort`.

use crate::rules::prelude::*;

const KEY: &str = "EnableCertificateRevocationCheck";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.revocation-best-effort"),
    level: Level::Notice,
    title: "The revocation check fails only on a clear answer",
    what: prose("EnableCertificateRevocationCheck is 1."),
    why: prose(
        "The check is best effort: when the CA's service does not answer in time the certificate counts as good. It helps \
          against a certificate that is known to be revoked, not against an attacker who blocks the answer.",
    ),
    mend: prose("Nothing; do not count on it alone. Short-lived server certificates do not need it."),
    source: "Apple documentation of the VPN payload: IKEv2.EnableCertificateRevocationCheck",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.settings.is_on(KEY)) {
        let message = "the revocation check is best effort: no answer in time counts as a good certificate";
        out.say(Finding::value(&tunnel.settings, KEY, message).help("do not count on it alone"));
    }
}
