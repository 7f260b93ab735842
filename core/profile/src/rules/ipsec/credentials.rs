//! `ipsec.psk-missing`, `ipsec.cert-missing` and `ipsec.method`.

use super::frame::{METHOD, Method, SECRET, dictionaries, is_hybrid, method};
use crate::rules::prelude::*;

const CERTIFICATE: &str = "PayloadCertificateUUID";

pub(super) static PSK_MISSING: Rule = Rule {
    code: Code::new("ipsec.psk-missing"),
    level: Level::Error,
    title: "The method is a shared secret, and there is none",
    what: prose(
        "AuthenticationMethod of the IPSec dictionary is SharedSecret, or is missing and so means it, and SharedSecret is \
           missing or empty. Not said of hybrid authentication, where the server proves itself with a certificate.",
    ),
    why: prose("The machines cannot authenticate each other, and no connection is made."),
    mend: prose(
        "Add SharedSecret as data: the secret's bytes in Base64. For certificates set AuthenticationMethod to \
           Certificate.",
    ),
    source: "Apple device-management schema: IPSec.AuthenticationMethod and SharedSecret",
    check: Check::Profile(psk_missing),
};

fn psk_missing(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, ipsec) in dictionaries(cx) {
        let empty = ipsec.bytes(SECRET).is_some_and(|secret| secret.value.is_empty());
        let missing = !ipsec.is_filled(SECRET) || empty;
        if !missing || method(&ipsec) != Some(Method::SharedSecret) || is_hybrid(&ipsec) {
            continue;
        }
        let message = match (ipsec.has(SECRET), ipsec.has(METHOD)) {
            (true, _) => "SharedSecret is empty",
            (false, true) => "AuthenticationMethod is SharedSecret, and there is no SharedSecret",
            (false, false) => "without AuthenticationMethod a SharedSecret is needed, and there is none",
        };
        let help = if ipsec.is_filled(CERTIFICATE) && !ipsec.has(METHOD) {
            "an identity is named: AuthenticationMethod Certificate is most likely meant"
        } else {
            "add SharedSecret as data"
        };
        out.say(Finding::value(&ipsec, SECRET, message).help(help));
    }
}

pub(super) static CERT_MISSING: Rule = Rule {
    code: Code::new("ipsec.cert-missing"),
    level: Level::Error,
    title: "The method is a certificate, and none is named",
    what: prose(
        "AuthenticationMethod of the IPSec dictionary is Certificate, and PayloadCertificateUUID is missing or empty.",
    ),
    why: prose(
        "The device has nothing to prove itself with. The payload is refused, or every connection fails.",
    ),
    mend: prose(
        "Add the identity to the profile (pkcs12, scep, acme) and its PayloadUUID as PayloadCertificateUUID.",
    ),
    source: "Apple device-management schema: IPSec.AuthenticationMethod and PayloadCertificateUUID",
    check: Check::Profile(cert_missing),
};

fn cert_missing(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, ipsec) in dictionaries(cx) {
        if method(&ipsec) == Some(Method::Certificate) && !ipsec.is_filled(CERTIFICATE) {
            let message = "AuthenticationMethod is Certificate, and there is no PayloadCertificateUUID";
            out.say(
                Finding::value(&ipsec, CERTIFICATE, message)
                    .help("give the PayloadUUID of the identity's payload in this profile"),
            );
        }
    }
}

pub(super) static METHOD_RULE: Rule = Rule {
    code: Code::new("ipsec.method"),
    level: Level::Error,
    title: "IPSec does not know this method",
    what: prose(
        "AuthenticationMethod of the IPSec dictionary is neither SharedSecret nor Certificate. A wrong case is told by \
           value.case.",
    ),
    why: prose(
        "The words of IKEv2 and of apps (None, Password) do not exist here. The payload is refused, or no connection is \
          made.",
    ),
    mend: prose(
        "Write SharedSecret or Certificate. Name and password of the user go into XAuthName and XAuthPassword, with \
           XAuthEnabled 1, whatever the method.",
    ),
    source: "Apple device-management schema: IPSec.AuthenticationMethod; Apple's app-mapping example has None",
    check: Check::Profile(unknown_method),
};

fn unknown_method(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, ipsec) in dictionaries(cx) {
        if ipsec.str(METHOD).is_some() && method(&ipsec).is_none() {
            let message = "AuthenticationMethod of IPSec must be SharedSecret or Certificate";
            let finding = Finding::value(&ipsec, METHOD, message);
            let meant = match (ipsec.is_filled(SECRET), ipsec.is_filled(CERTIFICATE)) {
                (true, false) => Some("SharedSecret"),
                (false, true) => Some("Certificate"),
                _ => None,
            };
            out.say(match meant {
                Some(word) => finding
                    .help(format!("its credential is there: write {word}"))
                    .unsafe_replace(format!("write {word}"), word),
                None => finding.help("write one of the two, and give its credential"),
            });
        }
    }
}
