//! `ikev2.tls13-needs-27`.

use crate::rules::prelude::*;

use super::tls;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.tls13-needs-27"),
    level: Level::Target,
    title: "TLS 1.3 for EAP-TLS needs the systems of 2026",
    what: prose("TLSMinimumVersion or TLSMaximumVersion is 1.3. An error for a target before version 27."),
    why: prose(
        "The value came with the 27.0 schema. Systems before it do not have it in their list and reject the payload.",
    ),
    mend: prose("Write 1.2 for a profile that older systems are to take."),
    source: "Apple device-management schema 27.0: IKEv2.TLSMinimumVersion, IKEv2.TLSMaximumVersion",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        for key in [tls::MINIMUM, tls::MAXIMUM] {
            if tls::version(&tunnel.settings, key) != Some("1.3") {
                continue;
            }
            let before = |target: &Target| (target.version < Version::new(27, 0)).then_some(Effect::Refused);
            let Some(affected) = cx.affected(before) else { continue };
            let message = if affected.who.is_empty() {
                format!("{key} 1.3 is known since version 27 of the systems")
            } else {
                format!("{key} 1.3 is not known to {}", affected.who)
            };
            out.say(
                Finding::value(&tunnel.settings, key, message)
                    .severity(affected.severity)
                    .help("write 1.2 for older systems")
                    .unsafe_replace("write 1.2", "1.2"),
            );
        }
    }
}
