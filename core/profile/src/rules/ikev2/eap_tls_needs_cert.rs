//! `ikev2.eap-tls-needs-cert`.

use crate::rules::prelude::*;

const KEY: &str = "PayloadCertificateUUID";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.eap-tls-needs-cert"),
    level: Level::Notice,
    title: "EAP with an identity and no password is EAP-TLS",
    what: prose("ExtendedAuthEnabled is 1, PayloadCertificateUUID is there, and AuthPassword is not."),
    why: prose(
        "The device proves itself by EAP-TLS with that identity; no other switch says so. The server must offer EAP-TLS, and \
          the identity's certificate must be good for client authentication.",
    ),
    mend: prose(
        "Nothing, if EAP-TLS is meant. For name and password add AuthPassword and remove PayloadCertificateUUID; for a \
           plain certificate set ExtendedAuthEnabled to 0 and AuthenticationMethod to Certificate.",
    ),
    source: "Apple documentation of the VPN payload: IKEv2.PayloadCertificateUUID, IKEv2.ExtendedAuthEnabled",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.uses_eap()) {
        if tunnel.holds(KEY) && !tunnel.holds("AuthPassword") {
            out.say(
                Finding::value(&tunnel.settings, KEY, "EAP with this identity and no password is EAP-TLS")
                    .help("the server must offer EAP-TLS"),
            );
        }
    }
}
