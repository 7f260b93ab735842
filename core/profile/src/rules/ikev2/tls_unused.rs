//! `ikev2.tls-unused`.

use crate::rules::prelude::*;

use super::tls;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.tls-unused"),
    level: Level::Warning,
    title: "TLS versions without EAP-TLS",
    what: prose(
        "TLSMinimumVersion or TLSMaximumVersion is there, but ExtendedAuthEnabled is not 1 or there is no \
           PayloadCertificateUUID.",
    ),
    why: prose(
        "The keys are about EAP-TLS only, which needs EAP and an identity. They are ignored here: IKEv2 itself does not use \
          TLS, and they do not make the tunnel safer.",
    ),
    mend: prose("Remove them, or set up EAP-TLS: ExtendedAuthEnabled 1 with a PayloadCertificateUUID."),
    source: "Apple documentation of the VPN payload: IKEv2.TLSMinimumVersion, IKEv2.TLSMaximumVersion",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        let unused =
            tunnel.is_without_eap() || (tunnel.uses_eap() && !tunnel.holds("PayloadCertificateUUID"));
        let mut found = [tls::MINIMUM, tls::MAXIMUM].into_iter().filter(|key| settings.has(key));
        let Some(key) = found.next().filter(|_| unused) else { continue };
        let other = found.next();
        let names = other.map_or_else(|| key.to_owned(), |other| format!("{key} and {other}"));
        let remove = |key| Change::Remove { path: settings.path_of(key).steps() };
        let mut fix = Fix::safe(format!("remove {names}"), remove(key));
        let mut finding = Finding::value(settings, key, format!("{names} without EAP-TLS: ignored")).help(
            "EAP-TLS needs ExtendedAuthEnabled 1 and a PayloadCertificateUUID; else remove what is ignored",
        );
        if let Some(other) = other {
            finding = finding.related(settings.span_of(other), "this one too");
            fix = fix.and(remove(other));
        }
        out.say(finding.fix(fix));
    }
}
