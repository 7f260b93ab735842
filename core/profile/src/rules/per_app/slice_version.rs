//! `applayer.slice-version`.

use super::per_app;
use crate::rules::prelude::*;
use crate::schema::Support;

const KEY: &str = "CellularSliceUUID";

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.slice-version"),
    level: Level::Target,
    title: "Cellular slices need iOS 18",
    what: prose(
        "A com.apple.vpn.managed.applayer payload has CellularSliceUUID, and a target is older than iOS 18, or macOS, \
           tvOS or visionOS. Without a target it is a notice.",
    ),
    why: prose("The system ignores the key, and the tunnel goes over whatever network there is."),
    mend: prose("Leave it for iPhones with iOS 18. Do not rely on the slice for the others."),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, CellularSliceUUID (supportedOS)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in per_app(cx).filter(|vpn| vpn.section().has(KEY)) {
        let key = schema::payload(crate::model::VPN_APPLAYER).and_then(|schema| schema.key(KEY));
        let ignores = |target: &Target| match key.map(|key| key.on(target.platform)) {
            Some(Support::Since { introduced, .. }) => {
                (target.version < introduced).then_some(Effect::Ignored)
            }
            Some(Support::Never) => Some(Effect::Ignored),
            _ => None,
        };
        let Some(affected) = cx.affected(ignores) else { return };
        let message = if affected.who.is_empty() {
            "CellularSliceUUID is ignored before iOS 18 and on other systems".to_owned()
        } else {
            format!("CellularSliceUUID is ignored by {}", affected.who)
        };
        out.say(
            Finding::key(vpn.section(), KEY, message)
                .severity(affected.severity)
                .help("without it the tunnel takes whatever network there is"),
        );
    }
}
