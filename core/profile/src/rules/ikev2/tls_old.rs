//! `ikev2.tls-old`.

use crate::rules::prelude::*;

use super::tls;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.tls-old"),
    level: Level::Notice,
    title: "EAP-TLS allows TLS 1.0 or 1.1",
    what: prose("With EAP-TLS, TLSMinimumVersion is 1.0 or 1.1, or TLSMaximumVersion is."),
    why: prose(
        "RFC 8996 withdrew both versions, and current servers refuse them. Writing an old minimum gains nothing over leaving \
          the key out; an old maximum keeps current servers from being reached.",
    ),
    mend: prose("Write 1.2 for the minimum, and 1.2 or later for the maximum."),
    source: "RFC 8996; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    // Without EAP-TLS ikev2.tls-unused speaks.
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.may_use_eap_tls()) {
        let old = |key: &&str| tls::version(&tunnel.settings, key).is_some_and(|version| version < "1.2");
        // An old maximum is the worse of the two, and the minimum cannot be above it.
        let Some(key) = [tls::MAXIMUM, tls::MINIMUM].into_iter().find(old) else { continue };
        let message = if key == tls::MAXIMUM {
            "TLSMaximumVersion keeps EAP-TLS to versions that RFC 8996 withdrew"
        } else {
            "TLSMinimumVersion allows versions of TLS that RFC 8996 withdrew"
        };
        let finding = Finding::value(&tunnel.settings, key, message);
        out.say(finding.help("write 1.2").unsafe_replace("write 1.2", "1.2"));
    }
}
