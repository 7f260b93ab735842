//! `ikev2.eap-creds-unused`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.eap-creds-unused"),
    level: Level::Warning,
    title: "EAP credentials without EAP",
    what: prose("AuthName or AuthPassword is there, and ExtendedAuthEnabled is missing or 0."),
    why: prose(
        "Both keys serve EAP only and are ignored otherwise. Most often the switch was forgotten, and the server then turns \
          the device away.",
    ),
    mend: prose(
        "Set ExtendedAuthEnabled to 1 (with AuthenticationMethod None for EAP alone), or remove the credentials.",
    ),
    source: "Apple device-management schema: IKEv2.AuthName, IKEv2.AuthPassword (EAP only)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.is_without_eap()) {
        let held = |key: &&str| tunnel.holds(key);
        let mut found = ["AuthName", "AuthPassword"].into_iter().filter(held);
        let Some(key) = found.next() else { continue };
        let other = found.next();
        let settings = &tunnel.settings;
        let names = other.map_or_else(|| key.to_owned(), |other| format!("{key} and {other}"));
        let verb = if other.is_some() { "are" } else { "is" };
        let mut finding =
            Finding::value(settings, key, format!("{names} {verb} not used without ExtendedAuthEnabled"))
                .help("set ExtendedAuthEnabled to 1 for EAP, or remove the credentials");
        let remove = |key| Change::Remove { path: settings.path_of(key).steps() };
        let mut fix = Fix::not_safe("remove the unused credentials", remove(key));
        if let Some(other) = other {
            finding = finding.related(settings.span_of(other), "this one too");
            fix = fix.and(remove(other));
        }
        out.say(finding.fix(fix));
    }
}
