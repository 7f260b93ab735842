//! `ppp.eap-single`, `ppp.token-vs-password` and `ppp.ccp`.

use super::frame::ppp;
use crate::rules::prelude::*;

pub(super) static EAP_SINGLE: Rule = Rule {
    code: Code::new("ppp.eap-single"),
    level: Level::Error,
    title: "More or less than one EAP method",
    what: prose(
        "AuthEAPPlugins or AuthProtocol of an L2TP connection is an array with no element, or with several.",
    ),
    why: prose(
        "Each is an array for history's sake and takes exactly one element: AuthProtocol EAP, and AuthEAPPlugins EAP-RSA, \
          EAP-TLS or EAP-KRB. Any other number is refused.",
    ),
    mend: prose("Leave one element, or remove the key for a password."),
    source: "Apple device-management schema, 27.0 seed: repetition of AuthEAPPlugins and AuthProtocol (one)",
    check: Check::Profile(eap_single),
};

fn eap_single(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in ppp(cx) {
        for key in ["AuthEAPPlugins", "AuthProtocol"] {
            let Some(count) = section.node(key).and_then(Node::as_array).map(<[Node]>::len) else { continue };
            if count != 1 {
                let finding =
                    Finding::value(section, key, format!("{key} has {count} elements, it must have one"));
                out.say(if count == 0 {
                    finding.help("remove it, or name the method").unsafe_remove(format!("remove {key}"))
                } else {
                    finding.help("leave the one that the server wants")
                });
            }
        }
    }
}

pub(super) static TOKEN_VS_PASSWORD: Rule = Rule {
    code: Code::new("ppp.token-vs-password"),
    level: Level::Warning,
    title: "A stored password beside a token card",
    what: prose("TokenCard is 1 and AuthPassword holds a password."),
    why: prose(
        "A token card shows a new code for each connection. A code that is stored in the profile is stale by the time the \
          profile is installed.",
    ),
    mend: prose("Remove AuthPassword, or set TokenCard to 0 when the password is a fixed one."),
    source: "Apple device-management schema: PPP.TokenCard and AuthPassword; own judgement",
    check: Check::Profile(token_vs_password),
};

fn token_vs_password(cx: &Context<'_>, out: &mut Sink<'_>) {
    const KEY: &str = "AuthPassword";
    for section in ppp(cx).filter(|section| section.is_on("TokenCard") && section.is_filled(KEY)) {
        out.say(
            Finding::key(section, KEY, "AuthPassword stores what a token card shows anew each time")
                .help("remove it, or set TokenCard to 0")
                .related(section.span_of("TokenCard"), "a token card is asked for")
                .unsafe_remove("remove AuthPassword"),
        );
    }
}

pub(super) static CCP: Rule = Rule {
    code: Code::new("ppp.ccp"),
    level: Level::Warning,
    title: "Encryption of PPTP in L2TP",
    what: prose(
        "CCPEnabled, CCPMPPE40Enabled or CCPMPPE128Enabled is 1 in the PPP dictionary of an L2TP connection. Of a PPTP \
           one only that it is PPTP is told.",
    ),
    why: prose(
        "CCP and MPPE encrypt PPTP. L2TP is encrypted by the IPsec connection around it, so the keys do nothing; MPPE is \
          broken besides.",
    ),
    mend: prose("Remove the three keys."),
    source: "Apple device-management schema: PPP.CCPEnabled (for PPTP)",
    check: Check::Profile(ccp),
};

fn ccp(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in ppp(cx) {
        for key in ["CCPEnabled", "CCPMPPE40Enabled", "CCPMPPE128Enabled"] {
            if section.is_on(key) {
                out.say(
                    Finding::key(section, key, format!("{key} is for PPTP and does nothing with L2TP"))
                        .help("remove it: IPsec encrypts")
                        .safe_remove(format!("remove {key}")),
                );
            }
        }
    }
}
