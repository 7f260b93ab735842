//! `ipsec.localid-with-cert`, `ipsec.hybrid` and `l2tp.localid-type`.

use super::frame::{GROUP, Method, cisco, dictionaries, is_hybrid, method};
use crate::rules::prelude::*;

const KIND: &str = "LocalIdentifierType";

pub(super) static WITH_CERTIFICATE: Rule = Rule {
    code: Code::new("ipsec.localid-with-cert"),
    level: Level::Warning,
    title: "A group name beside a certificate",
    what: prose(
        "LocalIdentifier or LocalIdentifierType stands in an IPSec dictionary whose AuthenticationMethod is Certificate.",
    ),
    why: prose(
        "They name a group and its shared secret. With a certificate the identity is the certificate's, and the keys are \
          passed over.",
    ),
    mend: prose("Remove both keys. When the server wants a group name, its method is SharedSecret."),
    source: "Apple device-management schema: IPSec.LocalIdentifier and LocalIdentifierType (only with SharedSecret)",
    check: Check::Profile(with_certificate),
};

fn with_certificate(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, ipsec) in dictionaries(cx).filter(|(_, ipsec)| method(ipsec) == Some(Method::Certificate)) {
        for key in [GROUP, KIND] {
            if ipsec.is_filled(key) {
                out.say(
                    Finding::key(
                        &ipsec,
                        key,
                        format!("{key} is passed over with AuthenticationMethod Certificate"),
                    )
                    .help("remove it, or choose SharedSecret")
                    .unsafe_remove(format!("remove {key}")),
                );
            }
        }
    }
}

pub(super) static HYBRID: Rule = Rule {
    code: Code::new("ipsec.hybrid"),
    level: Level::Notice,
    title: "The group name asks for hybrid authentication",
    what: prose("LocalIdentifier of a Cisco IPSec connection ends in `hybrid`."),
    why: prose(
        "The ending is a switch: the server then proves itself with a certificate, and the user by name and password. A \
          group that merely happens to be called so does not connect.",
    ),
    mend: prose(
        "When hybrid authentication is meant, make sure that the device trusts the server's CA. Else rename the group on \
           the server.",
    ),
    source: "Apple device-management schema: IPSec.LocalIdentifier",
    check: Check::Profile(hybrid),
};

fn hybrid(cx: &Context<'_>, out: &mut Sink<'_>) {
    for ipsec in cisco(cx).filter(|ipsec| is_hybrid(ipsec) && method(ipsec) == Some(Method::SharedSecret)) {
        out.say(
            Finding::value(
                ipsec,
                GROUP,
                "a LocalIdentifier that ends in `hybrid` switches to hybrid authentication",
            )
            .help("the server proves itself with a certificate then: the device must trust its CA"),
        );
    }
}

pub(super) static L2TP_GROUP: Rule = Rule {
    code: Code::new("l2tp.localid-type"),
    level: Level::Notice,
    title: "L2TP knows no groups",
    what: prose(
        "The IPSec dictionary of an L2TP connection has LocalIdentifierType KeyID with a LocalIdentifier. \
           LocalIdentifierType alone is what tools write, and right.",
    ),
    why: prose(
        "LocalIdentifier is the group name of Cisco IPSec. An L2TP server knows its clients by address and shared secret; \
          one that is sent a key identifier may find no secret for it.",
    ),
    mend: prose("Remove LocalIdentifier unless the server is set up for it."),
    source: "Apple device-management schema: IPSec.LocalIdentifier (Cisco IPSec), LocalIdentifierType (L2TP too)",
    check: Check::Profile(l2tp_group),
};

fn l2tp_group(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, ipsec) in dictionaries(cx).filter(|(vpn, _)| vpn.kind == Some("L2TP")) {
        let key_id = ipsec.str(KIND).is_some_and(|kind| kind.value == "KeyID");
        if key_id && ipsec.is_filled(GROUP) && method(&ipsec) == Some(Method::SharedSecret) {
            out.say(
                Finding::key(&ipsec, GROUP, "LocalIdentifier is a group name, which L2TP does not have")
                    .help("remove it unless the server asks for it")
                    .related(ipsec.span_of(KIND), "its type")
                    .unsafe_remove("remove LocalIdentifier"),
            );
        }
    }
}
