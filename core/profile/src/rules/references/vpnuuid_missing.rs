//! `ref.vpnuuid-missing`.

use super::index::VPN_KEY;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.vpnuuid-missing"),
    level: Level::Error,
    title: "A VPNUUID names no per-app VPN",
    what: prose(
        "VPNUUID of an app mapping or of a mail, Exchange, CalDAV, CardDAV, LDAP, Google or subscribed-calendar account \
           equals the VPNUUID of no com.apple.vpn.managed.applayer payload in the profile. A warning where the profile \
           has no such payload at all: it may come with another profile.",
    ),
    why: prose(
        "The app or account is bound to a VPN that does not exist, and gets no connection at all or goes without the \
          tunnel.",
    ),
    mend: prose("Write the VPNUUID of the per-app VPN payload there; that is not its PayloadUUID."),
    source: "Apple device-management schema: VPNUUID of the account payloads and of \
             com.apple.vpn.managed.appmapping, AppLayerVPNMapping",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let references = cx.references();
    if references.open_targets {
        return;
    }
    let severity = if references.has_per_app() { Severity::Error } else { Severity::Warning };
    for reference in &references.vpns {
        if references.per_app(reference.uuid.value).is_some() {
            continue;
        }
        let finding =
            Finding::value(&reference.section, VPN_KEY, "VPNUUID names no per-app VPN of this profile")
                .severity(severity);
        // The commonest mistake: the payload's own UUID instead of the connection's.
        let meant = references
            .payload(reference.uuid.value)
            .filter(|(payload, _)| payload.kind() == Some(crate::model::VPN_APPLAYER))
            .and_then(|(payload, _)| payload.section.str(VPN_KEY));
        out.say(match meant {
            Some(uuid) => finding
                .help("this is the PayloadUUID of the per-app VPN: write its VPNUUID")
                .related(uuid.span, "this VPNUUID")
                .unsafe_replace("write its VPNUUID", uuid.value.trim()),
            None if severity == Severity::Error => {
                finding.help("write the VPNUUID of a com.apple.vpn.managed.applayer payload of this profile")
            }
            None => finding.help("the per-app VPN must come with another profile, or be added here"),
        });
    }
}
