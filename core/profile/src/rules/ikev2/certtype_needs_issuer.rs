//! `ikev2.certtype-needs-issuer`.

use crate::rules::prelude::*;

const KEY: &str = "CertificateType";
const ISSUER: &str = "ServerCertificateIssuerCommonName";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.certtype-needs-issuer"),
    level: Level::Error,
    title: "CertificateType without the issuer's name",
    what: prose(
        "CertificateType is there and ServerCertificateIssuerCommonName is not. An error with ExtendedAuthEnabled 1, a \
           warning otherwise.",
    ),
    why: prose(
        "Apple's text on CertificateType asks for the issuer's common name whenever the type is set; its text on the issuer \
          asks for it only with EAP. With EAP the connection fails without it. Without EAP some systems get by, but most \
          working profiles set both.",
    ),
    mend: prose(
        "Add ServerCertificateIssuerCommonName with the common name of the CA that issued the server's certificate, or \
           remove CertificateType where the identity is an RSA one.",
    ),
    source: "Apple device-management schema: IKEv2.CertificateType, IKEv2.ServerCertificateIssuerCommonName",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        if !settings.has(KEY) || tunnel.holds(ISSUER) {
            continue;
        }
        let severity = if tunnel.uses_eap() { Severity::Error } else { Severity::Warning };
        let issuer = Change::set(settings, ISSUER, "NAME OF THE CA");
        let mut finding =
            Finding::value(settings, KEY, "CertificateType without ServerCertificateIssuerCommonName")
                .help("give the common name of the CA that issued the server's certificate")
                .severity(severity);
        if settings.str(KEY).is_some_and(|kind| kind.value == "RSA") {
            finding = finding.unsafe_remove("leave CertificateType out: RSA is the default");
        }
        out.say(finding.fix(Fix::display_only("add ServerCertificateIssuerCommonName", issuer)));
    }
}
