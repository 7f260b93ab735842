//! `ikev2.cert-missing`.

use crate::model::AuthenticationMethod;
use crate::rules::prelude::*;

const KEY: &str = "PayloadCertificateUUID";

/// Payloads that bring a certificate together with its private key.
const IDENTITIES: [&str; 4] = [
    "com.apple.security.pkcs12",
    "com.apple.security.scep",
    "com.apple.security.acme",
    "com.apple.ADCertificate.managed",
];

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.cert-missing"),
    level: Level::Error,
    title: "The certificate method names no identity",
    what: prose(
        "AuthenticationMethod is Certificate, ExtendedAuthEnabled is not 1, and there is no PayloadCertificateUUID. With EAP \
           the method only says how the server proves itself, and no identity is needed.",
    ),
    why: prose("The device has no key to sign with, and the system rejects the payload."),
    mend: prose(
        "Add PayloadCertificateUUID with the PayloadUUID of the pkcs12, scep or acme payload in this profile.",
    ),
    source: "Apple device-management schema: IKEv2.PayloadCertificateUUID (required with AuthenticationMethod Certificate)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let needed = tunnel.method() == Some(AuthenticationMethod::Certificate) && tunnel.is_without_eap();
        if !needed || tunnel.holds(KEY) {
            continue;
        }
        let mut finding = Finding::value(
            &tunnel.settings,
            KEY,
            "AuthenticationMethod Certificate needs a PayloadCertificateUUID",
        )
        .help("give the PayloadUUID of the identity's payload (pkcs12, scep or acme) in this profile");
        let kind = |kind: Option<&str>| kind.is_some_and(|kind| IDENTITIES.contains(&kind));
        let mut identities = cx.profile.payloads().iter().filter(|payload| kind(payload.kind()));
        // Where the profile has one identity only, it is the one that is meant.
        if let (Some(identity), None) = (identities.next(), identities.next())
            && let Some(uuid) = identity.section.str("PayloadUUID").filter(|uuid| !uuid.value.is_empty())
        {
            let change = Change::set(&tunnel.settings, KEY, uuid.value);
            finding = finding
                .related(uuid.span, "the only identity of this profile")
                .fix(Fix::not_safe("name the only identity of this profile", change));
        }
        out.say(finding);
    }
}
