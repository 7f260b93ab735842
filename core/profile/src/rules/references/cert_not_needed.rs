//! `ref.cert-not-needed`.

use super::index::{CERTIFICATE_KEY, Holder};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.cert-not-needed"),
    level: Level::Warning,
    title: "An identity is named that the method does not use",
    what: prose(
        "PayloadCertificateUUID stands beside an AuthenticationMethod that uses no certificate: Password for an app's \
           VPN (also when the key is missing, since Password is the default), SharedSecret for IPSec, SharedSecret or \
           None without ExtendedAuthEnabled for IKEv2; or beside DNSProtocol Cleartext.",
    ),
    why: prose("The identity is not presented. Whoever wrote the profile most likely believes that it is."),
    mend: prose(
        "Set AuthenticationMethod to Certificate when the identity is to authenticate (for IKEv2 with EAP-TLS: \
           ExtendedAuthEnabled 1); else remove PayloadCertificateUUID.",
    ),
    source: "Apple device-management schema: AuthenticationMethod and PayloadCertificateUUID of VPN, IPSec, IKEv2, \
             TransparentProxy and DNS",
    check: Check::Profile(check),
};

const METHOD: &str = "AuthenticationMethod";

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let references = cx.references();
    for (holder, reference) in &references.certificates {
        let Some(reason) = unused(*holder, &reference.section) else { continue };
        // One that leads nowhere is told by `ref.cert-missing`.
        if references.payload(reference.uuid.value).is_none() {
            continue;
        }
        let message = format!("{CERTIFICATE_KEY} is not used: {reason}");
        let mut finding = Finding::value(&reference.section, CERTIFICATE_KEY, message)
            .help("choose a method that uses the certificate, or remove the reference");
        if *holder == Holder::App {
            finding = finding.fix(Fix::not_safe(
                "set AuthenticationMethod to Certificate",
                to_certificate(&reference.section),
            ));
        }
        out.say(finding);
    }
}

fn to_certificate(section: &Section<'_>) -> Change {
    if section.has(METHOD) {
        return Change::Replace { path: section.path_of(METHOD).steps(), value: "Certificate".into() };
    }
    Change::Insert { path: section.path().steps(), key: METHOD.into(), value: "Certificate".into() }
}

/// Why an identity is not used; `None` when it is, or when that cannot be said.
fn unused(holder: Holder, section: &Section<'_>) -> Option<&'static str> {
    let method = section.str(METHOD).map(|method| method.value);
    let is = |word: &str| method.is_some_and(|method| method.eq_ignore_ascii_case(word));
    match holder {
        Holder::App if is("Password") => Some("AuthenticationMethod is Password"),
        Holder::App if !section.has(METHOD) => Some("AuthenticationMethod is Password by default"),
        Holder::Ipsec if is("SharedSecret") => Some("AuthenticationMethod is SharedSecret"),
        Holder::Ikev2 if !section.is_off("ExtendedAuthEnabled") => None,
        Holder::Ikev2 if is("SharedSecret") => Some("AuthenticationMethod is SharedSecret, without EAP"),
        Holder::Ikev2 if is("None") => Some("AuthenticationMethod is None, without EAP"),
        Holder::Dns if section.str("DNSProtocol").is_some_and(|word| word.value == "Cleartext") => {
            Some("DNSProtocol is Cleartext")
        }
        _ => None,
    }
}
