//! `ikev2.tls-version-order`.

use crate::rules::prelude::*;

use super::tls;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.tls-version-order"),
    level: Level::Error,
    title: "TLSMinimumVersion is above TLSMaximumVersion",
    what: prose(
        "TLSMinimumVersion names a later version of TLS than TLSMaximumVersion. A missing minimum is 1.0, a missing maximum \
           1.2.",
    ),
    why: prose("There is no version left that EAP-TLS could use, so the connection fails."),
    mend: prose(
        "Raise TLSMaximumVersion, or lower TLSMinimumVersion; 1.2 for both is right for most servers.",
    ),
    source: "Apple device-management schema: IKEv2.TLSMinimumVersion (default 1.0), IKEv2.TLSMaximumVersion (default 1.2); \
             own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        // A value that is unusable is judged elsewhere.
        let read = |key, default| if settings.has(key) { tls::version(settings, key) } else { Some(default) };
        let (Some(least), Some(most)) = (read(tls::MINIMUM, "1.0"), read(tls::MAXIMUM, "1.2")) else {
            continue;
        };
        if least <= most {
            continue;
        }
        let given = settings.has(tls::MAXIMUM);
        let message = if given {
            format!("TLSMinimumVersion {least} is above TLSMaximumVersion {most}")
        } else {
            format!("TLSMinimumVersion {least} is above TLSMaximumVersion, which is {most} when missing")
        };
        let mut finding = Finding::value(settings, tls::MINIMUM, message).help("raise TLSMaximumVersion");
        if given {
            finding = finding.related(settings.span_of(tls::MAXIMUM), "the maximum is set here");
        }
        let change = Change::set(settings, tls::MAXIMUM, least);
        out.say(finding.fix(Fix::not_safe(format!("set TLSMaximumVersion to {least}"), change)));
    }
}
